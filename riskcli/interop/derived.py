"""Derived values as decisions of their own: first-hit tables, and scores added up from both ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from riskcli.cells import Cells
from riskcli.compiled import LEVELS, NONE, Compiled
from riskcli.conditions import Domain, Entry, parse_entry
from riskcli.diagram import leaf_value
from riskcli.interop.decisions import NUMBER, STRING, SUM, Column, Decision, Interval, Output, Rule
from riskcli.interop.firsthit import Condition, Row, first_hit
from riskcli.interop.known import UNKNOWN, Findings, Model, States, worded
from riskcli.report.wording import Wording
from riskcli.statics import derived_values
from riskcli.witness import reached
from riskcli.words import say

NO_ROW = "none"
LEVEL = "level"
_LOWEST, _HIGHEST = "lowest", "highest"


class Deriving:
    """Makes the decisions about derived values of one table, and reads conditions on anything."""

    def __init__(self, table: Compiled, model: Model, level: States) -> None:
        """Make decisions of `table` into `model`; `level` is what conditions on the level read."""
        self.table = table
        self.model = model
        self.level = level
        self.findings = Findings(table, model)
        self.wording = Wording(table.common["labels"])
        self._free = table.without(frozenset((-1,))) if table.without else None
        self._found: dict[str, tuple[Cells, States]] = {}

    def conditions(self, when: Mapping[str, Any]) -> list[Condition]:
        """Return the conditions of a `when`."""
        return [self._condition(name, raw) for name, raw in when.items()]

    def _condition(self, name: str, raw: object) -> Condition:
        """Return one condition."""
        if name in self.table.index:
            cells = self.table.space.cells[self.table.index[name]]
            return Condition.of(self.findings.of(name), cells.mask(parse_entry(raw, cells.domain)))
        if name == LEVEL:
            wanted = raw if isinstance(raw, list) else [raw]
            return Condition.of(self.level, sum(1 << LEVELS.index(level) for level in wanted))
        cells, states = self.of(name)
        return Condition.of(states, cells.mask(parse_entry(_texts(raw, cells.domain), cells.domain)))

    def of(self, name: str) -> tuple[Cells, States]:
        """Return the groups of a derived value and what is known of it."""
        if name not in self._found:
            rows = self.table.table["derived"][name]
            make = self._added if isinstance(rows, dict) else self._chosen
            self._found[name] = make(name, rows)
        return self._found[name]

    # ---- a first-hit table

    def _chosen(self, name: str, rows: Sequence[Mapping[str, Any]]) -> tuple[Cells, States]:
        """Make the decision of a derived table."""
        values = derived_values(self.table, name)
        none, unknown = (word if word not in values else f"{word}_" for word in (NO_ROW, UNKNOWN))
        cells = Cells(name, Domain(words=(*values, none)), ())
        masks = {value: 1 << i for i, value in enumerate(values)} | {none: 1 << len(values)}
        beyond = masks[none] if self._may_be_none(name) else 0
        anything = sum(masks[value] for value in values) | beyond
        found = [
            Row(
                f"{name}.{number}",
                self.conditions(row.get("when", {})),
                str(row["is"]),
                (str(row["is"]),),
                self.wording.conditions(row.get("when", {})),
            )
            for number, row in enumerate(rows, 1)
        ]

        def opened(row: Row, start: int) -> Rule:
            left = sum({masks[str(later.answer)] for later in found[start:]}) | beyond
            word = unknown if left == anything else worded(cells, left)
            masks[word] = left
            return row.possible((word,))

        rules = [*first_hit(found, opened), Rule(f"{name}.{none}", {}, (none,))]
        return cells, self._told(name, masks, rules)

    def _may_be_none(self, name: str) -> bool:
        """Say whether some case, however contradictory, meets no row of a derived table."""
        if self._free is None:
            return True
        ends = reached(self._free.store, self._free.roots[f"derived:{name}"])
        return bool(ends >> leaf_value(NONE) & 1)

    # ---- a score

    def _added(self, name: str, rows: Mapping[str, Any]) -> tuple[Cells, States]:
        """Make the decisions of a score: the least and the most that it may be, and its group."""
        totals = [int(total) for total in derived_values(self.table, name)]
        domain = Domain(low=totals[0], high=totals[-1], integer=True)
        cells = Cells.cut(name, domain, self._entries(name, domain))
        ends = [self._sum(name, rows["points"], end) for end in (_LOWEST, _HIGHEST)]
        masks: dict[str, int] = {}
        rules: list[Rule] = []
        for wide in range(cells.count):
            for start in range(cells.count - wide):
                low, high = cells.spans[start].low[0], cells.spans[start + wide].high[0]
                mask = (1 << wide + 1) - 1 << start
                masks[worded(cells, mask)] = mask
                tests = {ends[0]: (Interval(low, None),), ends[1]: (Interval(None, high, below=True),)}
                rules.append(Rule(f"{name}.{len(rules) + 1}", tests, (worded(cells, mask),)))
        return cells, self._told(name, masks, rules)

    def _entries(self, name: str, domain: Domain) -> list[Entry]:
        """Return the conditions on a score, wherever they stand."""
        data = self.table.table
        offered = (*data.get("options", []), *data.get("not_supported", []))
        tables = [rows for rows in data.get("derived", {}).values() if isinstance(rows, list)]
        parts = chain(data["likelihood"], *(option["any_of"] for option in offered), *tables)
        whens = [part.get("when", {}) for part in parts]
        return [parse_entry(when[name], domain) for when in whens if name in when]

    def _sum(self, name: str, points: Mapping[str, Mapping[str, int]], end: str) -> Column:
        """Make the decision that adds up the fewest or the most points, and return its column."""
        variable = self.model.names.new(f"{name}_{end}")
        choose = min if end == _LOWEST else max
        rules: list[Rule] = []
        for factor, given in points.items():
            states = self.findings.of(factor)
            by_points: dict[int, list[str]] = {}
            for word, mask in states.masks.items():
                met = [count for raw, count in given.items() if self._mask(factor, raw) & mask]
                by_points.setdefault(choose(met), []).append(word)
            for count, words in by_points.items():
                rules.append(Rule(f"{variable}.{len(rules) + 1}", {states.column: tuple(words)}, (count,)))
        label = say(f"dmn.{end}", field=self.wording.called(name))
        self.model.decisions.append(Decision(variable, label, (Output(variable, NUMBER),), tuple(rules), SUM))
        return Column(variable, NUMBER, label=label)

    def _mask(self, factor: str, raw: object) -> int:
        """Return the cells of a factor that some points are given for."""
        cells = self.table.space.cells[self.table.index[factor]]
        return cells.mask(parse_entry(raw, cells.domain))

    def _told(self, name: str, masks: Mapping[str, int], rules: Sequence[Rule]) -> States:
        """Make the decision about a derived value, and return what it tells."""
        called, said = self.wording.called(name), tuple(masks)
        self.model.decisions.append(Decision(name, called, (Output(name, STRING, said),), tuple(rules)))
        return States(Column(name, label=called, allowed=said), masks)


def _texts(raw: object, domain: Domain) -> object:
    """Return the values of a derived word as text: `is: 1` and `is: "1"` are the same value."""
    if domain.numeric:
        return raw
    return [str(item) for item in raw] if isinstance(raw, list) else str(raw)
