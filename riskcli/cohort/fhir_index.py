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
from riskcli.records import MOST_BYTES
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
_MADE = "CREATE TABLE resource (patient TEXT, place INTEGER, body BLOB)"
_ADDED = "INSERT INTO resource VALUES (?, ?, ?)"
_SORTED = "CREATE INDEX by_patient ON resource (patient)"
_ORDER = """
    SELECT patient, sum(length(body)) FROM resource GROUP BY patient
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
        with _said():
            self._base.execute(
                _ADDED, (patient, place, json.dumps(resource).encode() if body is None else body)
            )

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
            for patient, size in order:
                if size > MOST_BYTES:
                    problem = refused(say("fhir_cohort.large", most=MOST_BYTES // 1_000_000))
                    yield Together(patient, [], problem)
                else:
                    bodies = self._base.execute(_OF_ONE, (patient,))
                    yield Together(patient, [json.loads(body) for (body,) in bodies])
        finally:
            self._base.close()


@contextmanager
def _said() -> Iterator[None]:
    """Say what is wrong with temporary files in a sentence."""
    try:
        yield
    except sqlite3.Error:
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
