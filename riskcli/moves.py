"""What would change an answer: the nearest other values of what is known, and tests that were not done.

Pure, no I/O. Every answer is exact: a finding is moved, and what the moved one contradicts moves along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from riskcli.cells import bits
from riskcli.compiled import FIRST, LEVELS, Data
from riskcli.facts import Facts
from riskcli.reach import Reach, union_of
from riskcli.statics import Statics, option_status


class Moves:
    """The findings of one case moved, one at a time."""

    def __init__(self, facts: Facts, statics: Statics, reaches: Sequence[Reach], level_ends: int) -> None:
        """Look at a case; `level_ends` are the ends of its level as it is."""
        self.facts = facts
        self.table = facts.table
        self.statics = statics
        self.names = statics.names
        self.reaches = reaches
        self.level_ends = level_ends

    def tests(self, options: Sequence[Data]) -> Iterator[str]:
        """Give the optional tests that were not done and could change the level or an option."""
        statuses = {option["id"]: option["status"] for option in options}
        ids = self.statics.option_ids
        for place in self.facts.absent:
            made = {place: self.table.space.cells[place].full}
            if self._moves_level(place, made) or any(
                option_status(self._ends_moved(root, made)) != statuses.get(ids[number])
                for number, root in enumerate(self.statics.roots["option"])
                if place in self.statics.option_fields[number]
            ):
                yield self.names[place]

    def _moves_level(self, place: int, made: Mapping[int, int]) -> bool:
        """Say whether other levels are possible once a test was made."""
        if place not in self.statics.level_fields:
            return False
        return self._levels_moved(made) != self.level_ends

    def changes(self) -> Iterator[Data]:
        """Give the nearest other values of known fields under which the level would differ."""
        statics = self.statics
        tested = self._tested_for_level()
        bounds = union_of(self.facts.boxes)
        for place in self.facts.known:
            mask = bounds[place]
            if place not in tested or mask == statics.not_done[place]:
                continue
            for cell in neighbours(statics.made[place], mask, statics.ordered[place]):
                ends = self._level_ends_with(place, cell)
                if ends != self.level_ends and ends >> FIRST:
                    levels = list(bits(ends >> FIRST))
                    yield {
                        "field": self.names[place],
                        "from": self._described(place, mask),
                        "to": self.table.names[place][cell],
                        "lowest": LEVELS[levels[0]],
                        "highest": LEVELS[levels[-1]],
                    }

    def _tested_for_level(self) -> set[int]:
        """Return the fields that the level turns on for some case, with what is tied to them as counts."""
        root = self.table.roots["level"]
        tested = set().union(*(reach.tested(root) for reach in self.reaches))
        return tested | self.statics.counted if tested & self.statics.counted else tested

    def _described(self, place: int, mask: int) -> str | list[str]:
        """Return some cells of a field in words."""
        if mask & (mask - 1):
            return self.table.space.cells[place].describe(mask)
        return self.table.names[place][mask.bit_length() - 1]

    def _level_ends_with(self, place: int, cell: int) -> int:
        """Return the levels reachable with one field moved.

        Where no case is possible with it, what it contradicts (a size and its T category) would move with
        it: the fields that an impossible row ties to it are left open, but only where the row holds for
        some of the cases, and what has no order (the site of the cancer) only when nothing else helps. So
        would the other count of nodes, when it does not go with the moved one.
        """
        node = self.trunks[0].get(place) if len(self.reaches) == 1 else None
        if (
            node is not None and (place, cell) not in self.statics.counts
        ):  # most often nothing else is to move
            ends = self.reaches[0].ends_below(node, cell) & ~1
            if ends:
                return ends
        moved = {place: 1 << cell}
        return self._settled([(place, cell)], moved)

    def ends_at(self, cells: Mapping[int, int]) -> int:
        """Return the ends of the level with some fields at a cell (by number), moved as one would be."""
        return self._settled(list(cells.items()), {place: 1 << cell for place, cell in cells.items()})

    def _settled(self, wanted: Sequence[tuple[int, int]], moved: dict[int, int]) -> int:
        """Return the ends once what contradicts the moved fields has moved too; 0 when none is possible."""
        for place, cell in wanted:
            if (place, cell) in self.statics.counts:
                other, fitting = self.statics.counts[place, cell]
                moved[other] = (
                    moved[other] & fitting if other in moved else self._stated(other) & fitting or fitting
                )
                if not moved[other]:
                    return 0
        ends = self._levels_moved(moved)
        while not ends:
            tied = set().union(*(self._contradicted(place, cell, moved) for place, cell in wanted))
            if not tied:
                break
            measured = {other for other in tied if self.statics.ordered[other]}
            for other in measured or tied:
                cells = self.table.space.cells[other]
                moved[other] = cells.full & ~cells.not_done
            ends = self._levels_moved(moved)
        return ends

    def _stated(self, place: int) -> int:
        """Return the cells of a field that the record states; all of them when it states none."""
        cells = self.table.space.cells[place]
        return union_of(self.facts.boxes)[place] if place in self.facts.known else cells.full

    def _contradicted(self, place: int, cell: int, moved: Mapping[int, int]) -> set[int]:
        """Return the fields that are yet to be left open because impossible rows tie them to a moved one."""
        return {
            other
            for pairs in self.statics.linked.get((place, cell), ())
            if any(
                all(moved.get(field, box[field]) & wanted for field, wanted in pairs)
                for box in self.facts.boxes
            )
            for other, _ in pairs
            if other not in moved
        }

    def _ends_moved(self, root: int, moved: Mapping[int, int]) -> int:
        """Return the same once some fields (by number) have other cells."""
        found = 0
        for reach in self.reaches:
            found |= reach.ends_moved(root, moved)
        return found & ~1

    def _levels_moved(self, moved: Mapping[int, int]) -> int:
        """Return the ends of the level once some fields (by number) have other cells."""
        first = min(moved)
        found = 0
        for reach, trunk in zip(self.reaches, self.trunks, strict=True):
            node = trunk.get(first)
            if node is None:
                found |= reach.ends_moved(self.table.roots["level"], moved)
            elif len(moved) == 1:
                found |= reach.ends_given(node, moved[first])
            else:
                found |= reach.ends_moved(node, moved)
        return found & ~1

    @cached_property
    def trunks(self) -> list[dict[int, int]]:
        """Where each box's cases pass through the level's diagram together."""
        return [reach.trunk(self.table.roots["level"]) for reach in self.reaches]


@lru_cache(maxsize=65536)
def neighbours(count: int, mask: int, ordered: bool) -> tuple[int, ...]:
    """Return the cells next to a mask: just below and above it, or every other one without an order.

    Example:
        >>> neighbours(4, 0b0010, True), neighbours(4, 0b0010, False)
        ((0, 2), (0, 2, 3))
    """
    if not ordered:
        return tuple(cell for cell in range(count) if not mask >> cell & 1)
    inside = [cell for cell in range(count) if mask >> cell & 1]
    if not inside:
        return ()
    return tuple(cell for cell in (inside[0] - 1, inside[-1] + 1) if 0 <= cell < count)
