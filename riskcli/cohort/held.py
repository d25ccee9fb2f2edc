"""Which counts of a whole are not printed, so that no small one can be worked out. Knows no patients.

A count below the least is printed as `<5`. Where the whole is known, the others would give it away, so others
are held back with it, as `>=5`: enough of them that each small count may still be any number from 1 to 4.
Where that cannot be had, no count of the whole is printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

Shown = int | str | None
"""A count as it is printed: itself, `<5`, `>=5`, or None where nothing is to be said of it."""


def number(count: int, least: int) -> int | str:
    """Return a count, or a text when it is too small.

    Example:
        >>> number(3, 5), number(0, 5), number(1200, 5)
        ('<5', 0, 1200)
    """
    return f"<{least}" if 0 < count < least else count


def part(count: int, whole: int, least: int) -> int | str:
    """Return the count of a part of a known whole, or a text when it or the rest is too small.

    Example:
        >>> part(3, 40, 5), part(38, 40, 5), part(20, 40, 5), part(40, 40, 5)
        ('<5', '>35', 20, 40)
    """
    return f">{whole - least}" if 0 < whole - count < least <= count else number(count, least)


@dataclass(frozen=True)
class Held:
    """The counts of the parts of a whole that is known.

    Example:
        >>> Held({"low": 40, "intermediate": 4, "high": 5, "very high": 0}, least=5).all()
        {'low': 40, 'intermediate': '<5', 'high': '>=5', 'very high': 0}
        >>> Held({"low": 3, "intermediate": 3, "high": 0}, least=5).all()
        {'low': None, 'intermediate': None, 'high': None}
    """

    counts: Mapping[str, int]
    least: int
    rest: int | None = None
    """What of the whole is in none of the parts and never printed; None when the parts are all of it."""

    @cached_property
    def _small(self) -> list[str]:
        """The parts that are too small to print."""
        return [name for name, count in self.counts.items() if 0 < count < self.least]

    @cached_property
    def _with(self) -> Sequence[str] | None:
        """The parts that are held back with the small ones; None where no number of them is enough."""
        return next((others for others in self._others() if self._hides(others)), None) if self._small else ()

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The parts that are not printed: the small ones, and those held back with them."""
        return frozenset(self.counts if self._with is None else (*self._small, *self._with))

    def _others(self) -> Iterator[Sequence[str]]:
        """Give what might be held back: nothing, one part, the smallest first, or the largest together."""
        large = sorted(
            (name for name, count in self.counts.items() if count >= self.least), key=self.counts.__getitem__
        )
        if self.rest is not None:
            yield ()
        yield from ((name,) for name in large)
        yield from accumulate([name] for name in reversed(large))

    def _hides(self, others: Sequence[str]) -> bool:
        """Say whether each small part may be as large as a small part can be, when others are held back."""
        unknown = sum(self.counts[name] for name in (*self._small, *others)) + (self.rest or 0)
        return unknown >= len(self._small) * (self.least - 1) + len(others) * self.least

    def shown(self, name: str) -> Shown:
        """Return a count as it is printed."""
        if self._with is None:
            return None
        return f">={self.least}" if name in self._with else number(self.counts[name], self.least)

    def all(self) -> dict[str, Shown]:
        """Return every count as it is printed."""
        return {name: self.shown(name) for name in self.counts}
