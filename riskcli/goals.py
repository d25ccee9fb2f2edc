"""What a definite case can touch in a table: rows, criteria, values beside thresholds. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from riskcli.case import read_case
from riskcli.cells import Cells
from riskcli.compiled import FIRST, Compiled
from riskcli.conditions import NOT_DONE, Number
from riskcli.errors import CaseError
from riskcli.facts import Facts
from riskcli.walk import View

Record = dict[str, Any]

ROW, OPTION, UNSUPPORTED, THRESHOLD = "row", "option", "not_supported", "threshold"
_SECTIONS = ((OPTION, "options", "option"), (UNSUPPORTED, "not_supported", "not"))


class Goal(NamedTuple):
    """One thing that a case may touch."""

    kind: str
    """`row`, `option`, `not_supported` or `threshold`."""
    of: str
    """The option, the entry or the field; nothing for a row."""
    what: str | Number
    """The id of the row or criterion; the value beside the threshold."""

    def __str__(self) -> str:
        """Return the goal in a few words."""
        return " ".join(str(part) for part in self if part != "")


@dataclass(frozen=True)
class Vignette:
    """A definite case and what it touches."""

    record: Record
    """The findings, by field, in the table's order; without `cancer`."""
    touches: frozenset[Goal]


def touches(table: Compiled, record: Mapping[str, Any]) -> frozenset[Goal] | None:
    """Return what a case touches; None when it is refused, turned away, contradictory or not definite.

    Example:
        >>> from riskcli.loader import load_rules
        >>> table = load_rules().get("other_solid")
        >>> touches(table, {"grade": 1}) is None
        True
    """
    try:
        facts = read_case(record, table)
    except CaseError:
        return None
    settled = facts.table is table and _states_only_values(facts)
    return _reached(table, facts) if settled else None


def _states_only_values(facts: Facts) -> bool:
    """Say whether every finding is one value that was used, and nothing else was assumed."""
    index, premises = facts.table.index, facts.table.common["premises"]
    stated = [name for name in facts.stated if name in index]
    return (
        len(facts.known) == len(stated) == len(facts.stated)
        and all(is_value(facts.table.space.cells[index[name]], facts.stated[name]) for name in stated)
        and all(item["field"] in premises and item["field"] not in index for item in facts.assumed)
    )


def is_value(cells: Cells, shown: object) -> bool:
    """Say whether an echoed value is one value, no range, group or list."""
    if isinstance(shown, str):
        return shown in cells.names and (shown in cells.domain.words or shown == NOT_DONE)
    return isinstance(shown, int | float)


def _reached(table: Compiled, facts: Facts) -> frozenset[Goal] | None:
    """Return what the facts touch, or None when something is left open."""
    view = View(table.store, facts.boxes)
    found = set()
    for goal, root, value in decided(table):
        ends = view.ends(view.take(root))
        if ends.bit_count() != 1:
            return None
        if ends == 1 << value:
            found.add(goal)
    if not any(goal.kind == ROW for goal in found):
        return None
    beside = beside_thresholds(table)
    found.update(
        goal for name, shown in facts.stated.items() if (goal := Goal(THRESHOLD, name, shown)) in beside
    )
    return frozenset(found)


def decided(table: Compiled) -> Iterator[tuple[Goal, int, int]]:
    """Give the goals that diagrams decide: the goal, its diagram and its leaf."""
    for i, row in enumerate(table.table["likelihood"]):
        yield Goal(ROW, "", row["id"]), table.roots["rows"], FIRST + i
    for kind, section, prefix in _SECTIONS:
        for n, option in enumerate(table.table.get(section, [])):
            for j, criterion in enumerate(option["any_of"]):
                yield Goal(kind, option["id"], criterion["id"]), table.roots[f"{prefix}:{n}"], FIRST + j


def beside_thresholds(table: Compiled) -> dict[Goal, tuple[int, int]]:
    """Return the values on either side of every threshold, with the field and the cell they lie in."""
    found = {}
    for place, cells in enumerate(table.space.cells):
        for cell in range(len(cells.spans)):
            low, high = edges(cells, cell)
            sides = ([low] if cell else []) + ([high] if cell < len(cells.spans) - 1 else [])
            found.update({Goal(THRESHOLD, cells.field, value): (place, cell) for value in sides})
    return found


def edges(cells: Cells, cell: int) -> tuple[Number, Number]:
    """Return the values of a cell next to its lower and its upper end, as people write them.

    Example:
        >>> from riskcli.conditions import Domain, parse_entry
        >>> size = Domain(low=0, high=400)
        >>> edges(Cells.cut("size", size, [parse_entry(">20..50", size)]), 1)
        (21, 50)
        >>> deposit = Cells.cut("deposit", size, [parse_entry(">0.2..<2", size)])
        >>> edges(deposit, 1)
        (0.3, 1)
    """
    (low, after), (high, upto) = cells.spans[cell]
    if cells.domain.integer:
        return low, high - 1
    return (_beside(low, 1, low, high) if after else low), (high if upto else _beside(high, -1, low, high))


def _beside(bound: Number, sign: int, low: Number, high: Number) -> Number:
    """Return the nearest value beside a bound that is written with few decimals and lies inside."""
    decimals = len(str(bound).partition(".")[2])
    while True:
        value = round(bound + sign * 10**-decimals, decimals)
        if low < value < high:
            return int(value) if value == int(value) else value
        decimals += 1
