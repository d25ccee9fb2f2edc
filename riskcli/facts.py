"""What a record says about one case, while it is read and once it is. No logic of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from riskcli.cells import Box
from riskcli.compiled import Compiled, Data
from riskcli.conditions import Entry
from riskcli.errors import Problem
from riskcli.values import Reading, ValueReader, lies_within
from riskcli.words import say


@dataclass(frozen=True)
class Facts:
    """What a record says, ready for evaluation."""

    table: Compiled
    """The table to evaluate, without the impossible rows that the facts contradict."""
    boxes: tuple[Box, ...]
    """Every case the facts allow, as disjoint boxes over the table's cells."""
    stated: Data
    """The record as it was read, by field, in the table's order."""
    known: tuple[int, ...]
    """Fields (by number) that the record states, that are not open and that were used."""
    absent: tuple[int, ...]
    """Optional tests that were answered as not done."""
    assumed: tuple[Data, ...]
    """What was taken without being stated: field, value and why; the premises first."""
    translated: tuple[Data, ...] = ()
    """Report's words that were read as something else: field, given, read_as."""
    warnings: tuple[str, ...] = ()
    ref: Any = None
    quotes: bool = False
    """Whether a warning repeats a value as it was given, or two of them contradict each other."""
    whole: Compiled | None = None
    """The table that the record was read for, every row of it."""
    readings: Mapping[str, Reading] = field(default_factory=dict)
    """What each stated value was read as, before anything was held against anything else."""
    masks: Box = ()
    """The cells that these readings leave to each field."""
    before: Sequence[int] = ()
    """The same before anything was assumed."""
    sound: bool = True
    """Whether all that is stated and assumed can be true together."""


@dataclass
class Draft:
    """What is known so far while a record is read."""

    table: Compiled
    readers: Mapping[str, ValueReader]
    masks: list[int]
    """The cells each field may be in, by the field's number."""
    readings: dict[str, Reading] = field(default_factory=dict)
    given: dict[str, tuple[str, Any]] = field(default_factory=dict)
    """The key and the value under which the record gives each field."""
    unused: set[str] = field(default_factory=set)
    """Fields that were stated but do not apply."""
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    translated: list[Data] = field(default_factory=list)
    assumed: list[Data] = field(default_factory=list)
    absent: list[int] = field(default_factory=list)
    before: tuple[Sequence[int], Sequence[int]] = ((), ())
    """`masks` and `absent` before anything was assumed."""
    ref: Any = None
    quotes: bool = False
    """Whether a warning repeats a value as it was given."""
    silent: bool = False
    """Whether nobody reads what is said of it: then nothing need be put into words."""

    def warn_quoting(self, text: str) -> None:
        """Add a warning that repeats a value as it was given."""
        self.warnings.append(text)
        self.quotes = True

    def set_mask(self, name: str, mask: int) -> None:
        """Replace what is known of a field, when the table has it."""
        place = self.table.index.get(name)
        if place is not None:
            self.masks[place] = mask

    def states(self, name: str) -> bool:
        """Say whether a field has a value that says something: not absent, not unknown."""
        reading = self.readings.get(name)
        return reading is not None and reading.entry is not None

    def surely(self, name: str, wanted: Entry) -> bool:
        """Say whether a field is stated and can only be what is wanted."""
        reading = self.readings.get(name)
        return reading is not None and reading.entry is not None and lies_within(reading.entry, wanted)

    def shown(self, name: str) -> Any:
        """Return the value of a field as it is echoed, or None."""
        reading = self.readings.get(name)
        return reading.shown if reading else None

    def worded(self, name: str) -> str:
        """Return the value of a field in words."""
        return in_words(self.shown(name))


def in_words(shown: object) -> str:
    """Return an echoed value in words.

    Example:
        >>> in_words(["T3", "T4a"]), in_words(3)
        ('T3 or T4a', '3')
    """
    return f" {say('lists.or')} ".join(map(str, shown)) if isinstance(shown, list) else str(shown)
