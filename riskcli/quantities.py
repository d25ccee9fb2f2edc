"""Numbers as reports, laboratories and spreadsheets write them. Never guesses: what is unclear is refused.

"<0.1", "4+", "1-3" and "25 mm" are read; "2.5 cm" for millimetres, "3/12", "1-Mar", "2,5" and a registry's 99
are turned away with the sentence that says what to write instead.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NoReturn

from riskcli.conditions import (
    NOT_DONE,
    ConditionError,
    Domain,
    Entry,
    Number,
    number,
    parse_entry,
    parse_span,
    plain,
)
from riskcli.errors import quoted
from riskcli.words import any_of, say

_MONTH = (
    r"(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?"
    r"|nov(ember)?|dec(ember)?)\.?"
)
_YEAR = r"(19|20)\d{2}"
_DATE = re.compile(
    rf"\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}([T ].*)?|\d{{1,2}}([/.-])\d{{1,2}}\2({_YEAR}|\d{{2}})"
    rf"|{_YEAR}[-/]\d{{1,2}}|\d{{1,2}}[-/]{_YEAR}"
    rf"|\d{{1,4}}[ -]?{_MONTH}([ -]?\d{{2,4}})?|{_MONTH}[ -]?\d{{1,4}}",
    re.I,
)
_DAY_NUMBERS = range(36_526, 60_000)
"""What spreadsheets count the days of this century as."""
_REGISTRY_CODE = re.compile(r"9[5-9]|9[89]\d|9{4,}|8{2,}")
_EXPONENT = re.compile(r"\d+(\.\d+)?e[+-]?\d+", re.I)
_NO_ZERO = re.compile(r"(?<![\d.])\.(?=\d)")
_HYPHEN_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:-|to)\s*(\d+(?:\.\d+)?)", re.I)
_OUT_OF = re.compile(r"(\d+)\s*(?:/|of|out of)\s*(\d+)", re.I)
_COMMA = re.compile(r"([<>=\s]*)(\d{1,3}(?:,\d{3})+|\d+,\d+)(\+?)")
_WITH_UNIT = re.compile(r"(.*[\d+])\s*(per cent|[a-zµμ%][a-zµμ%/]*)", re.I)
_RANGE_LIKE = re.compile(r"[<>=]*\s*\d[\d.]*\s*(\.\.\s*<?\s*\d[\d.]*)?\+?")
_RAISED = re.compile("[⁰¹²³⁴-⁹₀-₉]")
_MANY_DIGITS = 30
_FEW = 10
"""A field with fewer whole numbers than this is worded as a list of them."""


class ValueProblem(ValueError):
    """The value cannot be read; the message says what would be right."""


@dataclass(frozen=True)
class NumberReader:
    """Reads the numbers of one field."""

    name: str
    cancer: str
    domain: Domain
    unit: str | None = None

    @property
    def few(self) -> bool:
        """Whether the allowed values are so few that they are listed."""
        return self.domain.integer and self.domain.high - self.domain.low < _FEW

    def number(self, raw: int | float) -> tuple[Entry, Number]:
        """Read a number.

        Raises:
            ValueProblem: it is not one of the field's numbers.
        """
        if isinstance(raw, float) and not math.isfinite(raw):
            kind = "NaN" if math.isnan(raw) else say("value.infinity")
            raise ValueProblem(say("value.not_finite", given=kind))
        if not self.domain.low <= raw <= self.domain.high:
            self._outside(raw)
        if self.domain.integer and raw != int(raw):
            raise ValueProblem(say("value.not_whole", given=plain(raw), allowed=self.allowed()))
        value = int(raw) if raw == int(raw) else raw
        return parse_entry(value, self.domain), value

    def text(self, text: str, given: str) -> tuple[Entry, Number | str]:
        """Read a number, a range or a bound written as text; `given` is quoted in the sentences.

        The traps of `refuse_traps` are looked for before.

        Raises:
            ValueProblem: it is none of these, or outside the field's numbers.
        """
        text = _NO_ZERO.sub("0.", self._without_unit(text, given))
        if _EXPONENT.fullmatch(text):
            return self.number(float(text))
        if match := _HYPHEN_RANGE.fullmatch(text):
            text = f"{match[1]}..{match[2]}"
        elif match := _OUT_OF.fullmatch(text):
            self._out_of(match, given)
        try:
            value = number(text)
        except ValueError:
            return self._span(text, given)
        return self.number(value)

    def refuse_traps(self, text: str, given: str) -> None:
        """Refuse what a spreadsheet or a typesetter makes of a number.

        Raises:
            ValueProblem: it is a date, or holds raised figures, which would be read as plain ones.
        """
        if _DATE.fullmatch(text):
            raise ValueProblem(say("value.date", given=quoted(given), allowed=self.allowed()))
        if _RAISED.search(given):
            raise ValueProblem(say("value.raised", given=quoted(given)))

    def _without_unit(self, text: str, given: str) -> str:
        """Drop the field's own unit; refuse another one."""
        match = _WITH_UNIT.fullmatch(text)
        if not match or not self.unit:
            return text
        unit = match[2].lower().replace("per cent", "percent").replace("%", "percent").replace("μ", "µ")
        if unit == self.unit.lower():
            return match[1].strip()
        if (unit, self.unit) != ("cm", "mm"):
            raise ValueProblem(say("value.other_unit", given=quoted(given), unit=self.unit))
        mm = re.sub(r"[0-9]+(?:[.][0-9]+)?", _tenfold, match[1].replace(",", ".")).strip()
        raise ValueProblem(say("value.rewritten.centimetres", given=quoted(given), millimetres=mm))

    def _out_of(self, match: re.Match[str], given: str) -> NoReturn:
        """Refuse two numbers that may be a count out of a total."""
        if self.name.startswith("nodes_"):
            message = say("value.rewritten.out_of", given=quoted(given), positive=match[1], examined=match[2])
            raise ValueProblem(message)
        raise ValueProblem(say("value.part_or_two", given=quoted(given), allowed=self.allowed()))

    def _span(self, text: str, given: str) -> tuple[Entry, str]:
        """Read a range or a bound."""
        try:
            span = parse_span(text, self.domain)
        except ConditionError:
            raise ValueProblem(self._no_span(text, given)) from None
        return Entry(spans=(span,)), re.sub(r"^([\d.]+)\+$", r">=\1", text.replace(" ", ""))

    def _no_span(self, text: str, given: str) -> str:
        """Say what a text that is no number and no range would have had to be."""
        shown, compact = quoted(given), text.replace(" ", "")
        if match := _COMMA.fullmatch(text):
            return self._without_comma(match, shown)
        allowed = self.allowed()
        if re.fullmatch(r"-\d+(\.\d+)?", compact):
            return say("value.below", given=shown, end=plain(self.domain.low), allowed=allowed)
        if re.fullmatch(r"\d+(\.\d+)?", compact):  # longer than numbers are read
            return say("value.many_figures", given=shown, allowed=allowed)
        if not _RANGE_LIKE.fullmatch(text):
            return say("value.no_number", given=shown, allowed=allowed)
        ends = [float(end) for end in re.findall(r"\d+(?:\.\d+)?", text)]
        if len(ends) > 1 and ends[0] > ends[1]:
            return say("value.rewritten.backwards", given=shown, span=f"{plain(ends[1])}..{plain(ends[0])}")
        if all(self.domain.low < end < self.domain.high for end in ends):
            return say("value.holds_none", given=shown, allowed=allowed)
        return say("value.not_within", given=shown, edges=self._edges(), allowed=allowed)

    def _without_comma(self, match: re.Match[str], shown: str) -> str:
        """Say how a number with a comma is written: as a decimal or, where that may be meant, whole."""
        ahead, figures, behind = match[1].strip(), match[2], match[3]
        point = f"{ahead}{figures.replace(',', '.')}{behind}"
        whole = f"{ahead}{figures.replace(',', '')}{behind}"
        thousands = re.fullmatch(r"\d{1,3},\d{3}", figures)
        if figures.count(",") > 1 or (self.domain.integer and thousands):
            return say("value.rewritten.comma_write", given=shown, number=whole)
        if self.domain.integer:
            return say("value.comma_use", given=shown, allowed=self.allowed())
        if thousands:
            return say("value.rewritten.comma_write_or", given=shown, number=point, whole=whole)
        return say("value.rewritten.comma_write", given=shown, number=point)

    def _outside(self, raw: int | float) -> NoReturn:
        """Refuse a number that is out of range, and say when it looks like a registry's code."""
        shown = _shown(raw)
        if raw > self.domain.high and not self.few and _REGISTRY_CODE.fullmatch(shown):
            raise ValueProblem(say("value.registry_code", given=shown, end=plain(self.domain.high)))
        if self.few:
            raise ValueProblem(self.refused(shown))
        if self.domain.integer and raw in _DAY_NUMBERS:
            raise ValueProblem(say("value.date_number", given=shown, allowed=self.allowed()))
        above = raw > self.domain.high
        end = plain(self.domain.high if above else self.domain.low)
        key = "value.above" if above else "value.below"
        raise ValueProblem(say(key, given=shown, end=end, allowed=self.allowed()))

    def refused(self, shown: str) -> str:
        """Say that a value is none of the allowed ones."""
        return say("value.not_allowed", given=shown, cancer=self.cancer, allowed=self.allowed())

    def values(self) -> tuple[str, ...]:
        """Return the allowed numbers when they are few, else their range."""
        if self.few:
            return tuple(map(str, range(int(self.domain.low), int(self.domain.high) + 1)))
        return (f"{plain(self.domain.low)}..{plain(self.domain.high)}",)

    def allowed(self) -> str:
        """Word the allowed numbers."""
        more = (NOT_DONE,) if self.domain.optional else ()
        if self.few:
            return any_of([*self.values(), *more])
        key = "value.whole_from" if self.domain.integer else "value.number_from"
        number = say(key, edges=self._edges())
        return any_of([say("value.in_unit", number=number, unit=self.unit) if self.unit else number, *more])

    def _edges(self) -> str:
        """Word the least and greatest number."""
        return say("value.edges", low=plain(self.domain.low), high=plain(self.domain.high))


def _tenfold(match: re.Match[str]) -> str:
    """Return a number of centimetres in millimetres."""
    return plain(round(float(match[0]) * 10, 6))


def _shown(raw: int | float) -> str:
    """Write a number, however long it is."""
    if abs(raw) >= 10**_MANY_DIGITS:
        return say("value.so_large" if raw > 0 else "value.so_low")
    return plain(raw)
