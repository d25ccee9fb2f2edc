"""What one statement gives for a field: by its code, its truth, its words, or the number that stands for it.

Whether a value may be is asked of the table's own readers; nothing is judged here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from riskcli.case import CaseReader
from riskcli.errors import listed
from riskcli.interop.fhir_codes import Bands, FhirCodes, Finding, Joined, Score, Way, Word
from riskcli.interop.fhir_values import Answer, Datum, Span, ends_of, in_bands
from riskcli.values import ValueProblem

_BARE = re.compile(r"\s*[<>=]*\s*[0-9.,]+\s*")
"""A number in words that has no unit."""


@dataclass(frozen=True, slots=True)
class Meanings:
    """Reads single statements for one table."""

    codes: FhirCodes
    reader: CaseReader
    notes: list[str]
    """What is said of the reading."""
    note: Callable[..., None]
    """Says something of the reading, by the key of its words."""

    def takes(self, name: str, value: object) -> bool:
        """Say whether the table's reader takes a value for a field."""
        try:
            return self.reader.readers[name].read(value).stated
        except ValueProblem:
            return False

    def value_of(self, finding: Finding, way: Way, name: str, datum: Datum) -> Word | float | None:
        """Return the value that one statement gives; says so where it gives none."""
        answer = datum.answer
        if answer is None:
            return finding.yes
        read, said = self._number if finding.read == "number" else self._words, len(self.notes)
        value = read(finding, way, name, answer)
        if value is None and not (finding.quiet or way.states) and len(self.notes) == said:
            self.note("unread", field=finding.field, source=datum.source(name), name=datum.reference)
        return value

    def _coded(self, finding: Finding, way: Way, answer: Answer) -> Word | None:
        """Return the value that the codes of an answer stand for."""
        shared = self.codes.answers[finding.answers] if finding.answers else {}
        for values in (way.values, finding.values, shared):
            for word, codes in values.items():
                if self.codes.matching(answer.names, codes):
                    return word
        return None

    def _words(self, finding: Finding, way: Way, name: str, answer: Answer) -> Word | float | None:
        """Return a word: by its code, its truth, its text, or the number that stands for it."""
        coded = self._coded(finding, way, answer)
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
            ends = {in_bands(end, way.bands) for end in _ends(span, way.bands)}
            return ends.pop() if len(ends) == 1 else None
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
        if (coded := self._coded(finding, way, answer)) is not None:
            return coded
        wanted = (self.reader.readers[finding.field].unit or "count").lower()
        factors = self.codes.units.get(wanted, {})
        if answer.span is None:
            taken = next((said for said in answer.texts if self.takes(finding.field, said)), None)
            if taken is None or wanted == "count" or not _BARE.fullmatch(taken):
                return taken
            self.note("no_unit", field=finding.field, known=listed(list(factors), "or"))
            return None
        factor = self.codes.unit(wanted, answer.unit)
        if factor is None:
            key, joint = ("unit", "and") if answer.unit else ("no_unit", "or")
            self.note(key, field=finding.field, unit=answer.unit, known=listed(list(factors), joint))
            return None
        value = answer.span.times(factor).entry()
        if factor != 1:
            self.note("converted", field=finding.field, given=answer.shown, value=value, unit=wanted)
        return value

    def printed(self, part: Joined, answer: Answer) -> str | None:
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


def _ends(span: Span, bands: Bands) -> tuple[float, float]:
    """Return the least and the most that a number can be, within all of some bands."""
    low, high = ends_of(bands)
    least = low if span.low is None else math.nextafter(span.low, high) if span.above else span.low
    most = high if span.high is None else math.nextafter(span.high, low) if span.below else span.high
    return least, most
