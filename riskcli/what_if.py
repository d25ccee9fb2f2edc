"""The levels over other values of one or two findings, everything else staying as it is. Pure, no I/O."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from riskcli.cells import bits
from riskcli.compiled import FIRST, LEVELS, Compiled
from riskcli.conditions import parse_entry
from riskcli.errors import CaseError, Problem, hint, quoted
from riskcli.facts import Facts
from riskcli.moves import level_ends
from riskcli.reach import union_of
from riskcli.settling import Moved
from riskcli.values import Reading
from riskcli.varied import Varied
from riskcli.words import say

MOST_VARIED = 2


@dataclass(frozen=True)
class Axis:
    """The values of one finding, in the order of its table."""

    field: str
    values: tuple[str | tuple[str, ...], ...]
    """What makes a difference, worded as conditions are; neighbours that make none are one."""
    stated: frozenset[int]
    """The places of the values that the case allows as it is."""


@dataclass(frozen=True)
class Edge:
    """How far a number may go before the level is another one."""

    field: str
    value: float
    upwards: bool
    by: float
    """By how much the number would have to grow; below 0 when it would have to shrink."""
    exactly: bool
    """Whether that much is enough; if not, any more is."""
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """The levels that are possible for every combination of values.

    `levels` has a row for each value of the first finding and, in it, an entry for each of the second, or one
    entry when only one is varied; an entry without levels is a case that cannot be.
    """

    axes: tuple[Axis, ...]
    levels: tuple[tuple[tuple[str, ...], ...], ...]
    edges: tuple[Edge, ...]


def what_if(facts: Facts, fields: Sequence[str]) -> Grid:
    """Return the levels over every value of one or two findings.

    Each entry is the answer to the case that states its values: everything is read and assumed anew. What a
    moved finding contradicts (a size and its T category) is left open; every other finding stays.

    Raises:
        CaseError: a name is no field of the table, or none or too many are named.
    Example:
        >>> from riskcli.case import read_case
        >>> from riskcli.loader import load_rules
        >>> case = {"nodes_positive": 0, "grade": 2, "vascular_invasion": "absent"}
        >>> grid = what_if(read_case(case, load_rules().get("other_solid")), ["grade"])
        >>> list(zip(grid.axes[0].values, grid.levels))[0]
        ('1..2', (('low',),))
    """
    grid = _Levels(facts, _places(facts.table, fields))
    masks = [[1 << cell for cell in range(cells.count)] for cells in grid.cells]
    for axis in range(len(masks)):
        masks[axis] = grid.merged(masks, axis)
    bounds = union_of(facts.boxes)
    axes = [
        Axis(
            cells.field,
            tuple(map(_words, map(cells.describe, found))),
            frozenset(i for i, mask in enumerate(found) if mask & bounds[place]),
        )
        for place, cells, found in zip(grid.places, grid.cells, masks, strict=True)
    ]
    levels = tuple(
        tuple(grid.at((first, *rest)) for rest in itertools.product(*masks[1:])) for first in masks[0]
    )
    edges = [edge for place in grid.places for edge in grid.edges(place)]
    return Grid(tuple(axes), levels, tuple(edges))


class _Levels:
    """The levels of one case over the cells of some fields, each as asking for them would give it."""

    def __init__(self, facts: Facts, places: Sequence[int]) -> None:
        self.facts = facts
        self.places = places
        self.varied = Varied(facts)
        self.cells = [facts.table.space.cells[place] for place in places]
        self._known: dict[tuple[int, ...], tuple[str, ...]] = {}

    def at(self, masks: tuple[int, ...]) -> tuple[str, ...]:
        """Return the levels with each of the fields at some cells; none when that cannot be."""
        found = self._known.get(masks)
        if found is None:
            values = self.varied.at(dict(zip(self.places, masks, strict=True)))
            found = self._known[masks] = _named(level_ends(self.varied.moved(values)))
        return found

    def merged(self, masks: Sequence[Sequence[int]], axis: int) -> list[int]:
        """Return the cells of one field, neighbours taken together where that makes no difference."""
        not_done = self.cells[axis].not_done

        def row(mask: int) -> list[tuple[str, ...]]:
            own = ([mask] if n == axis else others for n, others in enumerate(masks))
            return list(map(self.at, itertools.product(*own)))

        found: list[int] = []
        for mask in masks[axis]:
            both = found[-1] | mask if found else 0
            if both and mask != not_done and row(mask) == row(found[-1]) == row(both):
                found[-1] = both
            else:
                found.append(mask)
        return found

    def edges(self, place: int) -> Iterator[Edge]:
        """Give how far a stated number is from another level, downwards and upwards."""
        cells = self.facts.table.space.cells[place]
        value = self.facts.stated.get(cells.field)
        mask = union_of(self.facts.boxes)[place]
        if isinstance(value, bool) or not isinstance(value, int | float) or mask & (mask - 1):
            return
        here = mask.bit_length() - 1
        now = level_ends(Moved(self.facts.table, self.facts.boxes))
        for step, last in ((-1, -1), (1, len(cells.spans))):
            for cell in range(here + step, last, step):
                cut, after = cells.spans[cell].low if step > 0 else cells.spans[cell].high
                exactly = bool(after) == (step < 0)
                if cells.domain.integer:
                    cut, exactly = cut - (step < 0), True
                ends = self._ends_from(place, cell, cut)
                if ends >> FIRST and ends != now:
                    yield Edge(cells.field, value, step > 0, cut - value, exactly, _named(ends))
                    break

    def _ends_from(self, place: int, cell: int, number: float) -> int:
        """Return the ends of the level from a number on into its cell: whole numbers one by one."""
        cells = self.facts.table.space.cells[place]
        values = self.varied.at({place: 1 << cell})
        if cells.domain.integer:
            values = {place: Reading(parse_entry(number, cells.domain), number)}
        return level_ends(self.varied.moved(values))


def _words(described: str | list[str]) -> str | tuple[str, ...]:
    """Return the words of some cells, unchangeable."""
    return described if isinstance(described, str) else tuple(described)


def _named(ends: int) -> tuple[str, ...]:
    """Return the levels among some ends."""
    return tuple(LEVELS[number] for number in bits(ends >> FIRST))


def _places(table: Compiled, fields: Sequence[str]) -> list[int]:
    """Return the numbers of the fields that are to vary."""
    problems = []
    names = list(dict.fromkeys(fields))
    for name in names:
        if name not in table.index:
            near = hint(name, table.index)
            message = say("what_if.no_field", given=quoted(name), table=table.name, near=near)
            problems.append(Problem(None, name, message))
    if not 1 <= len(names) <= MOST_VARIED:
        problems.append(Problem(None, None, say("what_if.how_many")))
    if problems:
        raise CaseError(problems)
    return [table.index[name] for name in names]
