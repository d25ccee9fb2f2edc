"""What decisions can know of each finding: its group, several groups, or nothing. Decides no level.

For every field that matters there is one decision, which sorts the value that is stated into the table's
groups and says `unknown` where nothing or nothing sensible is stated; everything else reads only these
words, so that nothing that is missing is ever met by a condition. What it may say stands for a mask of the
field's cells, which always holds every case that the engine would still allow:

- nothing is assumed here and no test counts as not made unless that is stated;
- the node rule of the contract holds, as far as one count can be read from the other;
- a value whose parent rules it out is not used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from riskcli.case import case_reader
from riskcli.cells import Cells
from riskcli.compiled import Compiled
from riskcli.conditions import NOT_DONE, Domain, parse_entry
from riskcli.interop.decisions import (
    NUMBER,
    STRING,
    Column,
    Decision,
    Input,
    Interval,
    Names,
    Output,
    Rule,
    Test,
)
from riskcli.nodes import EXAMINED, POSITIVE
from riskcli.report.wording import Wording
from riskcli.words import say

UNKNOWN = "unknown"
DONE = "done"
_NONE: Test = (Interval(0, 0),)


@dataclass(frozen=True)
class States:
    """What a decision may say of one thing, and the mask of values that each word stands for.

    Example:
        >>> er = States(Column("er_known"), {"negative": 0b01, "positive": 0b10, "unknown": 0b11})
        >>> er.inside(0b10), er.meeting(0b10), er.outside(0b10)
        (('positive',), ('positive', 'unknown'), ('negative',))
    """

    column: Column
    masks: Mapping[str, int]

    def inside(self, mask: int) -> tuple[str, ...]:
        """Return the words by which a condition holds for certain."""
        return tuple(word for word, held in self.masks.items() if not held & ~mask)

    def meeting(self, mask: int) -> tuple[str, ...]:
        """Return the words by which a condition may hold."""
        return tuple(word for word, held in self.masks.items() if held & mask)

    def outside(self, mask: int) -> tuple[str, ...]:
        """Return the words by which a condition cannot hold."""
        return tuple(word for word, held in self.masks.items() if not held & mask)


@dataclass
class Model:
    """The inputs and decisions of one table; a decision comes after what it reads."""

    names: Names
    parts: dict[str, str] = field(default_factory=dict)
    """What the decisions on the scope, the level and the options are called."""
    inputs: dict[str, Input] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)
    """The input that says whether a test that gives a number was made, by the test's field."""
    premises: dict[str, str] = field(default_factory=dict)
    """What is to be stated of the fields that only the scope asks about, for a case to be answered."""


@dataclass
class _Sorting:
    """The rows that sort one field's values, while they are put together."""

    cells: Cells
    rules: list[Rule] = field(default_factory=list)
    masks: dict[str, int] = field(default_factory=dict)
    prefix: str = ""

    def add(self, tests: Mapping[Column, Test], mask: int) -> None:
        """Let values that meet the tests stand for a mask."""
        word = worded(self.cells, mask)
        self.masks[word] = mask
        self.rules.append(Rule(f"{self.prefix}.{len(self.rules) + 1}", tests, (word,)))


def worded(cells: Cells, mask: int) -> str:
    """Return the word for a mask.

    Example:
        >>> from riskcli.conditions import parse_entry
        >>> nodes = Domain(low=0, high=90, integer=True)
        >>> cells = Cells.cut("nodes", nodes, [parse_entry("1..3", nodes)])
        >>> worded(cells, 0b110), worded(cells, 0b101), worded(cells, 0b111)
        ('>=1', '0 or >=4', 'unknown')
    """
    if mask == cells.full:
        return UNKNOWN
    said = cells.describe(mask)
    return said if isinstance(said, str) else " or ".join(said)


class Findings:
    """Makes the decisions about findings of one table, as they are asked for."""

    def __init__(self, table: Compiled, model: Model) -> None:
        """Make decisions of `table` into `model`."""
        self.table = table
        self.model = model
        self.wording = Wording(table.common["labels"])
        self._dependent = list(table.boxes["only_if"])
        self._found: dict[str, States] = {}

    def of(self, name: str) -> States:
        """Return what is known of a field."""
        if name not in self._found:
            self._found[name] = self._sorted(name)
        return self._found[name]

    def raw(self, name: str, domain: Domain | None = None) -> Column:
        """Return the column of a field as it is stated; by default with the table's values."""
        domain = domain or self._cells(name).domain
        kind = NUMBER if domain.numeric else STRING
        if name not in self.model.inputs:
            words = (*domain.words, *domain.groups, *((NOT_DONE,) if domain.optional else ()))
            allowed: Test = (_whole(domain),) if domain.numeric else (*words, UNKNOWN)
            self.model.inputs[name] = Input(name, kind, allowed, self._text(name))
        return Column(name, kind, label=self.wording.called(name))

    def _text(self, name: str) -> str:
        """Return what a field is, and what the program takes when it is not stated."""
        spec = self.table.table["fields"].get(name) or self.table.vocabulary["here"][name]
        said = [str(spec["text"])]
        for assume in spec.get("assume", []):
            value = self.wording.value(name, assume["value"])
            said.append(say("dmn.assumed", value=value, why=assume["why"]))
        return " ".join(said)

    def _cells(self, name: str) -> Cells:
        """Return the cells of a field."""
        return self.table.space.cells[self.table.index[name]]

    def _sorted(self, name: str) -> States:
        """Make the decision that sorts the values of a field."""
        cells = self._cells(name)
        raw = self.raw(name)
        variable = self.model.names.new(f"{name}_known")
        found = _Sorting(cells, prefix=variable)
        examined = self._examined() if name == POSITIVE else None
        if examined:
            found.add({examined: _NONE}, cells.full)
        for parent, outside, mask in self._ruled_out(name):
            found.add({raw: _stated(cells), parent: outside}, mask)
        self._sort_values(found, raw)
        if examined:
            for most, mask in _capped(cells):
                found.add({examined: (most,)}, mask)
        if name == EXAMINED and POSITIVE in self.table.index:
            for least, mask in _reached(cells):
                found.add({self.raw(POSITIVE): (least,)}, mask)
        found.add({}, cells.full)
        called, said = self.wording.called(name), tuple(found.masks)
        label, output = say("dmn.known", field=called), Output(variable, STRING, said)
        self.model.decisions.append(Decision(variable, label, (output,), tuple(found.rules)))
        return States(Column(variable, label=called, allowed=said), found.masks)

    def _sort_values(self, found: _Sorting, raw: Column) -> None:
        """Sort the values that are stated into the field's cells."""
        cells = found.cells
        made = None
        if cells.domain.optional and cells.domain.numeric:
            made = self._made(cells.field)
            found.add({raw: _stated(cells), made: (NOT_DONE,)}, cells.full)
        for i, test in enumerate(_each(cells)):
            found.add({raw: (test,)}, 1 << i)
        for group in cells.domain.groups:
            found.add({raw: (group,)}, cells.mask(parse_entry(group, cells.domain)))
        if cells.domain.optional:
            found.add({made or raw: (NOT_DONE,)}, cells.not_done)

    def _made(self, name: str) -> Column:
        """Return the input that says whether a test that gives a number was made."""
        status = self.model.names.new(f"{name}_status")
        called = self.wording.called(name)
        text = say("dmn.made", field=called, not_done=NOT_DONE)
        self.model.inputs[status] = Input(status, STRING, (DONE, NOT_DONE), text)
        self.model.made[name] = status
        return Column(status, label=say("dmn.made_label"))

    def _examined(self) -> Column | None:
        """Return the column of the nodes examined, where a case may state them."""
        if EXAMINED in self.table.index:
            return self.raw(EXAMINED)
        reader = case_reader(self.table).readers.get(EXAMINED)
        return self.raw(EXAMINED, reader.domain) if reader else None

    def counts(self) -> Column | None:
        """Return the column of the nodes examined beyond the positive ones, where both are stated."""
        inputs = self.model.inputs
        if POSITIVE not in inputs or EXAMINED not in inputs:
            return None
        return Column(EXAMINED, NUMBER, less=POSITIVE, label=say("dmn.more_examined"))

    def _ruled_out(self, name: str) -> Iterator[tuple[Column, Test, int]]:
        """Give the parents of a field, what rules it out there, and what is left then."""
        cells = self._cells(name)
        for place, mask in self.table.boxes["only_if"].get(name, ()):
            parent = self.table.space.cells[place]
            if self._later(parent.field, name):  # whether it applies cannot be told here
                yield self.raw(name), _stated(cells), cells.full
                continue
            known = self.of(parent.field)
            if said := known.outside(mask):
                yield known.column, said, cells.not_done or cells.full

    def _later(self, parent: str, name: str) -> bool:
        """Say whether a parent depends on others itself and is held against them after a field."""
        order = self._dependent
        return parent in order and order.index(parent) > order.index(name)


def _each(cells: Cells) -> list[str | Interval]:
    """Return what a stated value of each cell looks like; `not_done` apart."""
    return [Interval.of(span, cells.domain) for span in cells.spans] or list(cells.domain.words)


def _stated(cells: Cells) -> Test:
    """Return what any stated value looks like."""
    domain = cells.domain
    return (_whole(domain),) if domain.numeric else (*domain.words, *domain.groups)


def _whole(domain: Domain) -> Interval:
    """Return all numbers that a field may have."""
    return Interval(domain.low, domain.high)


def _capped(cells: Cells) -> Iterator[tuple[Interval, int]]:
    """Give how many nodes examined leave which numbers of positive nodes, where they rule some out."""
    leasts = [int(span.low[0]) for span in cells.spans]
    for i, (least, more) in enumerate(pairwise(leasts)):
        if more > max(least, 1):
            yield Interval(max(least, 1), more - 1), (1 << i + 1) - 1 | cells.not_done


def _reached(cells: Cells) -> Iterator[tuple[Interval, int]]:
    """Give how many positive nodes leave which numbers of nodes examined, where they rule some out."""
    ends = [int(span.high[0]) - 1 for span in cells.spans]
    for i, (end, most) in enumerate(pairwise(ends)):
        yield Interval(max(end + 1, 1), most), cells.full & ~((1 << i + 1) - 1)
