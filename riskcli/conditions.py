"""One entry of a `when`: what it says about one field. Knows no rows and no medicine.

A number line is cut at *cuts*: `(4, 0)` lies just before 4 and `(4, 1)` just after it, so every open or
closed range is a pair of cuts and a single point is the pair on both sides of it. On a line of whole
numbers every cut is written as the one before the next whole number: `(4, 1)` becomes `(5, 0)`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

Number = int | float
Cut = tuple[Number, int]

NOT_DONE = "not_done"
"""The value of an optional test that was not made."""

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_BOUND = re.compile(rf"^(>=|<=|>|<)\s*({_NUMBER})$")
_RANGE = re.compile(rf"^(>?)\s*({_NUMBER})\s*\.\.\s*(<?)\s*({_NUMBER})$")
_AT_LEAST = re.compile(rf"^({_NUMBER})\+$")


class ConditionError(ValueError):
    """The entry cannot be read for its field; the message says what would be right."""


class Span(NamedTuple):
    """A stretch of the number line between two cuts; never empty.

    Example:
        >>> Span((1, 0), (3, 1)).meets(Span((3, 0), (9, 0)))
        True
    """

    low: Cut
    high: Cut

    def meets(self, other: Span) -> bool:
        """Say whether the two stretches share a value."""
        return self.low < other.high and other.low < self.high


@dataclass(frozen=True, slots=True)
class Domain:
    """The values one field may take.

    Either `words` (a word field, leaf words in order), or a closed range `low..high` of numbers, cut into
    whole numbers when `integer`. `optional` adds the value `not_done`.
    """

    words: tuple[str, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    low: Number = 0
    high: Number = 0
    integer: bool = False
    optional: bool = False

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers."""
        return not self.words

    @property
    def span(self) -> Span:
        """The whole number line of the field."""
        return Span((self.low, 0), self.cut(self.high, 1))

    def cut(self, value: Number, after: int) -> Cut:
        """Return the cut just before (0) or after (1) `value` on this field's line."""
        if not self.integer:
            return value, after
        whole = math.floor(value)
        return (whole, 0) if value == whole and not after else (whole + 1, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one entry allows: some words, or some stretches, and perhaps `not_done`."""

    words: frozenset[str] = frozenset()
    spans: tuple[Span, ...] = ()
    not_done: bool = False

    def cuts(self) -> Iterable[Cut]:
        """Give the cuts at which the field's number line must be divided for this entry."""
        for span in self.spans:
            yield span.low
            yield span.high

    def meets(self, other: Entry) -> bool:
        """Say whether another entry of the same field allows something that this one allows.

        Example:
            >>> field = Domain(low=0, high=90, integer=True)
            >>> parse_entry("1..3", field).meets(parse_entry(">=3", field))
            True
            >>> parse_entry(0, field).meets(parse_entry(">=3", field))
            False
        """
        if self.words & other.words or (self.not_done and other.not_done):
            return True
        return any(a.low < b.high and b.low < a.high for a in self.spans for b in other.spans)


def parse_entry(raw: object, domain: Domain) -> Entry:
    """Read one entry of a `when`, or a value known only in part.

    `raw` is a word, a group, a number, a range `1..3`, a bound `>=4` or `4+`, `not_done`, or a list of
    these (any of them).

    Raises:
        ConditionError: it cannot be read for this field, or lies outside its values.
    Example:
        >>> parse_entry("1..3", Domain(low=0, high=90, integer=True)).spans
        (Span(low=(1, 0), high=(4, 0)),)
        >>> sorted(parse_entry("T1", Domain(words=("T1a", "T1b"), groups={"T1": ("T1a", "T1b")})).words)
        ['T1a', 'T1b']
    """
    if isinstance(raw, (list, tuple)):
        if not raw:
            raise ConditionError("the list is empty")
        parts = [parse_entry(item, domain) for item in raw]
        return Entry(
            frozenset().union(*(part.words for part in parts)),
            tuple(span for part in parts for span in part.spans),
            any(part.not_done for part in parts),
        )
    if domain.optional and raw == NOT_DONE:
        return Entry(not_done=True)
    return Entry(spans=(parse_span(raw, domain),)) if domain.numeric else _word(raw, domain)


def _word(raw: object, domain: Domain) -> Entry:
    """Read a word or a group of words."""
    if isinstance(raw, str):
        if raw in domain.words:
            return Entry(frozenset((raw,)))
        if raw in domain.groups:
            return Entry(frozenset(domain.groups[raw]))
    allowed = [*domain.words, *domain.groups, *([NOT_DONE] if domain.optional else [])]
    raise ConditionError(f"{raw!r} is not one of {', '.join(allowed)}")


def parse_span(raw: object, domain: Domain) -> Span:
    """Read a number, a range or a bound as a stretch of the field's number line.

    Raises:
        ConditionError: it is none of these, or lies outside the field's values.
    """
    if isinstance(raw, str):
        bounds = _bounds(raw.strip(), domain)
    elif isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) < math.inf:
        bounds = (raw, 0), (raw, 1)
    else:
        raise ConditionError(f"{raw!r} is not a number or a range")
    if not all(domain.low <= value <= domain.high for value, _ in bounds):
        raise ConditionError(f"{raw!r} lies outside {plain(domain.low)}..{plain(domain.high)}")
    found = Span(*(domain.cut(value, after) for value, after in bounds))
    if found.low >= found.high:
        raise ConditionError(f"{raw!r} holds no value")
    return found


def _bounds(text: str, domain: Domain) -> tuple[Cut, Cut]:
    """Read the grammar of ranges; open ends reach the ends of the field's values."""
    try:
        return _read_bounds(text, (domain.low, 0), (domain.high, 1))
    except ValueError:
        raise ConditionError(f"{text!r} is not a number or a range") from None


def _read_bounds(text: str, low: Cut, high: Cut) -> tuple[Cut, Cut]:
    """Read a bound, a range or a single number; `ValueError` when it is none of these."""
    if match := _BOUND.match(text):
        value = number(match[2])
        return {
            ">=": ((value, 0), high),
            ">": ((value, 1), high),
            "<=": (low, (value, 1)),
            "<": (low, (value, 0)),
        }[match[1]]
    if match := _AT_LEAST.match(text):
        return (number(match[1]), 0), high
    if match := _RANGE.match(text):
        return (number(match[2]), 1 if match[1] else 0), (number(match[4]), 0 if match[3] else 1)
    value = number(text)
    return (value, 0), (value, 1)


def number(text: str) -> Number:
    """Read a plain decimal number; whole numbers stay whole.

    Raises:
        ValueError: the text is anything else.
    Example:
        >>> number("12"), number("2.50")
        (12, 2.5)
    """
    if not re.fullmatch(_NUMBER, text) or len(text) > 30:
        raise ValueError(text)
    value = float(text)
    return int(value) if value.is_integer() else value


def plain(value: Number) -> str:
    """Write a number without a needless fraction.

    Example:
        >>> plain(5.0), plain(0.2)
        ('5', '0.2')
    """
    return str(int(value)) if value == int(value) else str(value)


def worded(span: Span, domain: Domain) -> str:
    """Word a stretch as conditions are worded.

    Example:
        >>> nodes = Domain(low=0, high=90, integer=True)
        >>> worded(Span((4, 0), (91, 0)), nodes), worded(Span((0, 0), (1, 0)), nodes)
        ('>=4', '0')
    """
    (low, after), (high, upto) = span
    starts, ends = span.low <= domain.span.low, span.high >= domain.span.high
    if domain.integer:
        high, upto = high - 1, 1
    if low == high:
        return plain(low)
    if ends and not starts:
        return f"{'>' if after else '>='}{plain(low)}"
    if starts and not ends and not domain.integer:
        return f"{'<=' if upto else '<'}{plain(high)}"
    return f"{'>' if after else ''}{plain(low)}..{'' if upto else '<'}{plain(high)}"


def cut_line(domain: Domain, entries: Iterable[Entry]) -> tuple[Span, ...]:
    """Cut a field's number line at every threshold that the entries use.

    Example:
        >>> nodes = Domain(low=0, high=90, integer=True)
        >>> cells = cut_line(nodes, [parse_entry("1..3", nodes)])
        >>> [worded(cell, nodes) for cell in cells]
        ['0', '1..3', '>=4']
    """
    cuts = set(domain.span)
    for entry in entries:
        cuts.update(entry.cuts())
    ordered = sorted(cuts)
    return tuple(Span(low, high) for low, high in pairwise(ordered))
