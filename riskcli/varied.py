"""The same case with other values for some of its findings: the one place where a finding is moved. No I/O.

Every rule of reading is applied again, so that a moved case is what asking for it would be. Where none of
them can turn on the finding (`Varied.alone`), moving it in the boxes of the case is the same and costs less.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from riskcli.case import case_reader
from riskcli.cells import Cells, bits, joined
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
        self._any_values: dict[int, int] = {}

    @cached_property
    def _settling(self) -> Settling:
        """The rules of reading of the table."""
        return case_reader(self.table).settling

    # ---- a case with other values

    def at(self, masks: Mapping[int, int]) -> dict[int, Reading]:
        """Return cells (a mask by the number of the field) as a record would state them."""
        read = self._settling.cells_read
        found = {}
        for place, mask in masks.items():
            key = place, mask
            if key not in read:
                read[key] = cells_read(self.cells[place], mask)
            found[place] = read[key]
        return found

    def asked(self, values: Values) -> Moved | None:
        """Return the case that states these values instead; None when it cannot be, or is not answered."""
        try:
            found = self._again(values)
        except CaseError:
            return None
        return None if found.contradicts else found

    def moved(self, values: Values, freed: Mapping[int, int] | None = None) -> Moved | None:
        """Return the same, and what a moved finding contradicts (a size and its T category) moved along.

        That is left open, and so are fewer nodes examined than are now positive. What has no order (the site
        of the cancer) is left open only when nothing else helps. `freed` is what is known to be left open.
        """
        wanted = {**values, **self.at(freed or {})}
        while True:
            try:
                found = self._again(wanted)
            except OutOfScope:
                return None
            except CaseError:
                others = self._other_counts(values)
                freed = {place: self._any_value(place) for place in others if place not in wanted}
            else:
                if not found.contradicts:
                    return found
                freed = self.tied(values, self._masks(wanted))
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
        """Return the cells of a finding that was looked for, whatever was found.

        No more nodes are positive than a stated count of examined ones.
        """
        found = self._any_values.get(place)
        if found is None:
            cells = self.cells[place]
            found = cells.full & ~cells.not_done
            if cells.field == POSITIVE:
                fits = [cell for cell in bits(found) if self._goes_with_count(place, 1 << cell)]
                found = sum(1 << cell for cell in fits) or found
            self._any_values[place] = found
        return found

    def tied(self, moved: Collection[int], masks: Mapping[int, int]) -> dict[int, int]:
        """Return what is to be left open, because impossible rows tie it to a moved field: any value of it.

        `masks` are the cells of all that was moved or left open so far. First comes what has an order.
        """
        boxes, left_out = self.facts.boxes, self.facts.table.left_out
        found: set[int] = set()
        for number, pairs in self._settling.rows_about(moved):
            if number not in left_out and any(
                all(masks.get(place, box[place]) & mask for place, mask in pairs) for box in boxes
            ):
                found |= {place for place, _ in pairs if place not in masks and self._is_finding(place)}
        found = {place for place in found if self._settling.ordered[place]} or found
        return {place: self._any_value(place) for place in found}

    def _is_finding(self, place: int) -> bool:
        """Say whether a field is stated, or was taken as not done."""
        return self._states(self.cells[place].field) or place in self.facts.absent

    def _states(self, name: str) -> bool:
        """Say whether the record states a field, and not as unknown."""
        reading = self.facts.readings.get(name)
        return reading is not None and reading.entry is not None

    # ---- where nothing else turns on a finding

    def along(self, place: int, mask: int) -> dict[int, int] | None:
        """Return the cells of what moves along with a field at some cells; None where more may turn on it.

        Then the moved case is the boxes of this one with these cells, as far as any case of them can be: no
        assumption, no count of nodes and no scope turns on the move, and of what depends on the field only
        whether stated values count.
        """
        name = self.cells[place].field
        if not self.facts.sound or place in self.turning or not self._is_made(place):
            return None
        if name in _OTHER and not self._goes_with_count(place, mask):
            return None
        found: dict[int, int] = {}
        for child, wanted in self.parents.get(place, ()):
            was, will = self.facts.masks[place] & wanted, mask & wanted
            if bool(was) == bool(will) or self._excluded_besides(child, place):
                continue
            if not self._counts_alone(child):
                return None
            unused = self.cells[child].not_done or self.cells[child].full
            found[child] = self.facts.masks[child] if will else unused
        return found

    def alone(self, place: int, mask: int) -> bool:
        """Say whether a field may move to some cells without anything else that was read being another."""
        return self.along(place, mask) == {}

    def _excluded_besides(self, child: int, place: int) -> bool:
        """Say whether another parent than this one rules a stated value out."""
        pairs = self.table.boxes["only_if"][self.cells[child].field]
        return any(parent != place and not self.facts.masks[parent] & wanted for parent, wanted in pairs)

    def _counts_alone(self, place: int) -> bool:
        """Say whether nothing else turns on whether a stated value counts."""
        name = self.cells[place].field
        if place in self.turning or place in self.parents or name in _OTHER:
            return False
        pairs = self.table.boxes["only_if"][name]
        return all(self.cells[parent].field in self.facts.readings for parent, _ in pairs)

    @cached_property
    def assumes_nothing(self) -> bool:
        """Whether no field of the table was assumed: then nothing is withdrawn where no case can be."""
        return not any(item["field"] in self.table.index for item in self.facts.assumed)

    def out_of_scope(self, masks: Mapping[int, int]) -> bool:
        """Say whether the table answers no case with some cells; for fields that move alone."""
        boxes = self.facts.boxes
        return any(
            all(not masks.get(place, box[place]) & ~mask for box in boxes for place, mask in pairs)
            for pairs in self._settling.ungated
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
        """By field, the stated fields that depend on it, and the cells for which they count."""
        found: dict[int, list[tuple[int, int]]] = {}
        for name, pairs in self.table.boxes["only_if"].items():
            child = self.table.index[name]
            if self._states(name) and self.facts.masks[child] != self.cells[child].not_done:
                for place, wanted in pairs:
                    found.setdefault(place, []).append((child, wanted))
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

    def _goes_with_count(self, place: int, mask: int) -> bool:
        """Say whether a count of nodes at some cells leaves the other count as it is."""
        other_name = _OTHER[self.cells[place].field]
        other, at = self.facts.readings.get(other_name), self.table.index.get(other_name)
        if other is None and at is None:
            return True
        cells = self.cells[place]
        if not mask or mask & cells.not_done or other is None or other.entry is None or not other.entry.spans:
            return False
        if at is not None and not self._is_one_cell(at):
            return False
        stated = _extent(other.entry.spans)
        for cell in bits(mask):
            moved = _extent(cells.spans[cell : cell + 1])
            positive, examined = (moved, stated) if other_name == EXAMINED else (stated, moved)
            if examined[0] < 1 or positive[0] > examined[1]:
                return False
        return True

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
