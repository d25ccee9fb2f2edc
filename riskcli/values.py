"""One value as a report writes it: to an entry of its field, or a sentence saying what would be right.

A clinical value is never guessed: what is not allowed, not a synonym in the rule files and not a range is
refused with the list of what is.
"""

from __future__ import annotations

import datetime
import numbers
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from riskcli.conditions import NOT_DONE, ConditionError, Domain, Entry, parse_entry, plain
from riskcli.errors import quoted
from riskcli.quantities import NumberReader, ValueProblem
from riskcli.words import any_of, say

__all__ = [
    "NOTHING",
    "OPEN",
    "UNKNOWN",
    "Reading",
    "ValueProblem",
    "ValueReader",
    "is_empty",
    "lies_within",
    "phrase",
    "plain_signs",
    "share_a_value",
]

UNKNOWN = "unknown"
_LARGE = 1_000_000
"""No number from here on is a report's word."""

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"
_SIGNS = str.maketrans({"\u2265": ">=", "\u2264": "<=", **dict.fromkeys(_DASHES, "-")})
_BETWEEN_WORDS = re.compile(r"(?<=[^\W_])[-_](?=[^\W_])|_")


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


def plain_signs(text: str) -> str:
    r"""Return a text with typographic signs and full-width figures as plain ones, trimmed.

    Example:
        >>> plain_signs(" \u22654 "), plain_signs("1\u20133")
        ('>=4', '1-3')
    """
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", text).translate(_SIGNS).strip()


def phrase(text: str) -> str:
    """Return a report's words as synonyms are compared: lower case, one space between words, no full stop.

    Example:
        >>> phrase(" Not-identified. "), phrase("pN0(i-)")
        ('not identified', 'pn0(i-)')
    """
    return " ".join(_BETWEEN_WORDS.sub(" ", plain_signs(text).lower()).rstrip(".;, ").split())


def is_empty(raw: object) -> bool:
    """Say whether a value says nothing: null, blank text, or a list of such.

    Example:
        >>> is_empty(" "), is_empty([None, ""]), is_empty(0)
        (True, True, False)
    """
    if isinstance(raw, str):
        return not raw or raw.isspace()
    return raw is None or (isinstance(raw, (list, tuple)) and all(map(_is_blank, raw)))


def _is_blank(raw: object) -> bool:
    """Say whether one item of a list says nothing."""
    return raw is None or (isinstance(raw, str) and not raw.strip())


@dataclass(frozen=True)
class ValueReader:
    """Reads the values of one field.

    `synonyms` maps a report's words to a value of the field, to `unknown`, or to a map of several fields;
    `unknown` and `not_done` are the phrases for these; `prefixes` are the letters a category may carry,
    with the fields they imply.
    """

    name: str
    cancer: str
    domain: Domain
    unit: str | None = None
    synonyms: Mapping[str, Any] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset((UNKNOWN,))
    not_done: frozenset[str] = frozenset((NOT_DONE, "not done"))
    prefixes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @cached_property
    def numbers(self) -> NumberReader:
        """The reader of this field's numbers."""
        return NumberReader(self.name, self.cancer, self.domain, self.unit)

    @cached_property
    def _phrases(self) -> dict[str, Any]:
        """The synonyms by phrase; one that stands for a value this field does not have is none here."""
        return {phrase(given): value for given, value in self.synonyms.items() if self._fits(value)}

    def _fits(self, value: object) -> bool:
        """Say whether what a synonym stands for exists in this field."""
        own = value.get(self.name, UNKNOWN) if isinstance(value, dict) else value
        try:
            return own == UNKNOWN or bool(parse_entry(own, self.domain))
        except ConditionError:
            return False

    @cached_property
    def _words(self) -> dict[str, str]:
        """The allowed words and groups by phrase."""
        return {phrase(word): word for word in (*self.domain.groups, *self.domain.words)}

    def read(self, raw: object) -> Reading:
        """Read one value.

        Raises:
            ValueProblem: it is not allowed; the message says what is.
        Example:
            >>> reader = ValueReader("grade", "breast", Domain(low=1, high=3, integer=True))
            >>> reader.read("2..3").shown, reader.read(" ").stated
            ('2..3', False)
        """
        if is_empty(raw):
            return NOTHING
        if isinstance(raw, (list, tuple)):
            return self._list(raw, raw)
        return self._one(raw)

    def _one(self, raw: object) -> Reading:
        """Read a value that is no list."""
        if isinstance(raw, str):
            return self._text(raw)
        if isinstance(raw, bool):
            raise self._refused("true" if raw else "false")
        if isinstance(raw, (int, float)):
            return self._number(raw)
        if isinstance(raw, (list, tuple)):
            raise ValueProblem(say("value.list_in_list"))
        if isinstance(raw, Mapping):
            raise self._refused(say("value.an_object"))
        if isinstance(raw, datetime.date):
            return self._text(raw.isoformat())
        if isinstance(raw, numbers.Real):  # a number of numpy's
            return self._number(int(raw) if isinstance(raw, numbers.Integral) else float(raw))
        raise self._refused(say("value.of_this_kind"))

    def _number(self, raw: int | float) -> Reading:
        """Read a number."""
        if self.domain.numeric:
            return Reading(*self.numbers.number(raw))
        key = plain(raw) if abs(raw) < _LARGE else ""
        if key in self._phrases:
            return self._synonym(self._phrases[key])
        raise self._refused(key or say("value.a_number"))

    def _list(self, items: Sequence[object], given: object) -> Reading:
        """Read several values, any of which may be true."""
        if any(map(_is_blank, items)):
            raise ValueProblem(say("value.empty_items"))
        parts = [self._one(item) for item in items]
        if any(part.entry is None for part in parts):
            return Reading(None, UNKNOWN, _implied_by_all(parts))
        shown = list(dict.fromkeys(item for part in parts for item in _items(part.shown)))
        entries = [part.entry for part in parts if part.entry is not None]
        entry = Entry(
            frozenset().union(*(entry.words for entry in entries)),
            tuple(dict.fromkeys(span for entry in entries for span in entry.spans)),
            any(entry.not_done for entry in entries),
        )
        return Reading(
            entry,
            shown[0] if len(shown) == 1 else shown,
            _implied_by_all(parts),
            as_given=all(part.as_given for part in parts),
        )

    def _text(self, raw: str) -> Reading:
        """Read words: allowed values first, then the report's own, then numbers, ranges and lists."""
        text = plain_signs(raw)
        found = self._phrase(phrase(text))
        if found:
            return found
        if self.domain.numeric:
            self.numbers.refuse_traps(text, raw)
        parts = self._parts(text)
        if len(parts) > 1:
            try:
                return self._list(parts, raw)
            except ValueProblem:
                raise self._refused(quoted(raw)) from None
        if self.domain.numeric:
            return Reading(*self.numbers.text(text, raw))
        raise self._refused(quoted(raw))

    def _phrase(self, key: str) -> Reading | None:
        """Match a phrase that stands for one thing; None when it is none that is known."""
        found = self._word(key)
        if found is None and key in self._phrases:
            found = self._synonym(self._phrases[key])
        found = found or self._prefixed(key)
        if found:
            return found
        if key in self.unknown:
            return OPEN
        if key not in self.not_done:
            return None
        if not self.domain.optional:
            raise ValueProblem(say("value.optional_only", given=key, field=self.name))
        return Reading(Entry(not_done=True), NOT_DONE)

    def _word(self, key: str) -> Reading | None:
        """Match an allowed word or group, ignoring case and spacing."""
        word = self._words.get(key)
        return Reading(parse_entry(word, self.domain), word) if word is not None else None

    def _prefixed(self, key: str) -> Reading | None:
        """Match a category with the letters that say how it was found (pT2, ypT2)."""
        for letters, implied in self.prefixes.items():
            if not key.startswith(letters):
                continue
            rest = key.removeprefix(letters).lstrip()
            found = self._word(rest)
            if found is None and rest in self._phrases:
                found = self._synonym(self._phrases[rest])
            if found:
                return Reading(found.entry, found.shown, {**found.implied, **implied}, as_given=False)
        return None

    def _synonym(self, value: object) -> Reading:
        """Read what a rule file says a report's word means."""
        implied: dict[str, Any] = {}
        if isinstance(value, dict):
            implied = {name: item for name, item in value.items() if name != self.name}
            value = value.get(self.name, UNKNOWN)
        if value == UNKNOWN:
            return Reading(None, UNKNOWN, implied, as_given=False)
        return Reading(parse_entry(value, self.domain), value, implied, as_given=False)

    def _parts(self, text: str) -> list[str]:
        """Return the values that a text joins; a slash joins none where it may mean a part of a total."""
        slash = not self.domain.numeric or self.numbers.few
        return re.split(r"[/|]" if slash else r"\|", text)

    def _refused(self, shown: str) -> ValueProblem:
        """Say that a value is not one of the allowed."""
        if self.domain.numeric:
            return ValueProblem(self.numbers.refused(shown))
        allowed = any_of(self.allowed())
        return ValueProblem(say("value.not_allowed", given=shown, cancer=self.cancer, allowed=allowed))

    def allowed(self) -> tuple[str, ...]:
        """Return the allowed values when they are few, else the range; a group stands before its members."""
        values: list[str] = []
        if self.domain.numeric:
            values += self.numbers.values()
        for word in self.domain.words:
            values += [group for group, words in self.domain.groups.items() if words[0] == word]
            values.append(word)
        return (*values, NOT_DONE) if self.domain.optional else tuple(values)


def lies_within(one: Entry, other: Entry) -> bool:
    """Say whether every value that `one` allows is allowed by `other`.

    Example:
        >>> lies_within(Entry(frozenset(("T1",))), Entry(frozenset(("T1", "T2"))))
        True
    """
    inside = [any(a.low <= b.low and b.high <= a.high for a in other.spans) for b in one.spans]
    return one.words <= other.words and one.not_done <= other.not_done and all(inside)


def share_a_value(one: Entry, other: Entry) -> bool:
    """Say whether some value is allowed by both."""
    return bool(
        one.words & other.words
        or (one.not_done and other.not_done)
        or any(a.meets(b) for a in one.spans for b in other.spans)
    )


def _items(shown: object) -> Iterable[Any]:
    """Give the values of an echo one by one."""
    return shown if isinstance(shown, list) else (shown,)


def _implied_by_all(parts: Sequence[Reading]) -> dict[str, Any]:
    """Return what every one of several readings carries with it: any of them may be the true one."""
    found: dict[str, Any] = {}
    for name in parts[0].implied:
        values = [part.implied.get(name) for part in parts]
        if None not in values:
            distinct = list(dict.fromkeys(item for value in values for item in _items(value)))
            found[name] = distinct[0] if len(distinct) == 1 else distinct
    return found
