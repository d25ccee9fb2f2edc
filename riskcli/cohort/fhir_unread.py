"""What could not be read of FHIR, as rows of its own that say where it stands and why. Bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from riskcli.case import REF
from riskcli.cohort.fhir_lines import Line
from riskcli.cohort.formats import refused
from riskcli.errors import CaseError
from riskcli.interop.readings import Found, Reading
from riskcli.records import writable
from riskcli.words import say

STANDARD = "FHIR R4"
MOST_KEPT = 2_000
"""How many lines that cannot be read have a row each; the others of a file have one together."""


@dataclass(slots=True)
class _More:
    """Lines of one file that have a row together."""

    first: Line
    last: int
    count: int = 1


class Unread:
    """Lines that could not be read.

    Example:
        >>> unread = Unread()
        >>> unread.add(Line("in/Patient.ndjson", 7, refused("in/Patient.ndjson, line 7 is not JSON"), b""))
        >>> [(reading.record["ref"], str(reading.refused)) for reading in unread.readings("the line")]
        [('Patient.ndjson, line 7', 'the line is not JSON')]
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.count = 0
        self._kept: list[Line] = []
        self._more: dict[str, _More] = {}

    @property
    def first(self) -> CaseError | None:
        """What is wrong with the first of them."""
        return self._kept[0].wrong if self._kept else None

    def add(self, line: Line) -> None:
        """Take a line that is wrong."""
        self.count += 1
        if len(self._kept) < MOST_KEPT:
            self._kept.append(line)
        elif (more := self._more.get(line.file)) is None:
            self._more[line.file] = _More(line._replace(found=None), line.number)
        else:
            more.last = line.number
            more.count += 1

    def readings(self, it: str) -> Iterator[Reading]:
        """Give a row for each of them, or for those of a file together; `it` is what a line is called."""
        for line in self._kept:
            if line.wrong is not None:
                yield not_read(line.ref, line.where, line.wrong, it)
        for more in self._more.values():
            ref = say("fhir_cohort.lines", first=more.first.ref, last=f"{more.last:,}")
            why = say("fhir_cohort.more_unread", number=f"{more.count:,}")
            yield named(Reading(STANDARD, refused=refused(why)), ref)


def not_read(ref: str, name: str, error: CaseError, it: str) -> Reading:
    """Return the reading of what could not be read at all.

    Its name stands in `ref` and not in the sentence: sentences are counted and printed, and a file may have
    a person's name. `it` stands there instead.

    Example:
        >>> error = refused("a/Eva.json is empty")
        >>> reading = not_read("Eva.json", "a/Eva.json", error, "the bundle")
        >>> reading.record, str(reading.refused)
        ({'ref': 'Eva.json'}, 'the bundle is empty')
    """
    said = [replace(one, message=one.message.replace(name, it)) for one in error.problems]
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
