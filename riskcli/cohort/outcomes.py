"""What became of the patients of a cohort: times and events from its columns. Knows no levels and no files.

A time that cannot be used leaves its row out and is counted; an event that cannot be read is refused,
because a guess would change every figure. No sentence repeats a value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from riskcli.errors import CaseError, Problem, quoted, refused
from riskcli.words import all_of, any_of, counted, say, section

PER_YEAR = {"days": 365.25, "weeks": 365.25 / 7, "months": 12.0, "years": 1.0}
"""How many of each unit make a year."""
_YES, _NO = frozenset({"1", "yes", "true"}), frozenset({"0", "no", "false"})
MISSING, NO_NUMBER = "the time is missing", "the time is not a number"
NEGATIVE = "the time is negative"
DATE, NINES = "the time is a date", "the time is a code of nines"
"""Why a time cannot be used, as data say it; words.yaml has what people read."""
_LONGEST_LIFE = 100
"""The most years that a follow-up can last: beyond it the unit is wrong."""
_DATE = re.compile(r"\d{4}-\d\d?(-\d\d?([t ].*)?)?|(18|19|20)\d{6}")
_NINES = re.compile(r"9{3,}")
"""What registries write for a time that is not known."""
_MOST_ROWS = 5
"""How many rows are named of those left out."""


@dataclass(frozen=True)
class OutcomeColumns:
    """Which columns say what became of a patient, and how they are read."""

    time: str
    event: str
    unit: str
    """One of `PER_YEAR`."""
    event_values: tuple[str, ...] = ()
    """What counts as an event; without any, 1/0, yes/no and true/false are read."""
    competing: str | None = None
    """The column that is 1 for an event after which the one looked for can no longer happen."""
    person: str | None = None
    where: tuple[tuple[str, str], ...] = ()
    """Only rows in which each of these columns has this value."""

    @property
    def outcomes(self) -> list[str]:
        """The columns that may never be read as findings."""
        return [self.time, self.event, *([self.competing] if self.competing else [])]

    @property
    def others(self) -> list[str]:
        """The columns that choose and name rows, which may be findings as well."""
        return [*([self.person] if self.person else []), *(name for name, _ in self.where)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one patient."""

    years: float
    """From surgery to the event, or to when the patient was last seen without one."""
    event: bool
    competing: bool = False


@dataclass
class Left:
    """Rows that were left out for one reason."""

    count: int = 0
    rows: list[int] = field(default_factory=list)
    """The first of them, from 1."""

    def add(self, row: int) -> None:
        """Count a row."""
        self.count += 1
        if len(self.rows) < _MOST_ROWS:
            self.rows.append(row)


class Outcomes:
    """Reads what became of the patients, row by row.

    Example:
        >>> read = Outcomes(OutcomeColumns("months", "relapse", "months"), ["months", "relapse"])
        >>> read.row(1, {"months": "18", "relapse": "Yes"})
        Outcome(years=1.5, event=True, competing=False)
        >>> read.row(2, {"months": "-3", "relapse": "no"}), read.left
        (None, {'the time is negative': Left(count=1, rows=[2])})
    """

    def __init__(self, columns: OutcomeColumns, headers: Sequence[str]) -> None:
        """Begin with nothing read.

        Raises:
            CaseError: a column is not there, or the unit is none.
        """
        missing = [name for name in dict.fromkeys(columns.outcomes + columns.others) if name not in headers]
        problems = [Problem(None, None, say("columns.not_there", column=quoted(name))) for name in missing]
        if columns.unit not in PER_YEAR:
            message = say("outcome.unit", said=quoted(columns.unit), units=any_of([*PER_YEAR]))
            problems.append(Problem(None, None, message))
        if problems:
            raise CaseError(problems)
        self.columns = columns
        self.left: dict[str, Left] = {}
        """Rows left out because of their time, by reason."""
        self.not_chosen = 0
        """Rows that `where` does not choose."""
        self.both = Left()
        """Rows with the event and the competing one: the event counts."""
        self.longest = 0.0
        self.used = 0
        """Rows whose time can be used."""
        self._unread: dict[str, Left] = {}
        self._met_event = False
        self._events = frozenset(map(as_word, columns.event_values))

    def chosen(self, values: Mapping[str, Any]) -> bool:
        """Say whether a row is one of those asked for; count it when it is not."""
        if all(as_word(values[name]) == as_word(wanted) for name, wanted in self.columns.where):
            return True
        self.not_chosen += 1
        return False

    def row(self, number: int, values: Mapping[str, Any]) -> Outcome | None:
        """Return what became of the patient of one row, None when the row is left out.

        `number` is that of the row, from 1; `values` holds the columns that were named.
        """
        years, why = years_of(values[self.columns.time], self.columns.unit)
        if years is None:
            self.left.setdefault(why, Left()).add(number)
            return None
        event = self._event(number, values[self.columns.event])
        competing = False
        if self.columns.competing:
            competing = self._flag(number, self.columns.competing, values[self.columns.competing])
            if event and competing:
                self.both.add(number)
        self.longest = max(self.longest, years)
        self.used += 1
        return Outcome(years, event, competing and not event)

    def _event(self, number: int, raw: Any) -> bool:
        """Return whether a row has the event."""
        if not self._events:
            return self._flag(number, self.columns.event, raw)
        word = as_word(raw)
        if not word:
            self._unread.setdefault(self.columns.event, Left()).add(number)
        self._met_event |= word in self._events
        return word in self._events

    def _flag(self, number: int, column: str, raw: Any) -> bool:
        """Return what a column of yes and no says."""
        word = as_word(raw)
        if word not in _YES | _NO:
            self._unread.setdefault(column, Left()).add(number)
        return word in _YES

    def no_times(self) -> CaseError:
        """Say why nothing can be compared: that no time can be used, where times are what is wrong."""
        if not self.left or self.used:
            return refused(say("cohort.nothing_to_compare"))
        words = section("validation.reasons")
        reasons = all_of([words[why] for why in self.left])
        return refused(say("outcome.no_times", column=quoted(self.columns.time), reasons=reasons))

    def finish(self) -> None:
        """Refuse what could not be read, once every row was.

        Raises:
            CaseError: with a sentence for each column, naming row and column and never a value.
        """
        problems = [_unreadable(column, left, self.columns) for column, left in self._unread.items()]
        if self.used and self._events and not self._met_event and not problems:
            wanted = any_of([quoted(value) for value in self.columns.event_values])
            problems.append(say("outcome.no_event", values=wanted, column=quoted(self.columns.event)))
        if self.longest > _LONGEST_LIFE:
            column, unit = quoted(self.columns.time), self.columns.unit
            problems.append(say("outcome.long_life", column=column, years=_LONGEST_LIFE, unit=unit))
        if problems:
            raise refused(*problems)


def _unreadable(column: str, left: Left, columns: OutcomeColumns) -> str:
    """Word an event that cannot be read."""
    more = say("outcome.more", rows=counted(left.count - 1, "other_row")) if left.count > 1 else ""
    key = "outcome.no_flag"
    if column == columns.event:
        key = "outcome.empty" if columns.event_values else "outcome.no_event_flag"
    return say(key, row=f"{left.rows[0]:,}", column=quoted(column), more=more)


def years_of(raw: Any, unit: str) -> tuple[float | None, str]:
    """Return a time in years, or None and why it cannot be used.

    Nines that no life can last are the code of a registry.

    Example:
        >>> years_of("730.5", "days"), years_of("n/a", "days"), years_of(None, "days")
        ((2.0, ''), (None, 'the time is not a number'), (None, 'the time is missing'))
        >>> years_of("20240131", "days"), years_of("9999", "months"), years_of("99", "months")
        ((None, 'the time is a date'), (None, 'the time is a code of nines'), (8.25, ''))
    """
    word = as_word(raw)
    if not word:
        return None, MISSING
    if _DATE.fullmatch(word):
        return None, DATE
    try:
        value = float(raw)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value) or isinstance(raw, bool):
        return None, NO_NUMBER
    years = value / PER_YEAR[unit]
    if years > _LONGEST_LIFE and _NINES.fullmatch(word):
        return None, NINES
    return (years, "") if years >= 0 else (None, NEGATIVE)


def as_word(raw: Any) -> str:
    """Return a value as it is compared: lower case, no space around it, a whole number without a fraction.

    Example:
        >>> as_word(" Yes "), as_word(1.0), as_word("1.0"), as_word(True), as_word(None)
        ('yes', '1', '1', 'true', '')
    """
    word = "" if raw is None else str(raw).strip().lower()
    return word.removesuffix(".0") if word.removesuffix(".0").lstrip("-").isdigit() else word


@dataclass(frozen=True)
class Repeats:
    """Ids that stand in more than one row."""

    persons: int = 0
    """How many ids there are of that kind."""
    rows: int = 0
    first: int = 0
    """The first row that repeats an id."""


def repeats(rows: Iterable[tuple[int, str, str]]) -> tuple[Repeats, Repeats]:
    """Return the ids that stand twice with one cancer, and those that stand with several cancers.

    `rows` gives the number, the id and the cancer of each row; rows without an id are not compared.

    Example:
        >>> repeats([(1, "a", "x"), (2, "a", "x"), (3, "b", "x"), (4, "b", "y"), (5, "", "x")])
        (Repeats(persons=1, rows=2, first=2), Repeats(persons=1, rows=2, first=4))
    """
    seen: dict[str, list[tuple[int, str]]] = {}
    for number, person, cancer in rows:
        if person:
            seen.setdefault(person, []).append((number, cancer))
    many = [found for found in seen.values() if len(found) > 1]
    parts: tuple[list[list[tuple[int, str]]], ...] = ([], [])
    for found in many:
        parts[len({cancer for _, cancer in found}) > 1].append(found)
    return _repeats(parts[0]), _repeats(parts[1])


def _repeats(found: Sequence[Sequence[tuple[int, str]]]) -> Repeats:
    """Count rows that repeat an id."""
    if not found:
        return Repeats()
    return Repeats(len(found), sum(map(len, found)), min(rows[1][0] for rows in found))
