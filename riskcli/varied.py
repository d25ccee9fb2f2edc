"""The same case with other values for some of its findings: the one place where a finding is moved. No I/O.

Every rule of reading is applied again, so that a moved case is what asking for it would be. Where none of
them can turn on the finding (`Varied.alone`), moving it in the boxes of the case is the same and costs less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from riskcli.case import case_reader
from riskcli.cells import Cells, joined
from riskcli.conditions import Entry, Span
from riskcli.errors import CaseError, OutOfScope
from riskcli.facts import Facts
from riskcli.nodes import EXAMINED, POSITIVE
from riskcli.reach import union_of
from riskcli.settling import Moved, Settling
from riskcli.values import Reading

Values = Mapping[int, Reading]
"""What some fields, by number, are read as instead."""
_OTHER = {POSITIVE: EXAMINED, EXAMINED: POSITIVE}


class Varied:
    """One case, whose findings may be moved.

    Example:
        >>> from riskcli.case import read_case
        >>> from riskcli.loader import load_rules
        >>> facts = read_case({"nodes_positive": 2}, load_rules().get("other_solid"))
        >>> varied, place = Varied(facts), facts.table.index["nodes_positive"]
        >>> [box[place] for box in varied.moved(varied.at({place: 0b1})).boxes]
        [1]
    """

    def __init__(self, facts: Facts) -> None:
        """Look at a case."""
        self.facts = facts
        self.table = facts.whole or facts.table
        self.cells = self.table.space.cells

    @cached_property
    def _settling(self) -> Settling:
        """The rules of reading of the table."""
        return case_reader(self.table).settling

    # ---- a case with other values

    def at(self, masks: Mapping[int, int]) -> dict[int, Reading]:
        """Return cells (a mask by the number of the field) as a record would state them."""
        return {place: cells_read(self.cells[place], mask) for place, mask in masks.items()}

    def asked(self, values: Values) -> Moved | None:
        """Return the case that states these values instead; None when it cannot be, or is not answered."""
        try:
            found = self._again(values)
        except CaseError:
            return None
        return None if found.contradicts else found

    def moved(self, values: Values) -> Moved | None:
        """Return the same, and what a moved finding contradicts (a size and its T category) moved along.

        That is left open, and so are fewer nodes examined than are now positive. What has no order (the site
        of the cancer) is left open only when nothing else helps.
        """
        wanted = dict(values)
        while True:
            try:
                found = self._again(wanted)
            except OutOfScope:
                return None
            except CaseError:
                tied = self._other_counts(values)
            else:
                if not found.contradicts:
                    return found
                tied = self._contradicted(values, wanted)
            freed = {place: self._any_value(place) for place in tied if place not in wanted}
            if not freed:
                return None
            wanted |= self.at(freed)

    def _again(self, values: Values) -> Moved:
        """Apply every rule of reading again.

        Raises:
            CaseError: the findings exclude one another.
            OutOfScope: the table does not answer such a case.
        """
        readings = {self.cells[place].field: reading for place, reading in values.items()}
        return self._settling.again(self.facts, readings, self._masks(values))

    def _masks(self, values: Values) -> dict[int, int]:
        """Return the cells of some values."""
        return {
            place: self.cells[place].mask(reading.entry) if reading.entry else self.cells[place].full
            for place, reading in values.items()
        }

    def _other_counts(self, values: Values) -> set[int]:
        """Return the other count of nodes of each one that was moved."""
        others = {_OTHER.get(self.cells[place].field) for place in values}
        return {self.table.index[name] for name in others if name in self.table.index}

    def _any_value(self, place: int) -> int:
        """Return the cells of a finding that was looked for, whatever was found."""
        return self.cells[place].full & ~self.cells[place].not_done

    def _contradicted(self, values: Values, wanted: Values) -> set[int]:
        """Return the findings that impossible rows tie to a moved one and that are not open yet."""
        masks = self._masks(wanted)
        tied: set[int] = set()
        for number, pairs in enumerate(self.table.boxes["impossible"]):
            about_moved = any(place in values and masks[place] & mask for place, mask in pairs)
            if (
                about_moved
                and number not in self.facts.table.left_out
                and any(
                    all(masks.get(place, box[place]) & mask for place, mask in pairs)
                    for box in self.facts.boxes
                )
            ):
                tied |= {place for place, _ in pairs if place not in wanted and self._is_finding(place)}
        return {place for place in tied if self._is_ordered(place)} or tied

    def _is_finding(self, place: int) -> bool:
        """Say whether a field is stated, or was taken as not done."""
        return self._states(self.cells[place].field) or place in self.facts.absent

    def _is_ordered(self, place: int) -> bool:
        """Say whether the values of a field have an order."""
        cells = self.cells[place]
        return cells.domain.numeric or "worse" in self.table.table["fields"][cells.field]

    def _states(self, name: str) -> bool:
        """Say whether the record states a field, and not as unknown."""
        reading = self.facts.readings.get(name)
        return reading is not None and reading.entry is not None

    # ---- where nothing else turns on a finding

    def alone(self, place: int, cell: int) -> bool:
        """Say whether a field may move to a cell without anything else that was read being another.

        Then the moved case is the boxes of this one with that cell, as far as any case of them can be: no
        assumption, no dependent field, no count of nodes and no scope turns on the move.
        """
        return (
            self.facts.sound
            and place not in self.turning
            and self._is_made(place)
            and all(
                (before & wanted == 0) == (wanted >> cell & 1 == 0)
                for before, wanted in self.parents.get(place, ())
            )
            and self._goes_with_count(place, cell)
        )

    @cached_property
    def turning(self) -> frozenset[int]:
        """The fields on which it turns what is assumed, or whether the case is in scope besides its cells.

        A condition that the stated facts do not meet outright may hold because what is outside it cannot be:
        then it turns on every field that makes cases impossible.
        """
        facts, boxes = self.facts, self.table.boxes
        found: set[int] = set()
        for name, choices in boxes["assume"].items():
            for choice in choices if name not in facts.readings else ():
                found.update(place for place, _ in choice["when"])
                if any(facts.before[place] & ~mask for place, mask in choice["when"]):
                    found |= self._settling.tied
        for scope in boxes["scope"]:
            if scope["gate"] and all(map(self._states, scope["gate"])):
                found.update(place for place, _ in scope["box"])
        return frozenset(found)

    @cached_property
    def parents(self) -> Mapping[int, list[tuple[int, int]]]:
        """By field, the cells it has and those that a stated field depends on it for."""
        found: dict[int, list[tuple[int, int]]] = {}
        for name, pairs in self.table.boxes["only_if"].items():
            for place, wanted in pairs if self._states(name) else ():
                found.setdefault(place, []).append((self.facts.masks[place], wanted))
        return found

    def _is_made(self, place: int) -> bool:
        """Say whether a value of a field, if it is not stated now, would say nothing about its parents."""
        name, facts = self.cells[place].field, self.facts
        if name in facts.readings and place not in facts.absent:
            return True
        return all(
            self.cells[parent].field in facts.readings and facts.masks[parent] & wanted
            for parent, wanted in self.table.boxes["only_if"].get(name, ())
        )

    def _goes_with_count(self, place: int, cell: int) -> bool:
        """Say whether a count of nodes at a cell leaves the other count as it is; so does any other field."""
        name = self.cells[place].field
        if name not in _OTHER:
            return True
        other, at = self.facts.readings.get(_OTHER[name]), self.table.index.get(_OTHER[name])
        if other is None and at is None:
            return True
        spans = self.cells[place].spans[cell : cell + 1]
        if not spans or other is None or other.entry is None or not other.entry.spans:
            return False
        if at is not None and not self._is_one_cell(at):
            return False
        moved, stated = _extent(spans), _extent(other.entry.spans)
        positive, examined = (moved, stated) if name == POSITIVE else (stated, moved)
        return examined[0] >= 1 and positive[0] <= examined[1]

    def _is_one_cell(self, place: int) -> bool:
        """Say whether a field that is used has one cell, the one that it was read as."""
        mask, known = self.facts.masks[place], place in self.facts.known
        return known and not mask & (mask - 1) and union_of(self.facts.boxes)[place] == mask


def _extent(spans: Sequence[Span]) -> tuple[int, int]:
    """Return the least and the greatest whole number in some stretches."""
    return min(int(span.low[0]) for span in spans), max(int(span.high[0]) - 1 for span in spans)


def cells_read(cells: Cells, mask: int) -> Reading:
    """Return some cells of a field as a record would state them.

    Example:
        >>> from riskcli.conditions import Domain, parse_entry
        >>> nodes = Domain(low=0, high=90, integer=True)
        >>> cells = Cells.cut("nodes", nodes, [parse_entry("1..3", nodes)])
        >>> cells_read(cells, 0b110).entry == parse_entry(">=1", nodes)
        True
    """
    entry = Entry(
        frozenset(word for i, word in enumerate(cells.domain.words) if mask >> i & 1),
        tuple(joined(cells.spans, mask & ~cells.not_done)),
        bool(mask & cells.not_done),
    )
    return Reading(entry, cells.describe(mask))
