"""Which values of a field make no difference to the columns of an answer. Knows no data frames.

A table cuts each field into cells, so most values are one of a few classes: two rows whose values have the
same classes have the same answer, and one of them is enough for the engine. A value that cannot be read has
no class: the row is answered by itself, because its sentence repeats the value.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from riskcli.case import case_reader
from riskcli.compiled import Compiled
from riskcli.conditions import ConditionError, Entry, parse_entry
from riskcli.facts import Draft
from riskcli.nodes import EXAMINED, POSITIVE, link_nodes, node_boxes
from riskcli.values import Reading, ValueProblem, lies_within

NODES = (POSITIVE, EXAMINED)
"""The two counts that are held together; they have a class as a pair."""


class Classes:
    """The classes of the values of one table's fields.

    Example:
        >>> from riskcli.loader import load_rules
        >>> classes = Classes(load_rules().get("breast"))
        >>> classes.of("tumour_size_mm", 28) == classes.of("tumour_size_mm", "29 mm")
        True
        >>> classes.of("grade", 2) == classes.of("grade", 3), classes.of("grade", 7)
        (False, None)
    """

    def __init__(self, table: Compiled) -> None:
        """Prepare what does not depend on a value."""
        self.table = table
        self.reader = case_reader(table)
        self._asked = self._warned_of()

    def _warned_of(self) -> dict[str, list[Entry]]:
        """Return what the shared warnings ask of each field."""
        found: dict[str, list[Entry]] = {}
        for row in self.table.common.get("warnings", []):
            for name, raw in row["when"].items():
                reader = self.reader.readers.get(name)
                try:
                    if reader:
                        found.setdefault(name, []).append(parse_entry(raw, reader.domain))
                except ConditionError:  # a value that this cancer does not have
                    continue
        return found

    def of(self, name: str, raw: Any) -> Hashable | None:
        """Return the class of a value that is not empty; None when it has none.

        `raw` is a value as the column holds it; a field that the table does not use only has to be there.
        """
        name = self.reader.names.field(name)
        if name not in self.reader.readers:
            return ()
        try:
            return self._class(name, self.reader.readers[name].read(raw))
        except ValueProblem:
            return None

    def _class(self, name: str, reading: Reading) -> Hashable | None:
        """Return everything that a reader or a table can ask of a reading."""
        if any(count in reading.implied for count in NODES):
            return None
        entry = reading.entry
        if entry is None:
            return ("open", *_pairs(reading))
        place = self.table.index.get(name)
        mask = None if place is None else self.table.space.cells[place].mask(entry)
        words = (
            () if place is not None and self.table.space.cells[place].domain.numeric else sorted(entry.words)
        )
        asked = [lies_within(entry, wanted) for wanted in self._asked.get(name, ())]
        return (mask, tuple(words), entry.not_done, tuple(asked), *_pairs(reading))

    def of_nodes(self, positive: Any, examined: Any) -> Hashable | None:
        """Return the class of the two counts of nodes, None where not stated; None when there is none."""
        draft = Draft(self.table, self.reader.readers, list(self.table.space.full))
        classes: list[Hashable] = []
        for name, raw in ((POSITIVE, positive), (EXAMINED, examined)):
            if raw is None or name not in self.reader.readers:
                classes.append(None if raw is None else ())
                continue
            try:
                reading = self.reader.readers[name].read(raw)
            except ValueProblem:
                return None
            draft.readings[name] = reading
            if name in self.table.index and reading.entry is not None:
                draft.set_mask(name, self.table.space.cells[self.table.index[name]].mask(reading.entry))
            classes.append(self._class(name, reading))
        link_nodes(draft)
        if draft.problems or draft.warnings:
            return None
        places = [self.table.index[name] for name in NODES if name in self.table.index]
        boxes = frozenset(tuple(box[place] for place in places) for box in node_boxes(draft))
        return (tuple(classes), boxes)


def _pairs(reading: Reading) -> tuple[tuple[str, str], ...]:
    """Return what a reading carries with it, in a form that can be compared."""
    return tuple(sorted((name, repr(value)) for name, value in reading.implied.items()))
