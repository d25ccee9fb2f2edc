"""Two versions of a table compared over every possible case. Walks their diagrams together; no I/O.

Both diagrams are lifted onto common cells (cut at the thresholds of either), so that equal answers are the
same node and only groups of cases whose answer moved are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskcli.cells import Box, Cells, Space
from riskcli.compiled import FIRST, LEVELS, Compiled
from riskcli.conditions import Domain, Entry
from riskcli.diagram import Diagram, leaf, leaf_value
from riskcli.witness import case_of

NOT_ANSWERED = "not answered"
"""What data say of a case that a version refuses, turns away or calls impossible."""
TURNED_AWAY = "turned away"
"""What becomes of a case that a table does not answer."""
ABSENT, OFFERED = "not offered", "offered"
NOT_LISTED, LISTED = "not listed as not supported", "listed as not supported"


@dataclass(frozen=True)
class Group:
    """Cases, described by a box, whose answer moved."""

    conditions: dict[str, str | list[str]]
    """What they have in common, in the tables' own terms; fields left out may be anything."""
    cells: int
    """How many combinations of cells the box holds."""
    example: dict[str, Any]
    """A case in it."""


@dataclass(frozen=True)
class Move:
    """One way in which an output changed: from what, to what, and for whom."""

    output: str
    """`likelihood`, or the id of an option."""
    before: str
    after: str
    cells: int
    """How many combinations of cells move this way."""
    groups: tuple[Group, ...]
    """The largest groups first."""


@dataclass(frozen=True)
class Difference:
    """Everything that changed for patients between two versions of a table."""

    cancer: str
    before: str | None
    """The digest of the older version, or None when there was no such table."""
    after: str | None
    moves: tuple[Move, ...]
    cells: int
    """How many combinations of cells there are in all."""

    @property
    def same(self) -> bool:
        """Whether no patient's answer changes."""
        return not self.moves and (self.before is None) == (self.after is None)


def compare(before: Compiled, after: Compiled, most_groups: int = 20) -> Difference:
    """Return every change of the level and of the options between two versions.

    `most_groups` bounds the groups that are described for each move; the counts are of all.
    """
    joint = Joint(before, after)
    moves = [*joint.moves("likelihood", "level", "level", _level_words, most_groups)]
    for kind, section, words in (
        ("option", "options", (ABSENT, OFFERED)),
        ("not", "not_supported", (NOT_LISTED, LISTED)),
    ):
        old, new = (_numbers(table, section) for table in (before, after))
        for option_id in dict.fromkeys((*old, *new)):
            roots = [
                f"{kind}:{numbers[option_id]}" if option_id in numbers else None for numbers in (old, new)
            ]
            moves += joint.moves(option_id, roots[0], roots[1], _offer_words(words), most_groups)
    return Difference(after.name, before.digest, after.digest, tuple(moves), joint.size)


def _numbers(table: Compiled, section: str) -> dict[str, int]:
    """Return the place of each option of a section."""
    return {option["id"]: number for number, option in enumerate(table.table.get(section, []))}


def _level_words(value: int) -> str:
    """Word an end of the level's diagram."""
    return LEVELS[value - FIRST] if value >= FIRST else NOT_ANSWERED


def _offer_words(words: tuple[str, str]) -> Callable[[int], str]:
    """Word an end of an option's diagram; a case that is not answered is told by the level."""
    return lambda value: words[1] if value >= FIRST else words[0]


class Joint:
    """The common cells of two versions, and a store for diagrams over them."""

    def __init__(self, before: Compiled, after: Compiled) -> None:
        """Cut every field of either version at the thresholds of both."""
        self.tables = (before, after)
        names = list(dict.fromkeys((*after.index, *before.index)))
        self.space = Space(tuple(_joint_cells(name, before, after) for name in names))
        self.store = Diagram([cells.count for cells in self.space.cells])
        self.size = 1
        for cells in self.space.cells:
            self.size *= cells.count
        self._maps = [_cell_map(table, self.space) for table in self.tables]
        self._inside = [self._box_of(side) for side in (0, 1)]

    def _box_of(self, side: int) -> int:
        """Return the diagram that is YES where a version has the value of every field it knows."""
        table, maps = self.tables[side], self._maps[side]
        masks = {
            n: sum(1 << i for i, inner in enumerate(maps[table.index[cells.field]]) if inner >= 0)
            for n, cells in enumerate(self.space.cells)
            if cells.field in table.index
        }
        return self.store.box(masks)

    def lift(self, side: int, root: int) -> int:
        """Return a diagram of one version over the common cells; cells it does not have end in leaf 0."""
        return self.store.choose(self._inside[side], self._lifted(side, root), leaf(0))

    def _lifted(self, side: int, root: int) -> int:
        """Translate a diagram of one version; a field that it does not test may have any common cell."""
        table, maps = self.tables[side], self._maps[side]
        memo: dict[int, int] = {}
        places = {
            table.index[cells.field]: n
            for n, cells in enumerate(self.space.cells)
            if cells.field in table.index
        }
        order = sorted(places, key=places.__getitem__)
        if order == sorted(order):
            return self._lift(table, root, places, maps, memo)
        return self._lift_reordered(table, root, places, maps, memo)

    def _lift(
        self,
        table: Compiled,
        ref: int,
        places: Mapping[int, int],
        maps: Mapping[int, Sequence[int]],
        memo: dict[int, int],
    ) -> int:
        """Translate node by node: the fields stand in the same order."""
        if ref < 0:
            return ref
        if ref not in memo:
            field = table.store.fields[ref]
            kids = table.store.children[ref]
            lifted = [self._lift(table, kid, places, maps, memo) for kid in kids]
            memo[ref] = self.store.node(
                places[field], tuple(lifted[cell] if cell >= 0 else leaf(0) for cell in maps[field])
            )
        return memo[ref]

    def _lift_reordered(
        self,
        table: Compiled,
        ref: int,
        places: Mapping[int, int],
        maps: Mapping[int, Sequence[int]],
        memo: dict[int, int],
    ) -> int:
        """Translate into another order of the fields, by choosing cell by cell."""
        if ref < 0:
            return ref
        if ref not in memo:
            field = table.store.fields[ref]
            root = leaf(0)
            for cell, kid in enumerate(table.store.children[ref]):
                mask = sum(1 << n for n, inner in enumerate(maps[field]) if inner == cell)
                if mask:
                    below = self._lift_reordered(table, kid, places, maps, memo)
                    root = self.store.choose(self.store.box({places[field]: mask}), below, root)
            memo[ref] = root
        return memo[ref]

    def moves(
        self, output: str, before: str | None, after: str | None, word: Callable[[int], str], most_groups: int
    ) -> Iterator[Move]:
        """Give the changes of one output."""
        lifted = [
            leaf(1) if root is None else self.lift(side, self.tables[side].roots[root])
            for side, root in enumerate((before, after))
        ]
        words: list[str] = []

        def label(value: int) -> int:
            text = word(value)
            if text not in words:
                words.append(text)
            return words.index(text)

        old, new = (self.store.relabel(root, label) for root in lifted)
        for i, before_word in enumerate(words):
            for j, after_word in enumerate(words):
                if i != j:
                    yield from self._move(output, before_word, after_word, (old, i), (new, j), most_groups)

    def _move(
        self,
        output: str,
        before: str,
        after: str,
        old: tuple[int, int],
        new: tuple[int, int],
        most_groups: int,
    ) -> Iterator[Move]:
        """Give the cases that went from one answer to another, if there are any."""
        was, now = (self.store.relabel(root, _is(value)) for root, value in (old, new))
        root = self.store.both(was, now)
        cells = self.count(root)
        if cells:
            groups = sorted(self.groups(root), key=lambda group: -group.cells)
            yield Move(output, before, after, cells, tuple(groups[:most_groups]))

    def count(self, root: int) -> int:
        """Return how many combinations of cells end in leaf 1."""
        memo: dict[int, int] = {}
        counts = self.store.counts
        below = [1] * (len(counts) + 1)
        for field in reversed(range(len(counts))):
            below[field] = below[field + 1] * counts[field]

        def visit(ref: int, field: int) -> int:
            """Count below a reference, all fields from `field` on being still free."""
            if ref < 0:
                return below[field] if leaf_value(ref) == 1 else 0
            here = self.store.fields[ref]
            if ref not in memo:
                memo[ref] = sum(visit(kid, here + 1) for kid in self.store.children[ref])
            return memo[ref] * (below[field] // below[here])

        return visit(root, 0)

    def groups(self, root: int) -> Iterator[Group]:
        """Give disjoint boxes that hold every case ending in leaf 1."""
        for masks in self._paths(root):
            box: Box = tuple(masks.get(n, cells.full) for n, cells in enumerate(self.space.cells))
            cells = 1
            for mask in box:
                cells *= mask.bit_count()
            conditions = {
                self.space.cells[n].field: self.space.cells[n].describe(mask)
                for n, mask in sorted(masks.items())
            }
            lowest = {n: (mask & -mask).bit_length() - 1 for n, mask in masks.items()}
            yield Group(conditions, cells, case_of(self.space, lowest))

    def _paths(self, ref: int) -> Iterator[dict[int, int]]:
        """Give the ways to leaf 1, cells that lead the same way taken together."""
        if ref < 0:
            if leaf_value(ref) == 1:
                yield {}
            return
        field = self.store.fields[ref]
        together: dict[int, int] = {}
        for cell, kid in enumerate(self.store.children[ref]):
            together[kid] = together.get(kid, 0) | 1 << cell
        for kid, mask in together.items():
            for rest in self._paths(kid):
                yield {field: mask, **rest}


def _is(value: int) -> Callable[[int], int]:
    """Return the label that is 1 for one leaf."""
    return lambda found: int(found == value)


def _joint_cells(name: str, before: Compiled, after: Compiled) -> Cells:
    """Return the cells of a field cut at the thresholds of both versions."""
    found = [table.space.cells[table.index[name]] for table in (after, before) if name in table.index]
    domains = [cells.domain for cells in found]
    optional = any(domain.optional for domain in domains)
    if not domains[0].numeric or not domains[-1].numeric:
        words = tuple(dict.fromkeys(word for domain in domains for word in domain.words))
        return Cells(name, Domain(words=words, optional=optional), ())
    domain = Domain(
        low=min(d.low for d in domains),
        high=max(d.high for d in domains),
        integer=all(d.integer for d in domains),
        optional=optional,
    )
    return Cells.cut(name, domain, [Entry(spans=cells.spans) for cells in found])


def _cell_map(table: Compiled, space: Space) -> dict[int, list[int]]:
    """Return, for each field of a version, which of its cells holds each common cell (-1: none)."""
    maps: dict[int, list[int]] = {}
    for cells in space.cells:
        if cells.field not in table.index:
            continue
        own = table.space.cells[table.index[cells.field]]
        if cells.spans:
            inner = [
                next(
                    (
                        i
                        for i, span in enumerate(own.spans)
                        if span.low <= cell.low and cell.high <= span.high
                    ),
                    -1,
                )
                for cell in cells.spans
            ]
        else:
            inner = [own.domain.words.index(w) if w in own.domain.words else -1 for w in cells.domain.words]
        if cells.not_done:
            inner.append(own.count - 1 if own.not_done else -1)
        maps[table.index[cells.field]] = inner
    return maps
