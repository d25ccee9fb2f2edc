"""Statements to the fields of one table: which is taken, in which form, and what is said of the others.

What a value may be is asked of the table's own readers; here nothing is judged, only carried over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from riskcli.case import CaseReader
from riskcli.errors import listed
from riskcli.interop.fhir_choice import BIOPSY, OPERATION, Told, choose, latest_of, sources
from riskcli.interop.fhir_codes import FhirCodes, Finding, Joined, Score, Way, Word
from riskcli.interop.fhir_values import Answer, Datum, Span, before, in_bands
from riskcli.interop.readings import Found
from riskcli.values import UNKNOWN, ValueProblem
from riskcli.words import say

Value = Word | float | list[Word | float]
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
    treated: bool = False
    """Whether treatment came before the operation: what was found before it holds no more."""
    found: list[Found] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    # ---- what is known of fields

    def uses(self, name: str) -> bool:
        """Say whether the table takes notice of a field."""
        return name in self.reader.used

    def has(self, name: str) -> bool:
        """Say whether a field has a value already."""
        return any(item.field == name for item in self.found)

    def takes(self, name: str, value: object) -> bool:
        """Say whether the table's reader takes a value for a field."""
        try:
            return self.reader.readers[name].read(value).stated
        except ValueProblem:
            return False

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
        """Give the statements of some codes that tell what the operation found.

        A biopsy does not, and what was found before a treatment that came before the operation holds no more.
        """
        for code, datum in self.all_of(codes):
            kind = datum.sample.kind if datum.sample else ""
            if key := "biopsy" if kind == BIOPSY else "stale" if self._stale(datum, kind) else "":
                if self.uses(name):
                    self.note(key, field=name, source=datum.source(code))
            else:
                yield code, datum

    def _stale(self, datum: Datum, kind: str) -> bool:
        """Say whether a statement is about what there was before the treatment before the operation."""
        if not self.treated or kind == OPERATION:
            return False
        first = self.operations[0]
        return bool(before(datum.day, first)) and datum.day != first

    # ---- one finding

    def read(self, finding: Finding) -> None:
        """Read one field, where the table has it and nothing gave it yet."""
        fits = not finding.cancers or self.cancer in finding.cancers
        if not (fits and self.uses(finding.field)) or self.has(finding.field):
            return
        told = [found for way in finding.ways if (found := self._way(finding, way))]
        winning = [item for group in told for item in group if item.value == finding.wins]
        if winning:
            told = [winning]
        decided = [group for group in told if any(item.value != UNKNOWN for item in group)]
        ordered = decided or told
        if ordered:
            self.take(finding.field, ordered[0], finding)
            self._others(finding.field, ordered[0], [group for group in told if group is not ordered[0]])
        elif finding.joined:
            self._join(finding)

    def _way(self, finding: Finding, way: Way) -> list[Told]:
        """Return the values that one way gives."""
        if way.cancers and self.cancer not in way.cancers:
            return []
        told = []
        for name, datum in self._statements(finding, way.codes):
            if datum.answer is None and name not in finding.asserted:
                continue
            if not self._in_time(finding, name, datum):
                continue
            value = self._value(finding, way, name, datum)
            if value is not None:
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
            self.note("no_side", source=datum.source(name), name=datum.reference)
            return False
        return bool(sides[0]) if finding.when == "before_surgery" else not sides[1]

    def _value(self, finding: Finding, way: Way, name: str, datum: Datum) -> Word | float | None:
        """Return the value that one statement gives; says so where it gives none."""
        answer = datum.answer
        if answer is None:
            return finding.yes
        read, said = self._number if finding.read == "number" else self._words, len(self.notes)
        value = read(finding, way, name, answer)
        if value is None and not finding.quiet and len(self.notes) == said:
            self.note("unread", field=finding.field, source=datum.source(name), name=datum.reference)
        return value

    def _coded(self, finding: Finding, answer: Answer) -> Word | None:
        """Return the value that the codes of an answer stand for."""
        shared = self.codes.answers[finding.answers] if finding.answers else {}
        for values in (finding.values, shared):
            for word, codes in values.items():
                if self.codes.matching(answer.names, codes):
                    return word
        return None

    def _words(self, finding: Finding, way: Way, name: str, answer: Answer) -> Word | float | None:
        """Return a word: by its code, its truth, its text, or the number that stands for it."""
        coded = self._coded(finding, answer)
        if coded is not None and self.takes(finding.field, coded):
            return coded
        if answer.truth is not None:
            return finding.yes if answer.truth else finding.no
        if answer.span is not None:
            return self._counted(finding, way, name, answer.span, answer.unit)
        for said in answer.texts:
            match = re.search(rf"(?<![A-Za-z]){finding.pattern}", said) if finding.pattern else None
            text = match[0] if match else said
            if self.takes(finding.field, text) and not text.isdigit():
                return self._plain(finding.field, text)
        return None

    def _plain(self, name: str, text: str) -> Word:
        """Return a text as the word it stands for, where it stands for no more than that."""
        reading = self.reader.readers[name].read(text)
        return text if reading.implied or not isinstance(reading.shown, str | int) else reading.shown

    def _counted(self, finding: Finding, way: Way, name: str, span: Span, unit: str) -> Word | float | None:
        """Return the word that a number stands for: by its band, as a score, or as it is."""
        number = span.exact
        if way.bands:
            ends = {in_bands(end, way.bands) for end in _ends(span) if end is not None}
            return ends.pop() if len(ends) == 1 and None not in _ends(span) else None
        if number is None:
            return None
        if finding.score and name in finding.score.codes:
            return self._scored(finding, finding.score, number, unit)
        value = Span(number, number).entry()
        return value if self.takes(finding.field, value) else None

    def _scored(self, finding: Finding, score: Score, number: float, unit: str) -> Word | None:
        """Return the grade that a number is or leads to; a number that may be both is not read."""
        graded = in_bands(number, {score.grades: "grade"}) is not None and number == int(number)
        leads = in_bands(number, score.bands)
        if unit == score.unit or not graded:
            if leads is not None:
                self.note("score", field=finding.field, score=f"{number:g}", grade=leads)
            return leads
        if leads is not None:
            self.note("score_or_grade", field=finding.field, number=f"{number:g}")
            return None
        return int(number)

    def _number(self, finding: Finding, way: Way, name: str, answer: Answer) -> Word | float | None:
        """Return a number in the field's unit, with its bounds."""
        if (coded := self._coded(finding, answer)) is not None:
            return coded
        if answer.span is None:
            return next((said for said in answer.texts if self.takes(finding.field, said)), None)
        wanted = (self.reader.readers[finding.field].unit or "count").lower()
        factors = self.codes.units.get(wanted, {})
        unit = answer.unit.lower()
        factor = 1.0 if not unit and wanted == "count" else factors.get(unit)
        if factor is None:
            key, joint = ("unit", "and") if unit else ("no_unit", "or")
            self.note(key, field=finding.field, unit=answer.unit, known=listed(list(factors), joint))
            return None
        value = answer.span.times(factor).entry()
        if factor != 1:
            self.note("converted", field=finding.field, given=answer.shown, value=value, unit=wanted)
        return value

    # ---- several statements

    def take(self, name: str, told: Sequence[Told], finding: Finding | None = None) -> None:
        """State a field by the statements that count; of several values, any may hold."""
        choice = choose(told, last=finding is None or finding.last)
        values = list(dict.fromkeys(item.value for item in choice.taken))
        if len(values) > 1 and finding and finding.once in values:
            values = [finding.once]
        used = [item for item in choice.taken if item.value in values]
        for key, others in (("later", choice.earlier), ("of_biopsy", choice.biopsies)):
            if left := [item for item in others if item.value not in values]:
                self.note(key, field=name, source=used[0].source, left=sources(left))
        if unlike := [item for item in choice.taken if item not in used]:
            self.note("other_specimen", field=name, source=used[0].source, left=sources(unlike))
        if len(values) > 1:
            key = "specimens" if choice.specimens > 1 else "conflict"
            self.note(key, field=name, listed=sources(choice.taken))
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
            if datum.answer and (value := self._printed(part, datum.answer)):
                told.append(Told(value, datum, name))
        return latest_of(told)[0] if told else None

    def _printed(self, part: Joined, answer: Answer) -> str | None:
        """Return `L1` for an answer that says so, or that says it is present."""
        letter = part.present[0]
        for said in answer.texts:
            if match := re.match(rf"{letter}[0-2X]\b", said):
                return match[0]
        for words in self.codes.answers.values():
            for place, codes in enumerate(words.values()):
                if self.codes.matching(answer.names, codes):
                    return (part.present, part.absent, None)[place]
        return None


def _ends(span: Span) -> tuple[float | None, float | None]:
    """Return both ends of a number."""
    return span.low, span.high
