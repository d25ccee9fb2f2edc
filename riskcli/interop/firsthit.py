"""First-hit rows over what is known, so that a missing finding never lets a case fall to a lower row.

Rows are taken in runs that give the same answer. First stand the rows of a run, each with what makes it
certain; then the same rows with what leaves them possible, which end in `unknown`. So a case gets past a
run only when none of its rows can hold, and an answer is given only when no row above it can give another.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from riskcli.interop.decisions import Column, Rule, Test
from riskcli.interop.known import States


@dataclass(frozen=True)
class Condition:
    """One condition of a row: the words by which it holds, and by which it may."""

    column: Column
    certain: Test
    possible: Test
    always: bool
    """Whether it may hold whatever is known."""

    @classmethod
    def of(cls, states: States, mask: int) -> Condition:
        """Return the condition that something lies in a mask."""
        possible = states.meeting(mask)
        return cls(states.column, states.inside(mask), possible, len(possible) == len(states.masks))


@dataclass(frozen=True)
class Row:
    """One row of a table: all its conditions, and its answer."""

    id: str
    conditions: Sequence[Condition]
    answer: Hashable
    outputs: tuple[str | int, ...] = ()
    says: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def settled(self) -> bool:
        """Whether what may hold holds for certain."""
        return all(item.certain == item.possible for item in self.conditions)

    def certain(self) -> Rule:
        """Return the row as it holds."""
        tests = {item.column: item.certain for item in self.conditions if not _free(item)}
        return Rule(self.id, tests, self.outputs, self.says, self.notes)

    def possible(self, outputs: tuple[str | int, ...], notes: tuple[str, ...] = ()) -> Rule:
        """Return the row as it may hold, with other outputs."""
        tests = {item.column: item.possible for item in self.conditions if not item.always}
        return Rule(f"{self.id}.open", tests, outputs, self.says, notes)


def _free(item: Condition) -> bool:
    """Say whether a condition holds whatever is known."""
    return item.always and item.certain == item.possible


def first_hit(rows: Sequence[Row], opened: Callable[[Row, int], Rule]) -> Iterator[Rule]:
    """Give the rules of rows; `opened` makes one that may hold, of a row and the number of its run's first.

    Example:
        >>> er = States(Column("er"), {"negative": 1, "positive": 2, "unknown": 3})
        >>> rows = [Row("a", [Condition.of(er, 2)], "high", ("high",)), Row("b", [], "low", ("low",))]
        >>> [(rule.id, rule.outputs[0]) for rule in first_hit(rows, lambda row, _: row.possible(("?",)))]
        [('a', 'high'), ('a.open', '?'), ('b', 'low')]
    """
    start = 0
    for _, group in groupby(rows, key=lambda row: row.answer):
        run = list(group)
        yield from (row.certain() for row in run)
        yield from (opened(row, start) for row in run if not row.settled)
        start += len(run)
