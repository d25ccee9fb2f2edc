"""The same case with other values, asked for again from its record: the oracle of every moved finding.

Slow and plain: a value is written into the record, and the record is read and answered as any other. Where
that contradicts what else is stated, the record states any value for it: "and whatever goes with it".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from riskcli.case import read_case
from riskcli.compiled import Compiled, Data
from riskcli.conditions import parse_entry
from riskcli.errors import CaseError, OutOfScope
from riskcli.evaluate import core_data
from riskcli.facts import Facts

COUNTS = {"nodes_positive": "nodes_examined", "nodes_examined": "nodes_positive"}
Said = tuple[tuple[str, ...], dict[str, str]]
"""The levels, and how each option stands."""


class Contradicts(Exception):
    """What is stated cannot be true together."""


@lru_cache(maxsize=64)
def strict(table: Compiled) -> Compiled:
    """Return a table that refuses every record that contradicts itself."""

    def without(_: frozenset[int]) -> Compiled:
        raise Contradicts

    return dataclasses.replace(table, without=without)


def engine_says(facts: Facts) -> Said:
    """Return the levels and the options of an answer."""
    core = core_data(facts)
    return tuple(core["likelihood"]["levels"]), {item["id"]: item["status"] for item in core["options"]}


class Asked:
    """One record that does not contradict itself, and the same with other values."""

    def __init__(
        self, table: Compiled, record: Mapping[str, Any], says: Callable[[Facts], Said] = engine_says
    ) -> None:
        self.table = strict(table)
        self.record = dict(record)
        self.says = says
        self.facts = read_case(self.record, self.table)
        self.now = says(self.facts)

    def with_values(self, values: Mapping[str, Any]) -> Facts | None:
        """Return the record read with other values; None when it cannot be or is not answered."""
        freed: dict[str, Any] = {}
        while True:
            more: set[str] = set()
            try:
                return read_case({**self.record, **values, **freed}, self.table)
            except OutOfScope:
                return None
            except CaseError:
                more = {COUNTS[name] for name in values if name in COUNTS}
            except Contradicts:
                more = self._contradicted(values, freed)
            more = {name for name in more if name in self.table.index and name not in {*values, *freed}}
            if not more:
                return None
            freed |= {name: [word for word in self._names(name) if word != "not_done"] for name in more}

    def _names(self, name: str) -> tuple[str, ...]:
        """Return the cells of a field as a record writes them."""
        return self.table.space.cells[self.table.index[name]].names

    def _contradicted(self, values: Mapping[str, Any], freed: Mapping[str, Any]) -> set[str]:
        """Return the stated fields that an impossible row ties to a value: first those with an order."""
        index, cells = self.table.index, self.table.space.cells
        masks = {}
        for name, words in {**values, **freed}.items():
            own = cells[index[name]]
            masks[index[name]] = own.mask(parse_entry(words, own.domain))
        tied: set[str] = set()
        for pairs in self.table.boxes["impossible"]:
            about = any(cells[place].field in values and masks[place] & mask for place, mask in pairs)
            if about and any(
                all(masks.get(place, box[place]) & mask for place, mask in pairs) for box in self.facts.boxes
            ):
                tied |= {cells[place].field for place, _ in pairs if place not in masks}
        tied = {name for name in tied if self._is_stated(name) or index[name] in self.facts.absent}
        return {name for name in tied if self.ordered(name)} or tied

    def _is_stated(self, name: str) -> bool:
        """Say whether the record says something of a field."""
        return self.record.get(name, "unknown") not in ("unknown", None)

    def ordered(self, name: str) -> bool:
        """Say whether the values of a field have an order."""
        spec = self.table.table["fields"][name]
        return spec["type"] != "word" or "worse" in spec

    # ---- what an answer must say

    def tests(self) -> list[str]:
        """Return the tests that were not done, one result of which gives another answer."""
        return [
            name
            for name in (self.table.space.cells[place].field for place in self.facts.absent)
            if any(self._changes_with(name, word) for word in self._names(name) if word != "not_done")
        ]

    def _changes_with(self, name: str, word: str) -> bool:
        """Say whether one result of a test gives another answer; what contradicts the record is none."""
        try:
            return self.says(read_case({**self.record, name: word}, self.table)) != self.now
        except (CaseError, Contradicts):
            return False

    def changes(self) -> list[tuple[str, str, str, str]]:
        """Return the nearest other values with other levels: field, value, lowest and highest level."""
        found = []
        for name, word in self._nearest():
            facts = self.with_values({name: word})
            levels = self.says(facts)[0] if facts else ()
            if levels and levels != self.now[0]:
                found.append((name, word, levels[0], levels[-1]))
        return found

    def _nearest(self) -> Iterator[tuple[str, str]]:
        """Give the values beside each known one; all others where there is no order.

        None examined is no finding beside few: it leaves the nodes unknown.
        """
        for place in self.facts.known:
            cells = self.table.space.cells[place]
            mask = 0
            for box in self.facts.boxes:
                mask |= box[place]
            words = [word for word in cells.names if word != "not_done"]
            stated = [i for i in range(len(words)) if mask >> i & 1]
            beside = {stated[0] - 1, stated[-1] + 1} if stated else set()
            for i, word in enumerate(words):
                other = i in beside if self.ordered(cells.field) else stated and i not in stated
                if other and (cells.field, word) != ("nodes_examined", "0"):
                    yield cells.field, word

    def everything(self) -> Data:
        """Return both, in the form of `expected.said`."""
        return {"tests": self.tests(), "changes": self.changes()}
