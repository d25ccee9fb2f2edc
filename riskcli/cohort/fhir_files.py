"""Files of FHIR to patients, one after the other: bundles in a directory, bundles in lines, or a bulk export.

What cannot be read has a row of its own, with the reason: a bundle in its place, a line of a bulk export
after the patients, because nobody knows whose it is. Then every patient may lack something, which is said. A
file that cannot be opened or unpacked, or that is no FHIR at all, is refused. Bounded memory.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from riskcli.cohort.fhir_bundles import BUNDLE, by_patient, resources_of
from riskcli.cohort.fhir_index import PatientIndex
from riskcli.cohort.fhir_lines import PIECE, Line, kind_of_line, lines_of, of_export, parsed
from riskcli.cohort.fhir_unread import STANDARD, Unread, named, not_read
from riskcli.cohort.formats import refused
from riskcli.cohort.streams import Stream
from riskcli.errors import CaseError
from riskcli.interop.fhir_file import LIMITS
from riskcli.interop.readings import Reading
from riskcli.records import STDIN, called, unreadable
from riskcli.words import counted, say, say_many

Read = Callable[[Any], Reading]
"""Reads a bundle, or a list of resources, of one patient."""

_LINES = (".ndjson", ".jsonl")
_ONE = (".json",)
_PACKED = ".gz"


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
    lost: int = 0
    """How many lines of a bulk export could not be read: nobody knows whose they are."""
    _before: int = 0
    _stream: Stream | None = None

    def done(self) -> int:
        """Return how many bytes were read."""
        return self._before + (self._stream.done() if self._stream else 0)

    def notes(self) -> list[str]:
        """Return what is to be said of the whole, when everything was read."""
        found = [say("fhir_cohort.strays", number=counted(self.strays, "resource"))] if self.strays else []
        return [*found, *([say_many("fhir_cohort.lost", self.lost)] if self.lost else [])]

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
        lines = [name for name in lines if _size(name)] if any(map(_size, lines)) else lines
        if not lines and not ones:
            raise refused(say("fhir_cohort.nothing", name=self.path))
        return lines, ones

    def _opened(self, name: str, piece: int | None = None) -> Stream:
        """Open the next file."""
        self._before, self._stream = self.done(), None
        self._stream = Stream(name, called(name), piece)
        return self._stream

    # ---- bundles, one a file

    def _of_bundles(self, names: Sequence[str]) -> Iterator[Reading]:
        """Give the readings of a directory of bundles."""
        for name in names:
            try:
                found = parsed(self._bytes(name), name)
            except CaseError as error:
                yield not_read(Path(name).name, name, error, say("fhir_cohort.it"))
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
        unread = Unread()
        first = _first(lines, unread)
        if first is None:
            raise unread.first or refused(say("fhir_cohort.nothing", name=self.path))
        whole = itertools.chain([first], lines)
        if kind_of_line(first.found) == BUNDLE and all(map(_holds_bundles, names[1:])):
            return self._of_bundle_lines(whole, unread)
        return self._of_resources(whole, unread)

    def _lines(self, names: Sequence[str]) -> Iterator[Line]:
        """Give each line that is not empty."""
        for name in names:
            yield from lines_of(self._opened(name, PIECE))

    def _of_bundle_lines(self, lines: Iterable[Line], unread: Unread) -> Iterator[Reading]:
        """Give the readings of bundles in lines, after those that could not be read before the first."""
        it = say("fhir_cohort.it")
        yield from unread.readings(it)
        for line in lines:
            if line.wrong is not None:
                yield not_read(line.ref, line.where, line.wrong, it)
            else:
                yield from self._of_one(line.found, line.ref)

    def _of_resources(self, lines: Iterable[Line], unread: Unread) -> Iterator[Reading]:
        """Give the readings of the patients of a bulk export, then what could not be read."""
        index = PatientIndex()
        for line in lines:
            _index(index, line, unread)
        self.strays, self.lost = index.strays, unread.count
        notes = (say("fhir_cohort.may_lack"),) if unread.count else ()
        for patient, resources, error in index.patients():
            reading = Reading(STANDARD, refused=error) if error else self._read(resources)
            yield named(replace(reading, notes=(*notes, *reading.notes)) if notes else reading, patient)
        yield from unread.readings(say("fhir_cohort.it_line"))


def _first(lines: Iterator[Line], unread: Unread) -> Line | None:
    """Return the first line that holds a resource, which tells what the lines are; keep those before it."""
    for line in lines:
        if kind_of_line(line.found) is not None:
            return line
        unread.add(of_export(line))
    return None


def _holds_bundles(name: str) -> bool:
    """Say whether the first resource of a file is a bundle, if it has one."""
    first = _first(lines_of(Stream(name, called(name), PIECE)), Unread())
    return first is None or kind_of_line(first.found) == BUNDLE


def _index(index: PatientIndex, line: Line, unread: Unread) -> None:
    """Take a line of a bulk export.

    Raises:
        CaseError: there is no room for temporary files.
    """
    line = of_export(line)
    if line.wrong is not None:
        unread.add(line)
    elif kind_of_line(line.found) == BUNDLE:
        for resource in resources_of(line.found):
            index.add(resource)
    else:
        index.add(line.found, line.data)


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
