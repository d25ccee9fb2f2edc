"""Cells and masks: the values of each field, cut once at the thresholds a table uses.

What is known about a field is a bit mask over its cells; what is known about a case is a box, one mask
per field. Knows no YAML and no medicine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from riskcli.conditions import NOT_DONE, Domain, Entry, Span, cut_line, worded

Box = tuple[int, ...]
"""One mask per field of a space, in the space's order."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one field, in order; `not_done` is the last when the field is optional.

    Example:
        >>> from riskcli.conditions import parse_entry
        >>> nodes = Domain(low=0, high=90, integer=True)
        >>> cells = Cells.cut("nodes", nodes, [parse_entry("1..3", nodes)])
        >>> cells.names, bin(cells.mask(parse_entry(">=1", nodes)))
        (('0', '1..3', '>=4'), '0b110')
    """

    field: str
    domain: Domain
    spans: tuple[Span, ...]

    @classmethod
    def cut(cls, field: str, domain: Domain, entries: Iterable[Entry]) -> Cells:
        """Cut a field's values at every threshold that the entries use."""
        return cls(field, domain, cut_line(domain, entries) if domain.numeric else ())

    @property
    def count(self) -> int:
        """How many cells there are."""
        return len(self.spans or self.domain.words) + self.domain.optional

    @property
    def full(self) -> int:
        """The mask of every cell: nothing is known."""
        return (1 << self.count) - 1

    @property
    def not_done(self) -> int:
        """The mask of the `not_done` cell; 0 when the field is not optional."""
        return 1 << (self.count - 1) if self.domain.optional else 0

    @property
    def names(self) -> tuple[str, ...]:
        """Each cell in words."""
        named = tuple(worded(span, self.domain) for span in self.spans) or self.domain.words
        return (*named, NOT_DONE) if self.domain.optional else named

    def mask(self, entry: Entry) -> int:
        """Return the cells that share a value with the entry."""
        found = self.not_done if entry.not_done else 0
        if entry.words:
            found |= sum(1 << i for i, word in enumerate(self.domain.words) if word in entry.words)
        for given in entry.spans:
            found |= sum(1 << i for i, span in enumerate(self.spans) if span.meets(given))
        return found

    def describe(self, mask: int) -> str | list[str]:
        """Word a mask: one range or word where that is possible, else a list of them.

        Example:
            >>> from riskcli.conditions import parse_entry
            >>> nodes = Domain(low=0, high=90, integer=True)
            >>> Cells.cut("nodes", nodes, [parse_entry("1..3", nodes)]).describe(0b110)
            '>=1'
        """
        parts: list[str] = []
        numbers = mask & ~self.not_done
        if self.domain.numeric:
            parts = [worded(span, self.domain) for span in joined(self.spans, numbers)]
        else:
            parts = [word for i, word in enumerate(self.domain.words) if numbers >> i & 1]
        if mask & self.not_done:
            parts.append(NOT_DONE)
        return parts[0] if len(parts) == 1 else parts


def joined(spans: Sequence[Span], mask: int) -> list[Span]:
    """Return the stretches a mask covers, neighbours joined."""
    found: list[Span] = []
    for i, span in enumerate(spans):
        if not mask >> i & 1:
            continue
        if found and found[-1].high == span.low:
            found[-1] = Span(found[-1].low, span.high)
        else:
            found.append(span)
    return found


def bits(mask: int) -> Iterator[int]:
    """Give the positions of the set bits of a mask, lowest first.

    Example:
        >>> list(bits(0b1010))
        [1, 3]
    """
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@dataclass(frozen=True)
class Space:
    """Every field of a table with its cells, in the table's order."""

    cells: tuple[Cells, ...]

    @property
    def index(self) -> dict[str, int]:
        """The place of each field."""
        return {cells.field: i for i, cells in enumerate(self.cells)}

    @property
    def full(self) -> Box:
        """The box of every case: nothing is known."""
        return tuple(cells.full for cells in self.cells)

    def box(self, masks: Mapping[str, int]) -> Box:
        """Return the box in which the named fields have these masks and the rest are open."""
        return tuple(masks.get(cells.field, cells.full) for cells in self.cells)


def meets(one: Box, other: Box) -> bool:
    """Say whether two boxes share a case."""
    return all(a & b for a, b in zip(one, other, strict=True))


def inside(one: Box, other: Box) -> bool:
    """Say whether every case of `one` lies in `other`."""
    return all(a & ~b == 0 for a, b in zip(one, other, strict=True))


def subtract(box: Box, cut: Box) -> list[Box]:
    """Return disjoint boxes that hold every case of `box` outside `cut`.

    Example:
        >>> subtract((0b11, 0b11), (0b01, 0b01))
        [(2, 3), (1, 2)]
    """
    if not meets(box, cut):
        return [box]
    left: list[Box] = []
    rest = list(box)
    for i, mask in enumerate(cut):
        outside = rest[i] & ~mask
        if outside:
            left.append((*rest[:i], outside, *rest[i + 1 :]))
            rest[i] &= mask
    return left
