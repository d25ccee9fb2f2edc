"""The resources of many patients, put together patient by patient. Bounded memory, nothing left behind.

What does not fit into memory goes to a file that SQLite makes for itself and takes away from its directory at
once: nobody else can open it, and it is gone when the program ends, however it ends.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from riskcli.cohort.formats import refused
from riskcli.errors import CaseError
from riskcli.interop.fhir_file import LIMITS
from riskcli.records import parse_again
from riskcli.words import say

Resource = Mapping[str, Any]

PATIENT = "Patient"
KINDS = frozenset(
    {
        PATIENT,
        "BodyStructure",
        "Condition",
        "DiagnosticReport",
        "MedicationAdministration",
        "MedicationRequest",
        "MedicationStatement",
        "Observation",
        "Procedure",
        "Specimen",
    }
)
"""The types of resources that tell of a cancer; the many others of an export are passed over."""
_SUBJECT = ("subject", "patient")
_URN = "urn:uuid:"
_HISTORY = "/_history/"
_CACHE = "PRAGMA cache_size = -8000"
"""What is kept in memory, in thousands of bytes."""
_KIND = 0xFF
"""The part of SQLite's codes that tells kinds of errors apart."""
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
_MADE = "CREATE TABLE resource (patient TEXT, place INTEGER, parts INTEGER, body BLOB)"
_ADDED = "INSERT INTO resource VALUES (?, ?, ?, ?)"
_SORTED = "CREATE INDEX by_patient ON resource (patient)"
_ORDER = """
    SELECT patient, sum(length(body)), sum(parts) FROM resource GROUP BY patient
    ORDER BY min(place) IS NULL, min(place), min(rowid)
"""
"""Patients in the order of their own resources; those that have none come last, as they were mentioned."""
_OF_ONE = "SELECT body FROM resource WHERE patient = ? ORDER BY rowid"


class Together(NamedTuple):
    """One patient."""

    patient: str
    resources: list[Resource]
    refused: CaseError | None = None


class PatientIndex:
    """Resources as they come; then patients, each with their resources in the order in which these came.

    Example:
        >>> index = PatientIndex()
        >>> for resource in (
        ...     {"resourceType": "Observation", "subject": {"reference": "Patient/b"}},
        ...     {"resourceType": "Patient", "id": "a"},
        ...     {"resourceType": "Patient", "id": "b"},
        ... ):
        ...     index.add(resource)
        >>> [(patient, len(resources)) for patient, resources, _ in index.patients()]
        [('a', 1), ('b', 2)]
    """

    def __init__(self) -> None:
        """Begin with none.

        Raises:
            CaseError: there is no room for temporary files.
        """
        self.strays = 0
        """How many resources name no patient."""
        self._places = 0
        with _said():
            self._base = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            for command in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", _CACHE, _MADE, "BEGIN"):
                self._base.execute(command)

    def add(self, resource: Resource, body: bytes | None = None) -> None:
        """Take a resource; `body` is its JSON where that is at hand.

        Raises:
            CaseError: there is no room for temporary files.
        """
        kind = resource.get("resourceType")
        if kind not in KINDS:
            return
        patient = patient_of(resource)
        if patient is None:
            self.strays += 1
            return
        place = None
        if kind == PATIENT:
            place, self._places = self._places, self._places + 1
        data = json.dumps(resource).encode() if body is None else body
        with _said():
            self._base.execute(_ADDED, (patient, place, parts_of(data), data))

    def patients(self) -> Iterator[Together]:
        """Give the patients, when all resources were taken.

        Raises:
            CaseError: there is no room for temporary files.
        """
        try:
            with _said():
                self._base.execute("COMMIT")
                self._base.execute(_SORTED)
                order = self._base.execute(_ORDER)
            for patient, size, parts in order:
                if too_much(size, parts):
                    yield Together(patient, [], too_large())
                else:
                    bodies = self._base.execute(_OF_ONE, (patient,))
                    yield Together(patient, [parse_again(body) for (body,) in bodies])
        finally:
            self._base.close()


def parts_of(data: bytes) -> int:
    """Return how many objects and lists JSON may hold: they take more memory than their bytes.

    Example:
        >>> parts_of(b'{"a": [1, {}]}')
        3
    """
    return data.count(b"{") + data.count(b"[")


def too_much(size: int, parts: int) -> bool:
    """Say whether there is more of one patient than is read."""
    return size > LIMITS.bytes or (LIMITS.parts is not None and parts > LIMITS.parts)


def too_large() -> CaseError:
    """Say that there is too much of one patient."""
    return refused(say("fhir_cohort.large", most=LIMITS.bytes // 1_000_000, parts=f"{LIMITS.parts:,}"))


@contextmanager
def _said() -> Iterator[None]:
    """Say what is wrong with temporary files in a sentence."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & _KIND not in _NO_ROOM:
            raise  # our bug
        raise refused(say("fhir_cohort.no_room")) from None


def patient_of(resource: Resource) -> str | None:
    """Return the id of the patient that a resource is about; None where it names none.

    Example:
        >>> patient_of({"resourceType": "Patient", "id": "7"})
        '7'
        >>> patient_of({"resourceType": "Observation", "subject": {"reference": "http://a/Patient/7/_history/2"}})
        '7'
    """
    if resource.get("resourceType") == PATIENT:
        return _id(resource.get("id"))
    for key in _SUBJECT:
        subject = resource.get(key)
        if isinstance(subject, Mapping) and (found := patient_id(subject.get("reference"))):
            return found
    return None


def patient_id(reference: object) -> str | None:
    """Return the id of the patient that a reference or an address means; None where it means none.

    Example:
        >>> patient_id("Patient/7"), patient_id("urn:uuid:7"), patient_id("Group/7")
        ('7', '7', None)
    """
    if not isinstance(reference, str):
        return None
    if reference.startswith(_URN):
        return _id(reference.removeprefix(_URN))
    *before, last = reference.partition(_HISTORY)[0].split("/")
    return _id(last) if before[-1:] == [PATIENT] else None


def _id(found: object) -> str | None:
    """Return what is an id."""
    return found if isinstance(found, str) and found else None
