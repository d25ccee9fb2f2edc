"""Two slow and simple readings of a rule table, against which the engine is held.

`Oracle` reads the rows one by one for single cases (one value per cell) and answers every question by
trying all cases: brute force. `rows_by_subtraction` takes the rows out of a box one after another. Neither
uses the engine's conditions, masks, diagrams or walks: of the engine only the names of the cells are
taken, and they are read here again as conditions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import chain, pairwise, product
from typing import Any

from riskcli.cells import Space
from riskcli.tables import FieldSpec, Option, Points, Table

Value = str | int | float
Case = dict[str, Value]
Choices = dict[str, Sequence[Value]]
"""The values each field may still have."""
Outcomes = dict[tuple[Value, ...], Hashable]
"""The answer to one question for every possible case."""

NOT_DONE = "not_done"
COUNTS = ("nodes_positive", "nodes_examined")


def accepts(raw: Any, value: Value, groups: Mapping[str, Sequence[str]]) -> bool:
    """Say whether an entry of a `when` holds for one value, reading it from its text."""
    if isinstance(raw, list | tuple):
        return any(accepts(item, value, groups) for item in raw)
    if isinstance(value, str):
        return str(raw) == value or value in groups.get(str(raw), ())
    text = str(raw).replace(" ", "")
    if text == NOT_DONE:
        return False
    if ".." in text:
        low, high = text.split("..")
        above = value > float(low[1:]) if low[0] == ">" else value >= float(low)
        return above and (value < float(high[1:]) if high[0] == "<" else value <= float(high))
    if text.endswith("+"):
        text = f">={text[:-1]}"
    sign, bound = re.fullmatch(r"([<>=]*)(-?[\d.]+)", text).groups()
    bound = float(bound)
    return {
        ">=": value >= bound,
        "<=": value <= bound,
        ">": value > bound,
        "<": value < bound,
        "": value == bound,
    }[sign]


def value_in(cell: str, spec: FieldSpec) -> Value:
    """Return a value of the field that lies in the cell of this name."""
    if spec.type == "word" or cell == NOT_DONE:
        return cell
    low, high = map(float, spec.allowed.split(".."))
    if spec.type == "integer":
        pool: Iterable[Value] = range(int(low), int(high) + 1)
    else:
        marks = sorted({low, high, *map(float, re.findall(r"\d+(?:\.\d+)?", cell))})
        pool = [*marks, *((a + b) / 2 for a, b in pairwise(marks))]
    return next(value for value in pool if accepts(cell, value, {}))


class Oracle:
    """A table read row by row, and every question answered by trying all cases."""

    def __init__(self, table: Table, space: Space, without: Iterable[int] = ()) -> None:
        self.table = table
        self.fields = tuple(table.fields)
        self.cells = {cells.field: cells.names for cells in space.cells}
        self.values: Choices = {
            field: [value_in(name, table.fields[field]) for name in names]
            for field, names in self.cells.items()
        }
        self.impossible = [row.when for i, row in enumerate(table.impossible) if i not in {*without}]
        self.never = [
            *self.impossible,
            *(row.when for row in table.out_of_scope if row.when.keys() <= table.fields.keys()),
        ]
        self._remembered: dict[tuple[object, ...], Hashable] = {}

    # ---- one case

    def holds(self, when: Mapping[str, Any], case: Case) -> bool:
        """Say whether a `when` holds for a case: plain fields, derived names and `level`."""
        return all(self._entry_holds(name, raw, case) for name, raw in when.items())

    def _entry_holds(self, name: str, raw: Any, case: Case) -> bool:
        if name in self.table.fields:
            return accepts(raw, case[name], self.table.fields[name].groups)
        value = self.level(case) if name == "level" else self.derived(case, name)
        return value is not None and accepts(raw, value, {})

    def derived(self, case: Case, name: str) -> Value | None:
        """Return a derived value: a score, or the value of the first row that holds."""
        rows = self.table.derived[name]
        if isinstance(rows, Points):
            return sum(
                points
                for factor, parts in rows.points.items()
                for raw, points in parts.items()
                if accepts(raw, case[factor], self.table.fields[factor].groups)
            )
        return next((str(row.is_) for row in rows if self.holds(row.when, case)), None)

    def row(self, case: Case) -> str | None:
        """Return the id of the first likelihood row that holds."""
        return next((row.id for row in self.table.likelihood if self.holds(row.when, case)), None)

    def level(self, case: Case) -> str | None:
        """Return the level of the first likelihood row that holds."""
        return next((row.level for row in self.table.likelihood if self.holds(row.when, case)), None)

    def criterion(self, case: Case, option: Option) -> str | None:
        """Return the id of the first criterion of an option that holds."""
        return next((item.id for item in option.any_of if self.holds(item.when, case)), None)

    def applies(self, case: Case, option: Option) -> bool:
        """Say whether any criterion of an option holds."""
        return self.criterion(case, option) is not None

    # ---- all cases

    def outcomes(self, facts: Sequence[Choices], ask: Callable[..., Hashable], *more: Any) -> Outcomes:
        """Put a question to every possible case of the facts."""
        found: Outcomes = {}
        for values in chain.from_iterable(product(*(one[name] for name in self.fields)) for one in facts):
            case = dict(zip(self.fields, values, strict=True))
            if not any(self.holds(when, case) for when in self.never):
                key = (ask, *map(id, more), values)
                if key not in self._remembered:
                    self._remembered[key] = ask(case, *more)
                found[values] = self._remembered[key]
        return found

    def ends(self, facts: Sequence[Choices], ask: Callable[..., Hashable], *more: Any) -> set[Any]:
        """Return every answer to a question that the facts allow."""
        return set(self.outcomes(facts, ask, *more).values())

    def status(self, facts: Sequence[Choices], option: Option) -> str | None:
        """Return what an option is for the facts: `matches`, `depends` or nothing."""
        ends = self.ends(facts, self.applies, option)
        return {frozenset((True,)): "matches", frozenset((True, False)): "depends"}.get(frozenset(ends))


def deciding(outcomes: Outcomes) -> list[int]:
    """Return the fields (by number) that matter.

    A field matters when two possible cases that differ in it alone have different outcomes, or when
    knowing it can rule an outcome out.
    """
    every = set(outcomes.values())
    found = []
    for place in range(len(next(iter(outcomes), ()))):
        alone = grouped(outcomes, lambda case, place=place: (*case[:place], *case[place + 1 :]))
        once_known = grouped(outcomes, lambda case, place=place: case[place])
        if any(len(ends) > 1 for ends in alone) or any(ends != every for ends in once_known):
            found.append(place)
    return found


def grouped(outcomes: Outcomes, key: Callable[[tuple[Value, ...]], Hashable]) -> list[set[Hashable]]:
    """Return the outcomes of each group of cases."""
    groups: dict[Hashable, set[Hashable]] = {}
    for case, outcome in outcomes.items():
        groups.setdefault(key(case), set()).add(outcome)
    return list(groups.values())


def settles(outcomes: Outcomes, places: Iterable[int]) -> bool:
    """Say whether knowing these fields always leaves one outcome."""
    known = tuple(places)
    return all(len(ends) == 1 for ends in grouped(outcomes, lambda case: tuple(case[i] for i in known)))


# ---- the other oracle: rows taken out of boxes

Box = dict[str, frozenset[Value]]


def rows_by_subtraction(oracle: Oracle, facts: Sequence[Choices]) -> set[str | None]:
    """Return the likelihood rows that the facts can reach, and None when some case reaches no row."""
    left: list[Box] = [{name: frozenset(one[name]) for name in oracle.fields} for one in facts]
    for when in oracle.never:
        left = without(left, _regions(oracle, when))
    found: set[str | None] = set()
    for row in oracle.table.likelihood:
        regions = _regions(oracle, row.when)
        if any(meet(box, region) for box in left for region in regions):
            found.add(row.id)
        left = without(left, regions)
    return found | ({None} if left else set())


def meet(one: Box, other: Box) -> Box | None:
    """Return what two boxes share, or None."""
    shared = {name: one[name] & other[name] for name in one}
    return shared if all(shared.values()) else None


def without(boxes: Iterable[Box], regions: Iterable[Box]) -> list[Box]:
    """Return disjoint boxes that hold everything of `boxes` outside `regions`."""
    left = list(boxes)
    for region in regions:
        left = [piece for box in left for piece in _pieces(box, region)]
    return left


def _pieces(box: Box, region: Box) -> list[Box]:
    """Return disjoint boxes that hold everything of `box` outside `region`."""
    if not meet(box, region):
        return [box]
    found, rest = [], box
    for name in box:
        if rest[name] - region[name]:
            found.append({**rest, name: rest[name] - region[name]})
            rest = {**rest, name: rest[name] & region[name]}
    return found


def _regions(oracle: Oracle, when: Mapping[str, Any]) -> list[Box]:
    """Return the boxes in which a `when` over fields and derived names holds."""
    found: list[Box] = [
        {
            name: frozenset(v for v in oracle.values[name] if accepts(when[name], v, spec.groups))
            if name in when
            else frozenset(oracle.values[name])
            for name, spec in oracle.table.fields.items()
        }
    ]
    for name in when.keys() - oracle.table.fields.keys():
        wanted = [box for box, value in _values(oracle, name) if accepts(when[name], value, {})]
        found = [shared for one in found for other in wanted if (shared := meet(one, other))]
    return found


def _values(oracle: Oracle, name: str) -> list[tuple[Box, Value]]:
    """Return disjoint boxes with the value that a derived name has in each."""
    rows = oracle.table.derived[name]
    if isinstance(rows, Points):
        return [
            (box, sum(rows.points[factor][raw] for factor, raw in zip(rows.points, chosen, strict=True)))
            for chosen in product(*rows.points.values())
            for box in _regions(oracle, dict(zip(rows.points, chosen, strict=True)))
        ]
    left, found = _regions(oracle, {}), []
    for row in rows:
        regions = _regions(oracle, row.when)
        found += [
            (shared, str(row.is_)) for box in left for region in regions if (shared := meet(box, region))
        ]
        left = without(left, regions)
    return found
