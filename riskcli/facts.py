"""What a record says about one case, while it is read and once it is. No logic of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from riskcli.cells import Box
from riskcli.compiled import Compiled, Data
from riskcli.errors import Problem
from riskcli.values import Reading, ValueReader


@dataclass(frozen=True)
class Facts:
    """What a record says, ready for evaluation."""

    table: Compiled
    """The table to evaluate, without the impossible rows that the facts contradict."""
    boxes: tuple[Box, ...]
    """Every case the facts allow, as disjoint boxes over the table's cells."""
    stated: Data
    """The record as it was read, by field."""
    known: tuple[int, ...]
    """Fields (by number) that the record states and that are not open."""
    absent: tuple[int, ...]
    """Optional tests that were answered as not done."""
    assumed: tuple[Data, ...]
    """What was taken without being stated: field, value and why."""
    translated: tuple[Data, ...] = ()
    """Report's words that were read as something else: field, given, read_as."""
    warnings: tuple[str, ...] = ()
    ref: Any = None


@dataclass
class Draft:
    """What is known so far while a record is read."""

    table: Compiled
    readers: dict[str, ValueReader]

    masks: list[int]
    readings: dict[str, Reading] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    translated: list[Data] = field(default_factory=list)
    assumed: list[Data] = field(default_factory=list)
    absent: list[int] = field(default_factory=list)
    ref: Any = None

    def set_mask(self, name: str, mask: int) -> None:
        """Replace what is known of a field, when the table has it."""
        if name in self.table.index:
            self.masks[self.table.index[name]] = mask

    def shown(self, name: str) -> Any:
        """Return the value of a field as it is echoed, or None."""
        reading = self.readings.get(name)
        return reading.shown if reading else None
