"""Codes of the items of a registry: single ones, ranges and lists, as manuals print them. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ANY = "*"
"""What stands for every code that is not named."""
BLANK = "blank"
"""What stands for an item that is not filled in."""
_NUMBER = re.compile(r"([A-Za-z]*)([0-9]{1,9}(?:\.[0-9]{1,9})?)")


class CodeProblem(ValueError):
    """A text that is no code, range or list of them; its text says why."""


def number_of(code: str) -> tuple[str, float] | None:
    """Return the letters before a number and the number, or None when a code is no number.

    Example:
        >>> number_of("A0.1"), number_of("007"), number_of("XXX.1")
        (('a', 0.1), ('', 7.0), None)
    """
    match = _NUMBER.fullmatch(code)
    return (match[1].casefold(), float(match[2])) if match else None


@dataclass(frozen=True, slots=True)
class Span:
    """The codes from one number to another, both included, with the same letters before them."""

    letters: str
    low: float
    high: float
    whole: bool
    """Whether only whole numbers are codes."""

    def holds(self, number: tuple[str, float]) -> bool:
        """Say whether a number is one of them."""
        letters, value = number
        fits = letters == self.letters and self.low <= value <= self.high
        return fits and (value.is_integer() or not self.whole)


class Codes:
    """A set of codes, written as the manuals write them.

    A code of figures is the same with or without the zeros before it, because extracts lose them. `M1*` is
    every code that begins so.

    Example:
        >>> codes = Codes("C500-C506, C508, cM1*")
        >>> "C504" in codes, "C507" in codes, "cM1b" in codes, "8" in Codes("08")
        (True, False, True, True)
    """

    __slots__ = ("_beginnings", "_numbers", "_spans", "_texts", "written")

    def __init__(self, written: str) -> None:
        """Read a list.

        Raises:
            CodeProblem: a part of it is no code and no range.
        """
        self.written = written
        self._texts: set[str] = set()
        self._numbers: set[tuple[str, float]] = set()
        self._spans: list[Span] = []
        self._beginnings: tuple[str, ...] = ()
        for part in (part.strip() for part in str(written).split(",")):
            self._add(part)

    def _add(self, part: str) -> None:
        """Take one part of the list."""
        low, dash, high = part.partition("-")
        if not part:
            raise CodeProblem(f'"{self.written}" holds an empty code')
        if part.endswith(ANY):
            self._beginnings += (part[:-1].casefold(),)
        elif dash:
            self._spans.append(_span(part, low, high))
        elif (number := number_of(part)) is not None:
            self._numbers.add(number)
        else:
            self._texts.add(part.casefold())

    def __contains__(self, code: str) -> bool:
        """Say whether a code is one of them."""
        text = code.casefold() or BLANK
        number = number_of(code)
        if number is not None and (
            number in self._numbers or any(span.holds(number) for span in self._spans)
        ):
            return True
        return text in self._texts or (bool(self._beginnings) and text.startswith(self._beginnings))

    def ends(self) -> Iterator[str]:
        """Give the codes at the ends of every part, for tests of the boundaries."""
        for part in (part.strip() for part in self.written.split(",")):
            yield from (end for end in part.partition("-")[::2] if end and not end.endswith(ANY))


def _span(part: str, low: str, high: str) -> Span:
    """Return a range."""
    first, last = number_of(low.strip()), number_of(high.strip())
    if first is None or last is None or first[0] != last[0] or first[1] > last[1]:
        raise CodeProblem(f'"{part}" is no range of codes; write the lower first, as in 01-89')
    return Span(first[0], first[1], last[1], "." not in part)


def filled(value: Any, code: str) -> Any:
    """Return a value with the code or its number put in.

    `{n}` is the number of the code without its letters; alone, it is the number itself.

    Example:
        >>> filled("{n}", "007"), filled(">={n}", "A0.1"), filled("{code}", "pT1c"), filled("x", "1")
        (7, '>=0.1', 'pT1c', 'x')
    """
    if not isinstance(value, str) or "{" not in value:
        return value
    found = number_of(code)
    number: int | float | None = None
    if found is not None:
        number = int(found[1]) if found[1].is_integer() else found[1]
    if value == "{n}":
        return number
    return value.replace("{n}", str(number)).replace("{code}", code)


def first_holding(tables: Mapping[Codes, Any], code: str) -> Any:
    """Return what the first set of codes that has a code stands for; None when none has it."""
    return next((found for codes, found in tables.items() if code in codes), None)
