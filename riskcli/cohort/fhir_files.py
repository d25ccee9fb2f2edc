"""Files of FHIR to patients, one after the other: bundles in a directory, bundles in lines, or a bulk export.

A bundle that cannot be read keeps its place, with the reason; a line of a bulk export that cannot be read may
belong to anybody, so the whole export is refused. Bounded memory.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from riskcli.case import REF
from riskcli.cohort.fhir_bundles import by_patient, kind_of, resources_of
from riskcli.cohort.fhir_index import (
    PatientIndex,
    parts_of,
    too_large,
    too_much,
)
from riskcli.cohort.formats import refused
from riskcli.cohort.streams import Stream, not_utf8
from riskcli.errors import CaseError
from riskcli.interop.fhir_file import LIMITS
from riskcli.interop.readings import Found, Reading
from riskcli.records import STDIN, called, parse_json, unreadable, writable
from riskcli.words import counted, say

Read = Callable[[Any], Reading]
"""Reads a bundle, or a list of resources, of one patient."""

STANDARD = "FHIR R4"
BUNDLE = "Bundle"
_LINES = (".ndjson", ".jsonl")
_ONE = (".json",)
_PACKED = ".gz"


_MOST_WRONG = 100
"""How many lines that cannot be read may come before one that can, which tells what the lines are."""


class Line(NamedTuple):
    """A line of a file."""

    where: str
    found: Any
    """What it holds, or what is wrong with it."""
    data: bytes


@dataclass
class FhirFiles:
    """The patients in a file or a directory, to be read once.

    `read` makes a reading of what one patient has.
    """

    path: str
    read: Read
    size: int | None = None
    """The bytes there are to read."""
    strays: int = 0
    """How many resources named no patient, and were left out."""
    _before: int = 0
    _stream: Stream | None = None

    def done(self) -> int:
        """Return how many bytes were read."""
        return self._before + (self._stream.done() if self._stream else 0)

    def notes(self) -> list[str]:
        """Return what is to be said of the whole, when everything was read."""
        return [say("fhir_cohort.strays", number=counted(self.strays, "resource"))] if self.strays else []

    def readings(self) -> Iterator[Reading]:
        """Give a reading for every patient.

        Raises:
            CaseError: there is nothing to read, or nothing that can be read on.
        """
        lines, ones = self._listed()
        self.size = None if self.path == STDIN else sum(map(_size, lines or ones))
        return self._of_lines(lines) if lines else self._of_bundles(ones)

    def _listed(self) -> tuple[list[str], list[str]]:
        """Return the files of lines, and those of one bundle each; an export's other files are no data."""
        if self.path == STDIN or not _is_directory(self.path):
            return ([], [self.path]) if _ends(self.path, _ONE) else ([self.path], [])
        try:
            names = sorted(str(file) for file in Path(self.path).iterdir() if file.is_file())
        except OSError as error:
            raise refused(unreadable(self.path, error)) from None
        lines, ones = ([name for name in names if _ends(name, ends)] for ends in (_LINES, _ONE))
        if not lines and not ones:
            raise refused(say("fhir_cohort.nothing", name=self.path))
        return lines, ones

    def _opened(self, name: str) -> Stream:
        """Open the next file."""
        self._before, self._stream = self.done(), None
        self._stream = Stream(name, called(name))
        return self._stream

    # ---- bundles, one a file

    def _of_bundles(self, names: Sequence[str]) -> Iterator[Reading]:
        """Give the readings of a directory of bundles."""
        for name in names:
            try:
                found = parsed(self._bytes(name), name)
            except CaseError as error:
                yield not_read(Path(name).name, name, error)
            else:
                yield from self._of_one(found, Path(name).name)

    def _bytes(self, name: str) -> bytes:
        """Return the bytes of a file that is one bundle, up to a few more than there may be."""
        stream = self._opened(name)
        found = b""
        while len(found) <= LIMITS.bytes and (data := stream.read()):
            found += data
        return found

    def _of_one(self, found: Any, ref: str) -> Iterator[Reading]:
        """Give the readings of what should be a bundle; several patients in it are told apart."""
        bundles = by_patient(found) if isinstance(found, Mapping) else {ref: found}
        for patient, bundle in bundles.items():
            yield named(self._read(bundle), patient or ref)

    def _read(self, data: Any) -> Reading:
        """Return the reading of one patient; what makes it no case stays with it."""
        try:
            return self.read(data)
        except CaseError as error:
            return Reading(STANDARD, refused=error)

    # ---- lines

    def _of_lines(self, names: Sequence[str]) -> Iterator[Reading]:
        """Give the readings of files of lines: bundles, or resources of many patients."""
        lines = self._lines(names)
        first: list[Line] = []
        for line in itertools.islice(lines, _MOST_WRONG):
            first.append(line)
            if not isinstance(line.found, CaseError):
                break
        if not first:
            raise refused(say("fhir_cohort.nothing", name=self.path))
        whole = itertools.chain(first, lines)
        return (
            self._of_bundle_lines(whole) if kind_of(first[-1].found) == BUNDLE else self._of_resources(whole)
        )

    def _lines(self, names: Sequence[str]) -> Iterator[Line]:
        """Give each line that is not empty."""
        for name in names:
            stream = self._opened(name)
            for chunk in stream.chunks(quoted=False):
                for data in chunk.removesuffix(b"\n").split(b"\n"):
                    stream.rows += 1
                    if data.strip():
                        yield _line(f"{stream.name}, {say('fhir_cohort.line', number=stream.rows)}", data)

    def _of_bundle_lines(self, lines: Iterable[Line]) -> Iterator[Reading]:
        """Give the readings of bundles in lines."""
        for where, found, _ in lines:
            if isinstance(found, CaseError):
                yield not_read(where, where, found)
            else:
                yield from self._of_one(found, where)

    def _of_resources(self, lines: Iterable[Line]) -> Iterator[Reading]:
        """Give the readings of the patients of a bulk export."""
        index = PatientIndex()
        for line in lines:
            _index(index, line)
        self.strays = index.strays
        for patient, resources, error in index.patients():
            yield named(Reading(STANDARD, refused=error) if error else self._read(resources), patient)


def _line(where: str, data: bytes) -> Line:
    """Return one line."""
    try:
        return Line(where, parsed(data, where), data)
    except CaseError as error:
        return Line(where, error, b"")


def _index(index: PatientIndex, line: Line) -> None:
    """Take a line of a bulk export.

    Raises:
        CaseError: it cannot be read: nobody knows whose it is.
    """
    if isinstance(line.found, CaseError):
        raise line.found
    if not isinstance(line.found, Mapping):
        raise refused(say("fhir_cohort.no_resource", where=line.where))
    if kind_of(line.found) == BUNDLE:
        for resource in resources_of(line.found):
            index.add(resource)
    else:
        index.add(line.found, line.data)


def not_read(ref: str, name: str, error: CaseError) -> Reading:
    """Return the reading of what could not be read at all.

    Its name stands in `ref` and not in the sentence: sentences are counted and printed, and a file may have
    a person's name.

    Example:
        >>> error = refused("a/Eva.json is empty")
        >>> reading = not_read("Eva.json", "a/Eva.json", error)
        >>> reading.record, str(reading.refused)
        ({'ref': 'Eva.json'}, 'the bundle is empty')
    """
    said = [replace(one, message=one.message.replace(name, say("fhir_cohort.it"))) for one in error.problems]
    return named(Reading(STANDARD, refused=CaseError(said)), ref)


def named(reading: Reading, ref: str) -> Reading:
    """Return a reading with a reference, its own where it has one.

    Example:
        >>> named(Reading("FHIR R4"), "a.json").record
        {'ref': 'a.json'}
    """
    if REF in reading.record:
        return reading
    ref = writable(ref)  # it may be the name of a file
    found = (*reading.found, Found(REF, ref, say("fhir_cohort.place", ref=ref)))
    return Reading(reading.standard, found, reading.notes, reading.refused, reading.context)


def _ends(name: str, ends: tuple[str, ...]) -> bool:
    """Say whether a file's name has one of several endings, packed or not."""
    return name.lower().removesuffix(_PACKED).endswith(ends)


def _is_directory(path: str) -> bool:
    """Say whether a path is a directory; a name that no file can have is none."""
    try:
        return Path(path).is_dir()
    except ValueError:
        return False


def _size(name: str) -> int:
    """Return the size of a file; what cannot be opened is refused when it is its turn."""
    try:
        return Path(name).stat().st_size
    except (OSError, ValueError):
        return 0


def parsed(data: bytes, name: str) -> Any:
    """Return what a file or line holds, within the limits of one person's record.

    Raises:
        CaseError: it is no JSON, in another encoding, or goes beyond the limits.
    """
    if too_much(len(data), parts_of(data)):
        raise too_large()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise not_utf8(name) from None
    return parse_json(text, name, LIMITS.levels)
