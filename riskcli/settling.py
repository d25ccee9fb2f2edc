"""What the readings of a record come to: every rule of reading that is about more than one value. No I/O.

`riskcli.case` reads a record's values and hands them on; a case whose findings are moved comes back here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from riskcli.cells import Box
from riskcli.compiled import Compiled, MaskPairs
from riskcli.conditions import ConditionError, Entry, parse_entry
from riskcli.errors import CaseError
from riskcli.facts import Draft, Facts
from riskcli.nodes import EXAMINED, POSITIVE, link_nodes, node_boxes
from riskcli.reach import Reach
from riskcli.readers import Readers
from riskcli.scope import check_scope, possible, settle_contradictions
from riskcli.unstated import Unstated
from riskcli.values import Reading
from riskcli.words import say


@dataclass(frozen=True)
class Moved:
    """A case as it was read, with other values for some of its findings."""

    table: Compiled
    """The table to evaluate."""
    boxes: tuple[Box, ...]
    """Every case that is left."""
    contradicts: bool = False
    """Whether no case can have all of it: then the moved findings contradict others that are stated."""


class Settling:
    """The rules of reading of one table."""

    def __init__(self, names: Readers) -> None:
        """Prepare what does not depend on a record."""
        self.table = names.table
        self.names = names
        self.unstated = Unstated(self.table)
        self._full = self.table.space.full
        self._warnings = self._common_warnings()
        self._own_warnings = [
            (pairs, row["when"].keys(), row["say"])
            for pairs, row in zip(
                self.table.boxes["warnings"], self.table.table.get("warnings", []), strict=True
            )
        ]
        self.used = self._used_fields()
        self.cells_read: dict[tuple[int, int], Reading] = {}
        """Cells of fields (number and mask) that were read as a record would state them, made once."""

    def _common_warnings(self) -> list[tuple[dict[str, Entry], str]]:
        """Return the shared warnings that this table's fields can give rise to."""
        readers = self.names.by_name
        found = []
        for row in self.table.common.get("warnings", []):
            when: Mapping[str, Any] = row["when"]
            try:
                wanted = {name: parse_entry(raw, readers[name].domain) for name, raw in when.items()}
            except (KeyError, ConditionError):  # about a field or a value that this cancer does not have
                continue
            found.append((wanted, row["say"]))
        return found

    def _used_fields(self) -> frozenset[str]:
        """Return the fields that an answer takes notice of."""
        table = self.table
        warned = {name for wanted, _ in self._warnings for name in wanted}
        gate = {name for scope in table.boxes["scope"] for name in scope["gate"]}
        counts = {EXAMINED} if POSITIVE in table.index else set()
        return frozenset({*table.index, *table.common["premises"]} | counts | warned | gate)

    @cached_property
    def tied(self) -> frozenset[int]:
        """The fields on which it turns whether a case can be."""
        table = self.table
        return frozenset(Reach(table.store, table.space.full).tested(table.roots["feasible"]))

    @cached_property
    def ungated(self) -> list[MaskPairs]:
        """What of the scope turns on findings alone, not on a field of the gate."""
        return [scope["box"] for scope in self.table.boxes["scope"] if not scope["gate"]]

    @cached_property
    def ordered(self) -> list[bool]:
        """Whether the values of each field have an order."""
        fields = self.table.table["fields"]
        return [cells.domain.numeric or "worse" in fields[cells.field] for cells in self.table.space.cells]

    @cached_property
    def _rows(self) -> dict[int, list[tuple[int, MaskPairs]]]:
        """The impossible rows about each field, with their numbers."""
        found: dict[int, list[tuple[int, MaskPairs]]] = {}
        for number, pairs in enumerate(self.table.boxes["impossible"]):
            for place, _ in pairs:
                found.setdefault(place, []).append((number, pairs))
        return found

    def rows_about(self, places: Iterable[int]) -> Iterator[tuple[int, MaskPairs]]:
        """Give the impossible rows about some fields, with their numbers."""
        for place in places:
            yield from self._rows.get(place, ())

    def draft(self) -> Draft:
        """Return a case of which nothing is known yet."""
        return Draft(self.table, self.names.by_name, list(self._full))

    # ---- the rules, in their order

    def facts(self, draft: Draft) -> Facts:
        """Return what the readings of a draft come to.

        Raises:
            CaseError: something in the record is wrong; it holds every problem, in field order.
            OutOfScope: the record is sound, but the table does not answer such a case.
        """
        readings, masks = draft.readings, tuple(draft.masks)
        boxes = self._boxes(draft)
        table = self.table
        sound = possible(table, boxes)
        if not sound:
            self.unstated.withdraw(draft)
            boxes = node_boxes(draft)
            table = settle_contradictions(draft, boxes)
        self._warn(draft)
        index = table.index
        return Facts(
            table=table,
            boxes=boxes,
            stated={name: reading.shown for name, reading in draft.readings.items()},
            known=tuple(
                [
                    index[name]
                    for name, reading in draft.readings.items()
                    if reading.entry is not None and name in index and name not in draft.unused
                ]
            ),
            absent=tuple(draft.absent),
            assumed=(*self.unstated.open_premises(draft), *draft.assumed),
            translated=tuple(draft.translated),
            warnings=tuple(draft.warnings),
            ref=draft.ref,
            quotes=draft.quotes,
            whole=self.table,
            readings=readings,
            masks=masks,
            before=draft.before[0],
            sound=sound,
        )

    def again(self, facts: Facts, readings: Mapping[str, Reading], masks: Mapping[int, int]) -> Moved:
        """Return what a case comes to once some of its findings have other readings and cells.

        Every rule is applied anew. What was contradicted in the case as it is may stay so.

        Raises:
            CaseError: the findings exclude one another.
            OutOfScope: the table does not answer such a case.
        """
        draft = Draft(self.table, self.names.by_name, list(facts.masks), silent=True)
        draft.readings = {**facts.readings, **readings}
        for place, mask in masks.items():
            draft.masks[place] = mask
        boxes = self._boxes(draft)
        if possible(self.table, boxes):
            return Moved(self.table, boxes)
        self.unstated.withdraw(draft)
        boxes = node_boxes(draft)
        for table in dict.fromkeys((self.table, facts.table)):
            if possible(table, boxes):
                return Moved(table, boxes)
        return Moved(self.table, boxes, contradicts=True)

    def _boxes(self, draft: Draft) -> tuple[Box, ...]:
        """Apply the rules up to what is assumed; return the cases that are left, possible or not.

        Raises:
            CaseError: something in the record is wrong.
            OutOfScope: the table does not answer such a case.
        """
        link_nodes(draft)
        if draft.problems:
            order = self.names.order
            raise CaseError(sorted(draft.problems, key=lambda problem: order.get(problem.field or "", -1)))
        self.unstated.take_as_not_done(draft)
        self.unstated.hold_against_parents(draft)
        self.unstated.assume(draft)
        boxes = node_boxes(draft)
        check_scope(draft, boxes)
        return boxes

    # ---- warnings

    def not_used(self, name: str) -> str:
        """Word that a field of the vocabulary has no part in the answer."""
        return say("case.not_used", field=name, cancer=self.table.name)

    def _warn(self, draft: Draft) -> None:
        """Add the warnings of the tables, and name what is not used."""
        given = draft.readings.keys()
        for pairs, names, sentence in self._own_warnings:
            if names <= given and all(not draft.masks[place] & ~mask for place, mask in pairs):
                draft.warnings.append(sentence)
        for wanted, sentence in self._warnings:
            if wanted.keys() <= given and all(draft.surely(name, entry) for name, entry in wanted.items()):
                draft.warnings.append(sentence)
        draft.warnings += [self.not_used(name) for name in draft.readings if name not in self.used]
