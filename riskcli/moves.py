"""What would change an answer: the nearest other values of what is known, and tests that were not done.

Pure, no I/O. Every answer is exact: it is what asking for the moved case would say (see `riskcli.varied`).
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from riskcli.cells import bits
from riskcli.compiled import FIRST, LEVELS, Data
from riskcli.facts import Facts
from riskcli.reach import Reach, union_of
from riskcli.settling import Moved
from riskcli.statics import Statics, option_status
from riskcli.varied import Varied


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
        self.varied = Varied(facts)

    # ---- tests

    def tests(self, options: Sequence[Data]) -> Iterator[str]:
        """Give the tests that were not done of which one result changes the level or an option."""
        found = {option["id"]: option["status"] for option in options}
        statuses = [found.get(option_id) for option_id in self.statics.option_ids]
        for place in self.facts.absent:
            cells = range(self.statics.made[place])
            if any(self._is_changed_by(place, cell, statuses) for cell in cells):
                yield self.names[place]

    def _is_changed_by(self, place: int, cell: int, statuses: Sequence[str | None]) -> bool:
        """Say whether one result of a test changes the level or an option; never one that cannot be."""
        if not self.varied.alone(place, 1 << cell):
            moved = self.varied.asked(self.varied.at({place: 1 << cell}))
            return moved is not None and (
                level_ends(moved) != self.level_ends or _statuses(moved) != statuses
            )
        at = {place: 1 << cell}
        ends = self._level_ends_at(place, cell)
        if not ends:  # what cannot be is no result
            return False
        return ends != self.level_ends or any(
            option_status(self._ends_moved(root, at)) != status
            for root, status, fields in zip(
                self.statics.roots["option"], statuses, self.statics.option_fields, strict=True
            )
            if place in fields
        )

    # ---- findings

    def changes(self) -> Iterator[Data]:
        """Give the nearest other values of known fields under which the level would differ."""
        statics = self.statics
        concerned = self._concerned() if self.facts.known else ()
        bounds = union_of(self.facts.boxes)
        for place in self.facts.known:
            mask = bounds[place]
            if place not in concerned or mask == statics.not_done[place]:
                continue
            for cell in neighbours(statics.made[place], mask, statics.ordered[place]):
                if (place, cell) == statics.none_examined:  # it leaves the nodes unknown: no other finding
                    continue
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

    def _concerned(self) -> Collection[int]:
        """Return the fields that may move the level: by themselves, or by what is read from them."""
        if not self.facts.sound:
            return self.facts.known
        root = self.table.roots["level"]
        tested = set().union(*(reach.tested(root) for reach in self.reaches))
        return tested | self.statics.counted | self.varied.turning | self.varied.parents.keys()

    def _described(self, place: int, mask: int) -> str | list[str]:
        """Return some cells of a field in words."""
        if mask & (mask - 1):
            return self.table.space.cells[place].describe(mask)
        return self.table.names[place][mask.bit_length() - 1]

    def _level_ends_with(self, place: int, cell: int) -> int:
        """Return the levels reachable with one field moved, and what it contradicts with it.

        It is walked as long as everything moves alone, and read again where it does not.
        """
        varied, moved, freed = self.varied, {place: 1 << cell}, dict[int, int]()
        along = varied.along(place, 1 << cell)
        ends = 0
        if along:
            ends = self._ends_moved(self.table.roots["level"], moved | along)
        elif along is not None:
            ends = self._level_ends_at(place, cell)
            while not ends and varied.assumes_nothing:
                more = {} if varied.out_of_scope(moved | freed) else varied.tied(moved, moved | freed)
                if not more:
                    return 0
                freed |= more
                if not all(itertools.starmap(varied.alone, more.items())):
                    break
                ends = self._ends_moved(self.table.roots["level"], moved | freed)
        return ends or level_ends(varied.moved(varied.at(moved), freed))

    # ---- walks

    def _level_ends_at(self, place: int, cell: int) -> int:
        """Return the ends of the level with one field at a cell and nothing else moved."""
        found = 0
        for reach, trunk in zip(self.reaches, self.trunks, strict=True):
            node = trunk.get(place)
            if node is None:
                found |= reach.ends_moved(self.table.roots["level"], {place: 1 << cell})
            else:
                found |= reach.ends_below(node, cell)
        return found & ~1

    def _ends_moved(self, root: int, moved: Mapping[int, int]) -> int:
        """Return the ends of a diagram with some fields at other cells and nothing else moved."""
        found = 0
        for reach in self.reaches:
            found |= reach.ends_moved(root, moved)
        return found & ~1

    @cached_property
    def trunks(self) -> list[dict[int, int]]:
        """Where each box's cases pass through the level's diagram together."""
        return [reach.trunk(self.table.roots["level"]) for reach in self.reaches]


def level_ends(moved: Moved | None) -> int:
    """Return the ends of the level of a case whose findings were moved; 0 when there is no such case."""
    return _ends(moved, moved.table.roots["level"]) if moved else 0


def _ends(moved: Moved, root: int) -> int:
    """Return the ends of a diagram for a case whose findings were moved."""
    found = 0
    for box in moved.boxes:
        found |= Reach(moved.table.store, box).ends(root)
    return found & ~1


def _statuses(moved: Moved) -> list[str | None]:
    """Return how every option stands for a case whose findings were moved."""
    count = len(moved.table.table.get("options", ()))
    return [option_status(_ends(moved, moved.table.roots[f"option:{n}"])) for n in range(count)]


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
