"""The levels over other values of one or two findings, everything else staying as it is. Pure, no I/O."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from riskcli.cells import Cells, bits
from riskcli.compiled import FIRST, LEVELS, Compiled
from riskcli.errors import CaseError, Problem, hint, quoted
from riskcli.evaluate import moves_of
from riskcli.facts import Facts
from riskcli.moves import Moves
from riskcli.reach import union_of
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

    What a moved finding contradicts (a size and its T category) is left open; everything else stays.

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
    table = facts.table
    places = _places(table, fields)
    moves = moves_of(facts)
    bounds = union_of(facts.boxes)
    cells = [table.space.cells[place] for place in places]
    others = [range(one.count) for one in cells[1:]]
    levels: Levels = tuple(
        tuple(
            _levels(moves, dict(zip(places, (first, *rest), strict=True)))
            for rest in itertools.product(*others)
        )
        for first in range(cells[0].count)
    )
    edges = [edge for place in places for edge in _edges(facts, moves, place)]
    axes = []
    for place, one in zip(places, cells, strict=True):
        levels, masks = _merged(levels, one)
        stated = frozenset(i for i, mask in enumerate(masks) if mask & bounds[place])
        axes.append(Axis(one.field, tuple(map(_words, map(one.describe, masks))), stated))
        levels = tuple(zip(*levels, strict=True)) if len(places) > 1 else levels
    return Grid(tuple(axes), levels, tuple(edges))


Levels = tuple[tuple[tuple[str, ...], ...], ...]


def _merged(levels: Levels, cells: Cells) -> tuple[Levels, list[int]]:
    """Return the rows without those that repeat the one before them, and the cells that each stands for."""
    rows: list[tuple[tuple[str, ...], ...]] = []
    masks: list[int] = []
    for cell, row in enumerate(levels):
        if rows and row == rows[-1] and not cells.not_done >> cell & 1:
            masks[-1] |= 1 << cell
        else:
            rows.append(row)
            masks.append(1 << cell)
    return tuple(rows), masks


def _words(described: str | list[str]) -> str | tuple[str, ...]:
    """Return the words of some cells, unchangeable."""
    return described if isinstance(described, str) else tuple(described)


def _edges(facts: Facts, moves: Moves, place: int) -> Iterator[Edge]:
    """Give how far a stated number is from another level, downwards and upwards."""
    cells = facts.table.space.cells[place]
    value = facts.stated.get(cells.field)
    mask = union_of(facts.boxes)[place]
    if isinstance(value, bool) or not isinstance(value, int | float) or mask & (mask - 1):
        return
    here = mask.bit_length() - 1
    for step, last in ((-1, -1), (1, len(cells.spans))):
        for cell in range(here + step, last, step):
            ends = moves.ends_at({place: cell})
            if ends >> FIRST and ends != moves.level_ends:
                cut, after = cells.spans[cell].low if step > 0 else cells.spans[cell].high
                if cells.domain.integer:
                    cut, exactly = cut - (step < 0), True
                else:
                    exactly = bool(after) == (step < 0)
                yield Edge(cells.field, value, step > 0, cut - value, exactly, _named(ends))
                break


def _levels(moves: Moves, moved: dict[int, int]) -> tuple[str, ...]:
    """Return the levels with some fields (by number) at a cell."""
    return _named(moves.ends_at(moved))


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
