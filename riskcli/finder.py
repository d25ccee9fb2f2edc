"""Definite cases of a table that touch many things at once, found by walking its diagrams. Pure, no I/O.

A case under construction is a diagram of everything it may still be. Each further thing it is to touch
narrows the diagram; what would leave nothing is not taken. So what can be touched together is known exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from riskcli.case import read_case
from riskcli.cells import Cells
from riskcli.compiled import FIRST, Compiled
from riskcli.conditions import NOT_DONE, Number
from riskcli.diagram import NO, YES, Diagram
from riskcli.errors import CaseError
from riskcli.facts import Facts
from riskcli.goals import (
    ROW,
    THRESHOLD,
    Goal,
    Record,
    Vignette,
    beside_thresholds,
    decided,
    edges,
    is_value,
    touches,
)
from riskcli.nodes import EXAMINED, POSITIVE
from riskcli.walk import View

Pattern = dict[int, tuple[int, Any]]
"""The cell and the value of some fields, by the field's number."""


@dataclass
class _Region:
    """Cases under construction: a diagram, values that are fixed beside thresholds, and a pattern."""

    root: int
    values: dict[int, Number] = field(default_factory=dict)
    pattern: Pattern = field(default_factory=dict)
    """What an example states, which is kept where it can be: such findings go together."""


class Finder:
    """Finds definite cases of one table that touch many things at once.

    Example:
        >>> from riskcli.loader import load_rules
        >>> finder = Finder(load_rules().get("other_solid"))
        >>> len(finder.goals), len(list(finder.examples())), len(finder.built())
        (22, 11, 11)
    """

    def __init__(self, table: Compiled) -> None:
        self.table = table
        self.cells = table.space.cells
        self.store = Diagram(table.store.counts, table.store.fields, table.store.children)
        self.beside = beside_thresholds(table)
        self.roots = {goal: self.store.relabel(root, _is(value)) for goal, root, value in decided(table)} | {
            goal: self._stating(place, cell) for goal, (place, cell) in self.beside.items()
        }
        self.goals = list(self.roots)
        self.base = self._base()

    def _stating(self, place: int, cell: int) -> int:
        """Return the diagram of the cases in which a value can be stated: what it depends on is there."""
        parents = self.table.boxes["only_if"].get(self.cells[place].field, ())
        return self.store.box({**dict(parents), place: 1 << cell})

    # ---- from the examples

    @cached_property
    def _stated(self) -> list[Facts]:
        """What the table's examples state, as far as it can be read."""
        found = []
        for example in self.table.table.get("examples", []):
            try:
                found.append(read_case(example["case"], self.table))
            except CaseError:  # out of scope, as an example may be
                continue
        return found

    def examples(self) -> Iterator[Vignette]:
        """Give the table's own examples that are definite."""
        for facts in self._stated:
            record = self._with_tests_not_done(facts)
            touched = touches(self.table, record)
            if touched is not None:
                yield Vignette(record, touched)

    def _with_tests_not_done(self, facts: Facts) -> Record:
        """Return what is stated, the optional tests that apply and were not made among it, in order."""
        box = facts.boxes[0]
        record = {}
        for place, cells in enumerate(self.cells):
            if cells.field in facts.stated:
                record[cells.field] = facts.stated[cells.field]
            elif place in facts.absent and not any(
                box[parent] & ~mask for parent, mask in self.table.boxes["only_if"].get(cells.field, ())
            ):
                record[cells.field] = NOT_DONE
        return record

    def _pattern(self, facts: Facts) -> Pattern:
        """Return the fields of which an example states one value."""
        found = {}
        for place in facts.known:
            shown = facts.stated[self.cells[place].field]
            masks = {box[place] for box in facts.boxes}
            if len(masks) == 1 and is_value(self.cells[place], shown):
                found[place] = (masks.pop().bit_length() - 1, shown)
        return found

    @cached_property
    def _usual(self) -> dict[tuple[int, int], Counter[Any]]:
        """How often the examples state each value, by field and cell."""
        found: dict[tuple[int, int], Counter[Any]] = {}
        for facts in self._stated:
            for place, (cell, shown) in self._pattern(facts).items():
                found.setdefault((place, cell), Counter())[shown] += 1
        return found

    @cached_property
    def _patterns(self) -> dict[int, Pattern]:
        """What the first example of each row states, by the row's number."""
        found: dict[int, Pattern] = {}
        for facts in self._stated:
            view = View(self.table.store, facts.boxes)
            ends = view.ends(view.take(self.table.roots["rows"]))
            if facts.table is self.table and ends.bit_count() == 1:
                found.setdefault(ends.bit_length() - 1 - FIRST, self._pattern(facts))
        return found

    # ---- from the diagrams

    def built(self) -> list[Vignette]:
        """Return cases made to touch as much as possible: one for each row, then what is left.

        What few rows can take comes first, so that the rows that can take it still have room.
        """
        rows = [goal for goal in self.goals if goal.kind == ROW]
        homes = {
            goal: sum(self.store.both(self.roots[row], self.roots[goal]) != NO for row in rows)
            for goal in self.goals
        }
        others = sorted((goal for goal in self.goals if goal.kind != ROW), key=homes.__getitem__)
        found: list[Vignette] = []
        touched: set[Goal] = set()
        for seed in (*rows, *others):
            if seed in touched:
                continue
            case = self._case(seed, [goal for goal in others if goal not in touched])
            if case is not None:
                found.append(case)
                touched |= case.touches
        return found

    def _case(self, seed: Goal, wanted: Collection[Goal]) -> Vignette | None:
        """Return a case that touches a goal and as many others as can be; None when there is none."""
        rows = [row["id"] for row in self.table.table["likelihood"]]
        pattern = self._patterns.get(rows.index(seed.what), {}) if seed.kind == ROW else {}
        region = self._narrowed(_Region(self.base, {}, pattern), seed)
        if region is None or self._vignette(region) is None:
            return None
        for goal in wanted:
            region = self._narrowed(region, goal) or region
        return self._vignette(region)

    def _narrowed(self, region: _Region, goal: Goal) -> _Region | None:
        """Return the part of a region that touches a goal, or None when no definite case does."""
        values = region.values
        if goal.kind == THRESHOLD:
            place = self.beside[goal][0]
            value = values.get(place, goal.what)
            if value != goal.what or isinstance(value, str):
                return None
            values = {**values, place: value}
        root = self.store.both(self.roots[goal], region.root)
        if root == NO:
            return None
        found = _Region(root, values, region.pattern)
        return found if self._record(found) is not None else None

    def _vignette(self, region: _Region) -> Vignette | None:
        """Return the case of a region, read as any record is, or None when it is not definite."""
        record = self._record(region)
        touched = None if record is None else touches(self.table, record)
        return None if record is None or touched is None else Vignette(record, touched)

    def _base(self) -> int:
        """Return the diagram of what can be stated definitely."""
        root = self.table.roots["feasible"]
        for name, pairs in self.table.boxes["only_if"].items():
            place = self.table.index[name]
            absent = self.cells[place].not_done
            if absent:
                rest = self.store.box({place: absent})
                applies = self.store.box(dict(pairs))
                root = self.store.both(self.store.choose(applies, YES, rest), root)
        return self.store.both(self._counts(), root)

    def _counts(self) -> int:
        """Return the diagram of node counts that fit together, some nodes being examined."""
        index = self.table.index
        if POSITIVE not in index or EXAMINED not in index:
            return YES
        positive, examined = index[POSITIVE], index[EXAMINED]
        root = NO
        for cell in range(self.cells[examined].count):
            most = self._most(examined, cell)
            fit = sum(1 << i for i in range(self.cells[positive].count) if self._least(positive, i) <= most)
            if most and fit:
                root = self.store.either(self.store.box({examined: 1 << cell, positive: fit}), root)
        return root

    def _least(self, place: int, cell: int) -> Number:
        """Return the least number in a cell; 0 for one that is no number."""
        spans = self.cells[place].spans
        return spans[cell].low[0] if cell < len(spans) else 0

    def _most(self, place: int, cell: int) -> Number:
        """Return the greatest whole number in a cell; endless for one that is no number."""
        spans = self.cells[place].spans
        return spans[cell].high[0] - 1 if cell < len(spans) else float("inf")

    # ---- one case of a region

    def _record(self, region: _Region) -> Record | None:
        """Return the plainest record of a region; None when the node counts do not fit together."""
        chosen = self._walk(region)
        values: dict[int, Any] = {
            place: region.values.get(place, self._value(place, cell, region.pattern))
            for place, cell in enumerate(chosen)
            if place in region.values or self._is_stated(place, chosen)
        }
        if not self._fit_counts(values, chosen, region.values):
            return None
        return {self.cells[place].field: value for place, value in values.items()}

    def _walk(self, region: _Region) -> list[int]:
        """Return the cell of every field: the pattern's or the plainest that the region allows."""
        chosen = []
        root = region.root
        for place in range(len(self.cells)):
            order = self._preferred[place]
            if place in region.pattern:
                order = [region.pattern[place][0], *order]
            cell = order[0]
            if root >= 0 and self.store.fields[root] == place:
                kids = self.store.children[root]
                cell = next(cell for cell in order if kids[cell] != NO)
                root = kids[cell]
            chosen.append(cell)
        return chosen

    @cached_property
    def _preferred(self) -> list[list[int]]:
        """The cells of every field, the plainest first: not done, assumed, not adverse, most often stated."""
        return [
            sorted(range(cells.count), key=self._plainness(place)) for place, cells in enumerate(self.cells)
        ]

    def _plainness(self, place: int) -> Callable[[int], tuple[bool, bool, int, int]]:
        """Return the key that puts the cells of a field in order."""
        cells = self.cells[place]
        worse = self.table.table["fields"][cells.field].get("worse")
        assumed = 0
        for choice in self.table.boxes["assume"].get(cells.field, ()):
            assumed |= choice["mask"]

        def key(cell: int) -> tuple[bool, bool, int, int]:
            done = not cells.not_done >> cell & 1
            adverse = 0 if worse is None else _rank(cells, worse, cell)
            usual = sum(self._usual.get((place, cell), Counter()).values())
            return done, not assumed >> cell & 1, adverse, -usual

        return key

    def _value(self, place: int, cell: int, pattern: Pattern) -> Any:
        """Return the value that stands for a cell: as in the pattern or most examples, or one at its edge."""
        if pattern.get(place, (None,))[0] == cell:
            return pattern[place][1]
        usual = self._usual.get((place, cell))
        if usual:
            return usual.most_common(1)[0][0]
        cells = self.cells[place]
        if cell >= len(cells.spans):
            return cells.names[cell]
        low, high = edges(cells, cell)
        return low if cell else high

    def _is_stated(self, place: int, chosen: Sequence[int]) -> bool:
        """Say whether a case states a field: one that applies and that something turns on."""
        cells = self.cells[place]
        pairs = self.table.boxes["only_if"].get(cells.field, ())
        applies = all(mask >> chosen[parent] & 1 for parent, mask in pairs)
        return applies and (cells.count > 1 or (place, 0) in self._usual)

    def _fit_counts(self, values: dict[int, Any], chosen: Sequence[int], fixed: Mapping[int, Number]) -> bool:
        """Make the node counts fit together, as far as they are not fixed; say whether they do."""
        places = (self.table.index.get(POSITIVE), self.table.index.get(EXAMINED))
        positive, examined = places
        if positive is None or examined is None or not _are_numbers(values, (positive, examined)):
            return True
        least = max(1, values[positive])
        if values[examined] < least and examined not in fixed:
            values[examined] = min(least, self._most(examined, chosen[examined]))
        if values[examined] < values[positive] and positive not in fixed:
            values[positive] = max(values[examined], self._least(positive, chosen[positive]))
        return bool(values[examined] >= max(1, values[positive]))


def _are_numbers(values: Mapping[int, Any], places: Iterable[int]) -> bool:
    """Say whether all of these fields have a number."""
    return all(isinstance(values.get(place), int | float) for place in places)


def _is(value: int) -> Callable[[int], int]:
    """Return the label that is 1 for one leaf."""
    return lambda found: int(found == value)


def _rank(cells: Cells, worse: str, cell: int) -> int:
    """Return how adverse a cell is: its place in the direction of `worse`."""
    words = cells.domain.words
    if worse == "lower" or (worse in words and worse == words[0]):
        return cells.count - cell
    return cells.count if worse in words and cell == words.index(worse) else cell
