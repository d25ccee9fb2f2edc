"""One value as a report writes it: to an entry of its field, or a sentence saying what would be right.

A clinical value is never guessed: what is not allowed, not a synonym in the rule files and not a range is
refused with the list of what is.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from riskcli.conditions import (
    NOT_DONE,
    ConditionError,
    Domain,
    Entry,
    number,
    parse_entry,
    parse_span,
    plain,
)
from riskcli.errors import listed

UNKNOWN = "unknown"

_REGISTRY_CODE = re.compile(r"9\d|9[89]\d|9{4,}|8{2,}")
_NUMERIC_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ].*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_NAMED_DATE = re.compile(rf"\d{{1,4}}[ -]{_MONTH}([ -]\d{{2,4}})?|{_MONTH}[ -]\d{{1,4}}", re.I)
_HYPHEN_RANGE = re.compile(r"^(\d+(?:\.\d+)?)\s*(?:-|to)\s*(\d+(?:\.\d+)?)$")
_DECIMAL_COMMA = re.compile(r"^[<>=]*\s*\d+,\d+$")
_WITH_UNIT = re.compile(r"^([<>=]*\s*[\d.]+(?:\.\.[\d.]+)?\+?)\s*([a-zµ%][a-zµ%/]*\d?)$", re.I)
_SIGNS = str.maketrans({"≥": ">=", "≤": "<=", "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-"})


class ValueProblem(ValueError):
    """The value cannot be read; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a value was read as."""

    entry: Entry | None
    """What it allows; None when it is open (unknown)."""
    shown: Any
    """The value as it is echoed."""
    implied: Mapping[str, Any] = field(default_factory=dict)
    """Values of other fields that the report's word carries with it (ypT2: treatment before surgery)."""
    stated: bool = True
    """False when the value was empty: nothing was said."""
    as_given: bool = True
    """False when a report's word was translated."""


NOTHING = Reading(None, None, stated=False)
OPEN = Reading(None, UNKNOWN)


def phrase(text: str) -> str:
    """Return a report's words as synonyms are compared: lower case, one space between words.

    Example:
        >>> phrase(" Not-identified "), phrase("pN0(i-)")
        ('not identified', 'pn0(i-)')
    """
    plain_text = unicodedata.normalize("NFKC", text).translate(_SIGNS).lower()
    return " ".join(re.sub(r"(?<=[^\W_])[-_](?=[^\W_])|_", " ", plain_text).split())


@dataclass(frozen=True)
class ValueReader:
    """Reads the values of one field.

    `synonyms` maps a phrase to a value of the field, to `unknown`, or to a map of several fields;
    `unknown` and `not_done` are the phrases for these; `prefixes` are the letters a category may carry,
    with the fields they imply.
    """

    name: str
    cancer: str
    domain: Domain
    unit: str | None = None
    synonyms: Mapping[str, Any] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset((UNKNOWN,))
    not_done: frozenset[str] = frozenset((NOT_DONE,))
    prefixes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def read(self, raw: object) -> Reading:
        """Read one value.

        Raises:
            ValueProblem: it is not allowed; the message says what is.
        Example:
            >>> reader = ValueReader("grade", "breast", Domain(low=1, high=3, integer=True))
            >>> reader.read("2..3").shown, reader.read(" ").stated
            ('2..3', False)
        """
        if raw is None:
            return NOTHING
        if isinstance(raw, str):
            return self._text(raw)
        if isinstance(raw, bool):
            raise self._refused("true" if raw else "false")
        if isinstance(raw, (int, float)):
            return self._number(raw)
        if isinstance(raw, (list, tuple)):
            return self._list(raw)
        raise self._refused("an object" if isinstance(raw, dict) else type(raw).__name__)

    def _number(self, raw: int | float) -> Reading:
        """Read a number."""
        if not self.domain.numeric:
            raise self._refused(_quoted(raw))
        if isinstance(raw, float) and not math.isfinite(raw):
            raise ValueProblem(f"{raw} is not a number that can be used; leave the field out if unknown")
        if self.domain.integer and raw != int(raw):
            raise ValueProblem(f"{_short(raw)} is not a whole number; use {self._allowed()}")
        if not self.domain.low <= raw <= self.domain.high:
            raise self._outside(_short(raw), raw)
        value = int(raw) if self.domain.integer or raw == int(raw) else raw
        return Reading(parse_entry(value, self.domain), value)

    def _list(self, raw: list[Any] | tuple[Any, ...]) -> Reading:
        """Read several values, any of which may be true."""
        parts = [self.read(item) for item in raw]
        parts = [part for part in parts if part.stated]
        if not parts:
            return NOTHING
        if any(part.entry is None for part in parts):
            return OPEN
        implied = {name: value for part in parts for name, value in part.implied.items()}
        shown = [
            item for part in parts for item in (part.shown if isinstance(part.shown, list) else [part.shown])
        ]
        entries = [part.entry for part in parts if part.entry is not None]
        entry = Entry(
            frozenset().union(*(entry.words for entry in entries)),
            tuple(span for entry in entries for span in entry.spans),
            any(entry.not_done for entry in entries),
        )
        as_given = all(part.as_given for part in parts)
        return Reading(entry, shown[0] if len(shown) == 1 else shown, implied, as_given=as_given)

    def _text(self, raw: str) -> Reading:
        """Read words: allowed values first, then the report's own words, ranges and lists."""
        text = unicodedata.normalize("NFKC", raw).translate(_SIGNS).strip()
        if not text:
            return NOTHING
        key = phrase(text)
        if key in self.synonyms:
            return self._synonym(self.synonyms[key])
        found = self._word(key) or self._prefixed(key)
        if found:
            return found
        if key in self.unknown:
            return OPEN
        if key in self.not_done:
            if self.domain.optional:
                return Reading(Entry(not_done=True), NOT_DONE)
            raise ValueProblem(f"not_done is for optional tests; leave {self.name} out, or write unknown")
        if self.domain.numeric:
            return self._numeric_text(text)
        if "/" in text or "|" in text:
            parts = [part for part in re.split(r"[/|]", text) if part.strip()]
            if len(parts) > 1:
                try:
                    return self._list(parts)
                except ValueProblem:
                    raise self._refused(_quoted(raw)) from None
        raise self._refused(_quoted(raw))

    def _word(self, key: str) -> Reading | None:
        """Match an allowed word or group, ignoring case and spacing."""
        for word in (*self.domain.words, *self.domain.groups):
            if phrase(word) == key:
                return Reading(parse_entry(word, self.domain), word)
        return None

    def _prefixed(self, key: str) -> Reading | None:
        """Match a category with the letters that say how it was found (pT2, ypT2)."""
        for letters in sorted(self.prefixes, key=len, reverse=True):
            found = self._word(key.removeprefix(letters)) if key.startswith(letters) else None
            if found:
                return Reading(found.entry, found.shown, self.prefixes[letters], as_given=False)
        return None

    def _synonym(self, value: object) -> Reading:
        """Read what a rule file says a report's word means."""
        if value == UNKNOWN:
            return Reading(None, UNKNOWN, as_given=False)
        implied: dict[str, Any] = {}
        if isinstance(value, dict):
            implied = {name: item for name, item in value.items() if name != self.name}
            value = value.get(self.name, UNKNOWN)
            if value == UNKNOWN:
                return Reading(None, UNKNOWN, implied, as_given=False)
        entry = parse_entry(value, self.domain)
        shown = value if not isinstance(value, float) or value != int(value) else int(value)
        return Reading(entry, shown, implied, as_given=False)

    def _numeric_text(self, text: str) -> Reading:
        """Read a number, a range or a bound written as text."""
        text = self._without_unit(text)
        if match := _HYPHEN_RANGE.match(text):
            text = f"{match[1]}..{match[2]}"
        elif "/" in text and not _NUMERIC_DATE.fullmatch(text):
            return self._fraction(text)
        try:
            return self._number(number(text))
        except ValueProblem:
            raise
        except ValueError:
            pass
        try:
            span = parse_span(text, self.domain)
        except ConditionError as error:
            raise self._not_numeric(text, str(error)) from None
        return Reading(Entry(spans=(span,)), re.sub(r"^([\d.]+)\+$", r">=\1", text.replace(" ", "")))

    def _fraction(self, text: str) -> Reading:
        """Read values joined by a slash, which must not be a count out of a total."""
        if self.name.startswith("nodes_"):
            raise ValueProblem(
                f"{_quoted(text)} may mean a count out of a total; write nodes_positive and nodes_examined apart"
            )
        try:
            return self._list([part.strip() for part in text.split("/")])
        except ValueProblem:
            raise self._refused(_quoted(text)) from None

    def _without_unit(self, text: str) -> str:
        """Drop the field's own unit; refuse another one."""
        match = _WITH_UNIT.match(text)
        if not match or not self.unit:
            return text
        unit = match[2].lower().replace("%", "percent")
        if unit == self.unit.lower():
            return match[1].strip()
        if unit == "cm" and self.unit == "mm":
            try:
                hint = f" ({plain(round(float(match[1]) * 10, 6))})"
            except ValueError:
                hint = ""
            raise ValueProblem(f"{_quoted(text)} is in cm; write it in mm{hint}")
        return text

    def _not_numeric(self, text: str, why: str) -> ValueProblem:
        """Say what a text that is no number would have had to be."""
        if _NUMERIC_DATE.fullmatch(text) or _NAMED_DATE.fullmatch(text):
            return ValueProblem(
                f"{_quoted(text)} looks like a date; a spreadsheet may have changed the value: write {self._allowed()}"
            )
        if _DECIMAL_COMMA.match(text):
            return ValueProblem(f"{_quoted(text)} has a comma; write {text.replace(',', '.')} with a point")
        if re.match(r"^-\d", text) and re.fullmatch(r"-[\d.]+", text):
            return ValueProblem(f"{_short(text)} is below {plain(self.domain.low)}; use {self._allowed()}")
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return self._outside(_short(text), math.inf)
        if "outside" in why or "holds no value" in why:
            return ValueProblem(f"{_quoted(text)} is not within what is allowed; use {self._allowed()}")
        return ValueProblem(f"{_quoted(text)} is not a number; use {self._allowed()}")

    def _outside(self, shown: str, value: int | float) -> ValueProblem:
        """Say that a number is out of range, and when it looks like a registry's code."""
        high = plain(self.domain.high)
        if value > self.domain.high and _REGISTRY_CODE.fullmatch(shown) and self.domain.high > 9:
            return ValueProblem(
                f"{shown} is above {high} and looks like a registry code; map it (unknown is written unknown)"
            )
        if self.domain.integer and self.domain.high - self.domain.low < 10:
            return self._refused(shown)
        edge = f"above {high}" if value > self.domain.high else f"below {plain(self.domain.low)}"
        return ValueProblem(f"{shown} is {edge}; use {self._allowed()}")

    def _refused(self, shown: str) -> ValueProblem:
        """Say that a value is not one of the few allowed."""
        return ValueProblem(
            f"{shown} is not allowed for {self.cancer}; use {self._allowed()} (leave it out if unknown)"
        )

    def allowed(self) -> tuple[str, ...]:
        """Return the allowed values when they are few, else the range."""
        if not self.domain.numeric:
            values = [*self.domain.words, *self.domain.groups]
        elif self.domain.integer and self.domain.high - self.domain.low < 10:
            values = [str(value) for value in range(int(self.domain.low), int(self.domain.high) + 1)]
        else:
            values = [f"{plain(self.domain.low)}..{plain(self.domain.high)}"]
        return (*values, NOT_DONE) if self.domain.optional else tuple(values)

    def _allowed(self) -> str:
        """Word what is allowed."""
        if self.domain.numeric and not (self.domain.integer and self.domain.high - self.domain.low < 10):
            kind = "a whole number" if self.domain.integer else "a number"
            unit = f" {self.unit}" if self.unit else ""
            more = f" or {NOT_DONE}" if self.domain.optional else ""
            return f"{kind} {plain(self.domain.low)} to {plain(self.domain.high)}{unit}{more}"
        return listed(self.allowed())


def _quoted(value: object) -> str:
    """Quote what was given, shortened, on one line and without control characters."""
    text = value if isinstance(value, str) else str(value)
    clean = "".join(char if char.isprintable() else " " for char in text)
    return f'"{_cut(clean)}"' if isinstance(value, str) else _cut(clean)


def _short(value: object) -> str:
    """Write a number shortened."""
    try:
        text = plain(value) if isinstance(value, float) else str(value)
    except ValueError:  # an integer with more digits than Python prints
        return "a huge number"
    return _cut(text)


def _cut(text: str) -> str:
    """Shorten a text that would fill the screen."""
    return text if len(text) <= 40 else f"{text[:37]}..."
