"""The decision as it happened: the row that decided, those above it, what is enough, options ticked.

Pure, no I/O. Whether a row or an option applies is exact and comes from the answer; each condition is held
against everything the facts allow, one at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from riskcli.cells import bits
from riskcli.compiled import FIRST, LEVELS
from riskcli.conditions import Domain, parse_entry
from riskcli.evaluate import answer_data
from riskcli.facts import Facts
from riskcli.moves import level_ends
from riskcli.reach import Reach, union_of
from riskcli.scope import possible
from riskcli.settling import Moved
from riskcli.statics import derived_values
from riskcli.values import OPEN, Reading
from riskcli.varied import Varied

Status = Literal["met", "not_met", "open"]
Standing = Literal["decides", "may_decide", "does_not_apply"]
LEVEL = "level"


@dataclass(frozen=True)
class Tick:
    """One condition of a row, and how the case stands to it."""

    name: str
    wanted: Any
    status: Status
    here: str | tuple[str, ...]
    """What the case has: what was stated, or all that is possible."""


@dataclass(frozen=True)
class Row:
    """One row of the table and how the case stands to it."""

    id: str
    level: str
    why: str
    status: Standing
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class Criterion:
    """One criterion of an option, with its conditions."""

    option: str
    name: str
    id: str
    why: str
    status: Status
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class Why:
    """How an answer came about."""

    rows: tuple[Row, ...]
    """Those that were looked at, in the order of the table; those below the one that decided were not."""
    below: int
    """How many rows were not looked at."""
    enough: tuple[tuple[str, str | tuple[str, ...]], ...] | None
    """Known findings that alone give the level, none of which can be left out; None for several levels."""
    criteria: tuple[Criterion, ...]


def why(facts: Facts) -> Why:
    """Return how the answer to a case came about.

    Example:
        >>> from riskcli.case import read_case
        >>> from riskcli.loader import load_rules
        >>> case = {"nodes_positive": 2, "grade": 3, "vascular_invasion": "absent"}
        >>> found = why(read_case(case, load_rules().get("other_solid")))
        >>> [name for name, _ in found.enough], found.rows[-1].status
        (['nodes_positive', 'vascular_invasion'], 'decides')
    """
    return _Decision(facts).found()


class _Decision:
    """One case held against the rows of its table."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.table = facts.table
        self.bounds = union_of(facts.boxes)
        self.reaches = [Reach(self.table.store, box) for box in facts.boxes]
        self.answer = answer_data(facts, None)

    def found(self) -> Why:
        """Put everything together."""
        reasons = {reason["rule"]: reason["certain"] for reason in self.answer["reasons"]}
        data = self.table.table["likelihood"]
        last = max(number for number, row in enumerate(data) if row["id"] in reasons)
        rows = tuple(self._row(row, reasons.get(row["id"])) for row in data[: last + 1])
        return Why(rows, len(data) - last - 1, self._enough(), tuple(self._criteria()))

    def _row(self, row: Mapping[str, Any], certain: bool | None) -> Row:
        """Return how the case stands to a row."""
        status: Standing = "does_not_apply" if certain is None else "decides" if certain else "may_decide"
        return Row(row["id"], row["level"], row["why"], status, self._ticks(row["when"]))

    def _criteria(self) -> Iterator[Criterion]:
        """Give the criteria of every option that a table offers."""
        met = {rule for option in self.answer["options"] for rule in option["rules"]}
        for option in self.table.table.get("options", ()):
            for criterion in option["any_of"]:
                ticks = self._ticks(criterion["when"])
                status: Status = "open"
                if any(tick.status == "not_met" for tick in ticks) or criterion["id"] not in met:
                    status = "not_met"
                elif all(tick.status == "met" for tick in ticks):
                    status = "met"
                yield Criterion(
                    option["id"], option["name"], criterion["id"], criterion["why"], status, ticks
                )

    # ---- conditions

    def _ticks(self, when: Mapping[str, Any]) -> tuple[Tick, ...]:
        """Return each condition of a row with how the case stands to it."""
        return tuple(self._tick(name, wanted) for name, wanted in when.items())

    def _tick(self, name: str, wanted: Any) -> Tick:
        """Return one condition."""
        if name in self.table.index:
            place = self.table.index[name]
            cells = self.table.space.cells[place]
            mask = cells.mask(parse_entry(wanted, cells.domain))
            here = self.bounds[place]
            if _status(here, mask) == "open":
                here = self._possible(place, here)
            status = _status(here, mask)
            stated = self.answer["case"].get(name) if status != "open" else None
            return Tick(name, wanted, status, _fixed(cells.describe(here) if stated is None else stated))
        values, root = self._values(name)
        ends = 0
        for reach in self.reaches:
            ends |= reach.ends(root) & ~1
        here = ends >> FIRST
        mask = _accepted(values, wanted)
        return Tick(name, wanted, _status(here, mask), _fixed([values[i] for i in bits(here)]))

    def _possible(self, place: int, mask: int) -> int:
        """Return those of a field's cells that some possible case has."""
        found = 0
        for cell in bits(mask):
            boxes = [
                (*box[:place], 1 << cell, *box[place + 1 :])
                for box in self.facts.boxes
                if box[place] >> cell & 1
            ]
            found |= bool(boxes and possible(self.table, boxes)) << cell
        return found or mask

    def _values(self, name: str) -> tuple[Sequence[str], int]:
        """Return the values of a derived name, or of the level, and its diagram."""
        if name == LEVEL:
            return LEVELS, self.table.roots[LEVEL]
        return derived_values(self.table, name), self.table.roots[f"derived:{name}"]

    # ---- what is enough

    def _enough(self) -> tuple[tuple[str, str | tuple[str, ...]], ...] | None:
        """Return known findings that alone give the level, none of which can be left out.

        A finding is shown as the range that the table uses where all of that range is enough.
        """
        level = level_ends(Moved(self.table, self.facts.boxes))
        if (level >> FIRST).bit_count() != 1:
            return None
        varied = Varied(self.facts)
        values: dict[int, Reading] = {}

        def gives_it(place: int, reading: Reading) -> bool:
            """Take a finding as something else where the level stays."""
            same = level_ends(varied.asked({**values, place: reading})) == level
            if same:
                values[place] = reading
            return same

        kept = [place for place in reversed(self.facts.known) if not gives_it(place, OPEN)]
        for place in kept:
            gives_it(place, *varied.at({place: self.facts.masks[place]}).values())
        left = None
        while left != kept:  # of a range another finding may be all that is needed
            left, kept = kept, [place for place in kept if not gives_it(place, OPEN)]
        return tuple(
            (
                self.table.space.cells[place].field,
                _fixed((values.get(place) or self.facts.readings[self.table.space.cells[place].field]).shown),
            )
            for place in sorted(kept)
        )


def _status(here: int, wanted: int) -> Status:
    """Say how what is possible stands to what is wanted."""
    if not here & ~wanted:
        return "met"
    return "open" if here & wanted else "not_met"


def _accepted(values: Sequence[str], wanted: Any) -> int:
    """Return which values of a derived name a condition accepts."""
    if all(value.lstrip("-").isdigit() for value in values):
        domain = Domain(low=int(values[0]), high=int(values[-1]), integer=True)
        try:
            entry = parse_entry(wanted, domain)
        except ValueError:
            entry = None
        if entry is not None:
            return sum(
                1 << i
                for i, value in enumerate(values)
                if any(span.low <= (int(value), 0) < span.high for span in entry.spans)
            )
    words = {str(item) for item in (wanted if isinstance(wanted, list | tuple) else (wanted,))}
    return sum(1 << i for i, value in enumerate(values) if value in words)


def _fixed(described: object) -> str | tuple[str, ...]:
    """Return one value as a text, several as a tuple."""
    if not isinstance(described, list | tuple):
        return str(described)
    return str(described[0]) if len(described) == 1 else tuple(map(str, described))
