"""Statements to the fields of one table: which of them are taken, and what is said of the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from riskcli.case import CaseReader
from riskcli.interop.fhir_choice import BIOPSY, OPERATION, Told, choose, latest_of, sources
from riskcli.interop.fhir_codes import FhirCodes, Finding, Joined, Way, Word
from riskcli.interop.fhir_meaning import Meanings
from riskcli.interop.fhir_setting import Sample
from riskcli.interop.fhir_values import Datum, before, days_between
from riskcli.interop.readings import Found
from riskcli.values import UNKNOWN
from riskcli.words import say

Value = Word | float | list[Word | float]
_ONE_DAY = 1
_ELSEWHERE = ("nodes", "spread")
"""The kinds of specimen that are not the tumour."""


@dataclass
class Findings:
    """What is read of one person, for one table."""

    codes: FhirCodes
    reader: CaseReader
    cancer: str
    data: Mapping[str, Sequence[Datum]]
    """The statements by code."""
    operations: Sequence[str] = ()
    """The days of the operations that removed cancer, the first one first."""
    treated: str = ""
    """The day of the operation, where treatment came before it: what was found earlier holds no more."""
    found: list[Found] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make ready what reads single statements."""
        self.meanings = Meanings(self.codes, self.reader, self.notes, self.note)

    # ---- what is known of fields

    def uses(self, name: str) -> bool:
        """Say whether the table takes notice of a field."""
        return name in self.reader.used

    def has(self, name: str) -> bool:
        """Say whether a field has a value already."""
        return any(item.field == name for item in self.found)

    def takes(self, name: str, value: object) -> bool:
        """Say whether the table's reader takes a value for a field."""
        return self.meanings.takes(name, value)

    def note(self, key: str, **values: object) -> None:
        """Say something of the reading, once."""
        said = say(f"fhir.{key}", **values)
        if said not in self.notes:
            self.notes.append(said)

    def add(self, name: str, value: Value, source: str, reference: str | None = None) -> None:
        """State the value of a field."""
        self.found.append(Found(name, value, source, reference))

    def all_of(self, codes: Iterable[str]) -> Iterator[tuple[str, Datum]]:
        """Give the statements of some codes, each once."""
        seen: set[int] = set()
        for code in codes:
            for datum in self.data.get(code, ()):
                if id(datum) not in seen:
                    seen.add(id(datum))
                    yield code, datum

    def specimen(self, name: str, codes: Iterable[str]) -> Iterator[tuple[str, Datum]]:
        """Give the statements of some codes that tell what the operation found."""
        for code, told in self.all_of(codes):
            datum = self._of_operation(told)
            if self.holds(name, code, datum):
                yield code, datum

    def holds(self, name: str, code: str, datum: Datum) -> bool:
        """Say whether a statement tells what the operation found; what is left out is said.

        A biopsy does not, nor does what was found earlier.
        """
        kind = datum.sample.kind if datum.sample else ""
        key = "biopsy" if kind == BIOPSY else self._stale(datum, kind)
        if key and self.uses(name):
            self.note(key, field=name, source=datum.source(code))
        return not key

    def _of_operation(self, datum: Datum) -> Datum:
        """Return a statement as one of the last operation before it, where several were and none is named."""
        done = [day for day in self.operations if before(day, datum.date)]
        if datum.sample or len(self.operations) < 2 or not done:
            return datum
        shown = say("fhir.of_operation", day=done[-1])
        return replace(datum, sample=Sample(shown, shown, OPERATION, done[-1]))

    def _stale(self, datum: Datum, kind: str) -> str:
        """Say whether a statement is about what was there before the operation or the treatment before it."""
        first = self.treated or next(iter(self.operations), "")
        if kind == OPERATION or not first or not before(datum.day, first):
            return ""
        if (days_between(datum.day, first) or 0) <= _ONE_DAY:  # it may be the same one in another time zone
            return ""
        return "stale" if self.treated else "before_operation"

    # ---- one finding

    def read(self, finding: Finding) -> None:
        """Read one field, where the table has it and nothing gave it yet."""
        fits = not finding.cancers or self.cancer in finding.cancers
        if not (fits and self.uses(finding.field)) or self.has(finding.field):
            return
        told = [(way, found) for way in finding.ways if (found := self._way(finding, way))]
        winning = [item for _, group in told for item in group if item.value == finding.wins]
        if winning:
            told = [(finding.ways[0], winning)]
        decided = [pair for pair in told if any(item.value != UNKNOWN for item in pair[1])]
        if ordered := decided or told:
            self._of_ways(finding, ordered, [group for _, group in told])
        elif finding.joined:
            self._join(finding)

    def _of_ways(
        self, finding: Finding, ordered: Sequence[tuple[Way, list[Told]]], told: Sequence[list[Told]]
    ) -> None:
        """State a field by the first way that decides; of ways that stand side by side, any may hold."""
        (first, taken), *others = ordered
        beside = [group for way, group in others if first.beside and way.beside]
        latest = [item for group in (taken, *beside) for item in choose(group, last=True).taken]
        if beside and len({item.value for item in latest}) > 1:
            self.note("ways_differ", field=finding.field, listed=sources(latest))
            self._state(finding.field, latest)
            taken = latest
        else:
            self.take(finding.field, taken, finding)
        self._others(finding.field, taken, [group for group in told if group[0] not in taken])

    def _way(self, finding: Finding, way: Way) -> list[Told]:
        """Return the values that one way gives."""
        if way.cancers and self.cancer not in way.cancers:
            return []
        told = []
        for name, datum in self._statements(finding, way.codes):
            if datum.answer is None and (datum.unstated or name not in finding.asserted):
                continue
            if not self._in_time(finding, name, datum):
                continue
            value = self.meanings.value_of(finding, way, name, datum)
            if value is not None and (not way.states or value in way.states):
                told.append(Told(value, datum, name))
        return told

    def _statements(self, finding: Finding, codes: Iterable[str]) -> Iterator[tuple[str, Datum]]:
        """Give the statements of some codes that tell a field."""
        found = self.specimen(finding.field, codes) if finding.specimen else self.all_of(codes)
        for name, datum in found:
            key = ""
            if finding.specimen and datum.imaging:
                key = "imaging"
            elif finding.tumour and datum.sample and datum.sample.kind in _ELSEWHERE:
                key = "elsewhere"
            if key and datum.answer:
                self.note(key, field=finding.field, source=datum.source(name))
            elif not key:
                yield name, datum

    def _in_time(self, finding: Finding, name: str, datum: Datum) -> bool:
        """Say whether a statement was made on the side of the operation that the field is about."""
        if finding.when is None:
            return True
        first, last = (self.operations or ("", ""))[0], (self.operations or ("", ""))[-1]
        sides = before(datum.day, first), before(datum.day, last)
        if None in sides:
            key = "no_side" if self.operations else "no_operation"
            self.note(key, source=datum.source(name), name=datum.reference)
            return False
        return bool(sides[0]) if finding.when == "before_surgery" else not sides[1]

    # ---- several statements

    def take(self, name: str, told: Sequence[Told], finding: Finding | None = None) -> None:
        """State a field by the statements that count; of several values, any may hold."""
        largest = finding is not None and finding.largest
        choice = choose(told, last=finding is None or finding.last, days=not largest)
        values = list(dict.fromkeys(item.value for item in choice.taken))
        if len(values) > 1 and finding and finding.once in values:
            values = [finding.once]
        numbers = [value for value in values if isinstance(value, int | float)]
        if 1 < len(values) == len(numbers) and largest:
            values = [max(numbers)]
        used = [item for item in choice.taken if item.value in values]
        for key, others in (("later", choice.earlier), ("of_biopsy", choice.biopsies)):
            if left := [item for item in others if item.value not in values]:
                self.note(key, field=name, source=used[0].source, left=sources(left))
        if unlike := [item for item in choice.taken if item not in used]:
            key = "largest" if largest else "other_specimen"
            self.note(key, field=name, source=used[0].source, left=sources(unlike))
        if len(values) > 1:
            key = "specimens" if choice.specimens > 1 else "conflict"
            self.note(key, field=name, listed=sources(choice.taken))
        self._state(name, used)

    def _state(self, name: str, used: Sequence[Told]) -> None:
        """State a field by statements, any of which may hold."""
        values = list(dict.fromkeys(item.value for item in used))
        value: Value = values[0] if len(values) == 1 else list(values)
        self.add(name, value, sources(used), used[0].datum.reference)

    def _others(self, name: str, taken: Sequence[Told], left: Sequence[Sequence[Told]]) -> None:
        """Say what another way would have given, where that is something else."""
        values = {item.value for item in taken}
        others = [item for group in left for item in latest_of(group) if item.value not in {*values, UNKNOWN}]
        if others:
            self.note("other_way", field=name, source=taken[0].source, left=sources(others))

    def _join(self, finding: Finding) -> None:
        """State a field by several observations together, as a report prints them."""
        parts = [told for part in finding.joined if (told := self._part(finding, part))]
        if parts:
            value = " ".join(str(told.value) for told in parts)
            if self.takes(finding.field, value):
                self.add(
                    finding.field, value, "; ".join(told.source for told in parts), parts[0].datum.reference
                )
            else:
                self.note("unread", field=finding.field, source=sources(parts), name=parts[0].datum.reference)

    def _part(self, finding: Finding, part: Joined) -> Told | None:
        """Return what one of several observations says, as a report prints it."""
        told = []
        for name, datum in self._statements(finding, part.codes):
            if datum.answer and (value := self.meanings.printed(part, datum.answer)):
                told.append(Told(value, datum, name))
        return latest_of(told)[0] if told else None
