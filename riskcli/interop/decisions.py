"""Decision tables as data, in the few forms that every engine reads alike, and what they give. No medicine.

A cell is empty, a list of words, or intervals of numbers: no negation, no test for nothing, no expression.
An input that is not stated fails every test, so a table needs a row without tests for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from riskcli.conditions import Domain, Number, Span, plain

FIRST, COLLECT, SUM = "FIRST", "COLLECT", "SUM"
STRING, NUMBER = "string", "number"


class Interval(NamedTuple):
    """Numbers between two ends; an end that is None is open for ever.

    Example:
        >>> Interval(20, 50, above=True).holds(20), Interval(20, 50, above=True).holds(50)
        (False, True)
    """

    low: Number | None
    high: Number | None
    above: bool = False
    """Whether the lower end is left out."""
    below: bool = False
    """Whether the upper end is left out."""

    @classmethod
    def of(cls, span: Span, domain: Domain) -> Interval:
        """Return the numbers of a stretch of a field's number line."""
        (low, after), (high, upto) = span
        if domain.integer:
            return cls(low, high - 1)
        return cls(low, high, bool(after), not upto)

    def holds(self, value: Number) -> bool:
        """Say whether a number lies inside."""
        low = self.low is None or (value > self.low if self.above else value >= self.low)
        return low and (self.high is None or (value < self.high if self.below else value <= self.high))

    def __str__(self) -> str:
        """Return it as FEEL has it."""
        if self.high is None:
            return f"{'>' if self.above else '>='} {_text(self.low)}"
        if self.low is None:
            return f"{'<' if self.below else '<='} {_text(self.high)}"
        if self.low == self.high:
            return _text(self.low)
        starts, ends = "(" if self.above else "[", ")" if self.below else "]"
        return f"{starts}{_text(self.low)}..{_text(self.high)}{ends}"


def _text(value: Number | None) -> str:
    """Write a number without a needless fraction."""
    return "" if value is None else plain(value)


Test = tuple[str | Interval, ...]
"""What a cell allows: any of these."""


@dataclass(frozen=True)
class Column:
    """What a column of a table reads: an input, a decision, or a part of one."""

    name: str
    kind: str = STRING
    part: str = ""
    """Which output of a decision that has several."""
    less: str = ""
    """The input that is taken from it."""
    label: str = ""
    allowed: tuple[str, ...] = ()
    """Every value it may have; nothing where an input may be left out."""

    @property
    def expression(self) -> str:
        """The column's heading as FEEL has it."""
        return f"{self.name}.{self.part}" if self.part else " - ".join(filter(None, (self.name, self.less)))

    def read(self, found: Mapping[str, Any]) -> object:
        """Return the value that stands in the column, or None."""
        value = found.get(self.name)
        if self.part:
            return value.get(self.part) if isinstance(value, Mapping) else None
        if not self.less:
            return value
        other = found.get(self.less)
        return value - other if is_number(value) and is_number(other) else None  # type: ignore[operator]


def is_number(value: object) -> bool:
    """Say whether a value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class Rule:
    """One row of a table."""

    id: str
    tests: Mapping[Column, Test]
    outputs: tuple[str | int, ...]
    says: str = ""
    """The row in words."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Output:
    """One output of a table."""

    name: str
    kind: str = STRING
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """A table: what it is called, what it reads, what it gives."""

    name: str
    label: str
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    hit: str = FIRST
    text: str = ""
    notes: tuple[str, ...] = ()
    """What the notes of its rows are about."""
    cites: tuple[str, ...] = ()
    """The sources that its rows rest on."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that some row tests, in the order in which they are met."""
        return tuple(dict.fromkeys(column for rule in self.rules for column in rule.tests))

    @property
    def reads(self) -> tuple[str, ...]:
        """The inputs and decisions that it needs."""
        names = (name for column in self.columns for name in (column.name, column.less))
        return tuple(dict.fromkeys(filter(None, names)))


@dataclass(frozen=True)
class Input:
    """A value that is to be stated."""

    name: str
    kind: str
    allowed: Test
    text: str = ""


def decide(decisions: Iterable[Decision], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what each decision gives for some inputs; each comes after those that it reads.

    Example:
        >>> grade = Column("grade", NUMBER)
        >>> rules = (Rule("a", {grade: (Interval(3, None),)}, ("high",)), Rule("b", {}, ("not known",)))
        >>> table = Decision("level", "Level", (Output("level"),), rules)
        >>> decide([table], {"grade": 3})["level"], decide([table], {})["level"]
        ('high', 'not known')
    """
    found = dict(inputs)
    for decision in decisions:
        found[decision.name] = _outcome(decision, found)
    return {decision.name: found[decision.name] for decision in decisions}


def _outcome(decision: Decision, found: Mapping[str, Any]) -> Any:
    """Return what one decision gives."""
    values = {column: column.read(found) for column in decision.columns}
    met = (rule for rule in decision.rules if _is_met(rule, values))
    if decision.hit == SUM:
        return sum(int(rule.outputs[0]) for rule in met)
    if decision.hit == COLLECT:
        return [_given(decision, rule) for rule in met]
    return next((_given(decision, rule) for rule in met), None)


def _is_met(rule: Rule, values: Mapping[Column, object]) -> bool:
    """Say whether every cell of a row allows what stands in its column."""
    return all(_allows(test, values[column]) for column, test in rule.tests.items())


def _allows(test: Test, value: object) -> bool:
    """Say whether a cell allows a value."""
    return any(
        item == value if isinstance(item, str) else is_number(value) and item.holds(value)  # type: ignore[arg-type]
        for item in test
    )


def _given(decision: Decision, rule: Rule) -> Any:
    """Return what a row gives: one value, or several by their names."""
    if len(decision.outputs) == 1:
        return rule.outputs[0]
    return {output.name: value for output, value in zip(decision.outputs, rule.outputs, strict=True)}


class Names:
    """Names that no two things share.

    Example:
        >>> names = Names(["scope"])
        >>> names.new("scope"), names.new("likelihood")
        ('scope_', 'likelihood')
    """

    def __init__(self, taken: Sequence[str]) -> None:
        """Begin with the names that are taken."""
        self._taken = set(taken)

    def new(self, wanted: str) -> str:
        """Return a name like the one wanted that nothing has yet."""
        while wanted in self._taken:
            wanted += "_"
        self._taken.add(wanted)
        return wanted
