"""Levels held against what happened: what is compared, as plain data. No I/O, no words for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from riskcli.cohort.comparators import Comparator
from riskcli.cohort.followed import Gathered
from riskcli.cohort.held import Held, Shown, part
from riskcli.cohort.survival import Concordance, LogRank, Observed

INSIDE, BELOW, ABOVE, UNJUDGED = "inside", "below", "above", "cannot be judged"
UNDECIDED = "several"
"""The id of the group of patients for whom several levels are possible."""
LEAST_AT_RISK = 10
"""The fewest patients at risk with whom a level is judged, or compared with another."""
MANY_YEARS = 5
"""The time that is shown besides the horizon."""
_TOP = 100


@dataclass(frozen=True)
class Band:
    """The recurrence that a level stands for, in percent; the lower edge belongs to it."""

    low: float
    below: float
    """The upper edge, which belongs to the next band; 100 is the end."""
    words: str = ""


def verdict(found: Observed, band: Band) -> str:
    """Say how an observed recurrence stands to a band.

    `inside` when the 95 % interval touches the band: its upper end reaches the band's lower edge, and its
    lower end lies below the band's upper edge, which belongs to the next band. Else `below` or `above`.
    Judged only with at least 10 patients still at risk, otherwise `cannot be judged`.

    Example:
        >>> verdict(Observed(10, 8, 4, 10, 30), Band(10, 30))
        'inside'
        >>> verdict(Observed(10, 35, 30, 40, 30), Band(10, 30))
        'above'
    """
    if found.low is None or found.high is None or found.at_risk < LEAST_AT_RISK:
        return UNJUDGED
    if found.high < band.low:
        return BELOW
    return ABOVE if found.low >= band.below and band.below < _TOP else INSIDE


@dataclass(frozen=True)
class Group:
    """One level, or the patients for whom several are possible, and what happened."""

    id: str
    word: str
    band: Band | None
    """None for patients for whom several levels are possible."""
    patients: int
    events: int
    competing: int
    horizon: Observed
    many_years: Observed
    verdict: str | None
    """At the horizon; None without a band."""
    curve: tuple[tuple[float, float], ...]
    at_risk: tuple[tuple[int, int], ...]
    """How many were at risk, at each whole year."""
    drawn_until: float | None
    """The latest time at which enough patients were at risk; None when there never were."""


@dataclass(frozen=True)
class Step:
    """Two neighbouring levels: whether the higher one had the higher observed recurrence."""

    lower: str
    higher: str
    years: float | None
    """The latest time at which both had enough patients at risk; None when there is none."""
    lower_percent: float | None = None
    higher_percent: float | None = None

    @property
    def rises(self) -> bool | None:
        """Whether the higher level had more; None when it cannot be judged."""
        if self.lower_percent is None or self.higher_percent is None:
            return None
        return self.higher_percent > self.lower_percent


def all_rise(steps: Iterable[Step]) -> bool | None:
    """Say whether each higher level had the higher recurrence; None when no two can be judged.

    Example:
        >>> all_rise([Step("low", "high", 5, 8, 40), Step("high", "very_high", None)]), all_rise([])
        (True, None)
    """
    known = [step.rises for step in steps if step.rises is not None]
    return all(known) if known else None


@dataclass(frozen=True)
class RuleFigure:
    """One likelihood row: what it cites, and what was observed in those it decided."""

    id: str
    level: str
    basis: str
    published: Mapping[str, Any] | None
    patients: int
    events: int
    cited_time: Observed | None
    """At the time of the cited figure; None where it states none."""
    horizon: Observed
    latest: Observed | None
    """At the latest time at which enough patients were at risk, where that is before the horizon."""


@dataclass(frozen=True)
class Section:
    """One cancer of a cohort."""

    cancer: str
    title: str
    edition: str
    digest: str
    status: str
    origin: str
    """The file of a local table; `packaged` for the others."""
    notices: tuple[str, ...]
    """What every answer of the table warns of."""
    horizon: float
    patients: int
    events: int
    follow_up: float | None
    """The median follow-up of those without any event, in years."""
    unanswered: Mapping[str, int]
    """Rows that are wrong or out of scope."""
    groups: tuple[Group, ...]
    definite: int
    """Patients with one level."""
    c_all: Concordance
    """Harrell's C of the levels as 0 to 3; a range counts as the mean of its lowest and highest."""
    c_definite: Concordance
    """The same of the patients with one level alone."""
    log_rank: LogRank | None
    """Over the patients with one level."""
    steps: tuple[Step, ...]
    comparators: tuple[Comparator, ...]
    rules: tuple[RuleFigure, ...] = ()

    def held(self, least: int) -> Held:
        """Return which levels may be printed, when figures of fewer than `least` patients may not."""
        return Held({group.id: group.patients for group in self.groups}, least)

    def definite_shown(self, least: int) -> Shown:
        """Return the patients with one level: no more is said of them than the levels say."""
        held = self.held(least)
        if UNDECIDED not in held.hidden:
            return self.definite
        filled = [group.id for group in self.groups if group.band and group.patients]
        if len(filled) == 1:
            return held.shown(filled[0])
        few = held.shown(UNDECIDED) == f"<{least}"
        return part(self.definite, self.patients, least) if few else None

    def rules_shown(self, least: int) -> dict[str, Shown]:
        """Return the patients of each row; of a level that is not printed, nothing is said of its rows."""
        held, found = self.held(least), dict[str, Shown]()
        for group in self.groups:
            own = {rule.id: rule.patients for rule in self.rules if rule.level == group.id}
            rest = max(0, group.patients - sum(own.values()))
            found |= dict.fromkeys(own) if group.id in held.hidden else Held(own, least, rest).all()
        return found


@dataclass(frozen=True)
class Validation:
    """A whole cohort."""

    sections: tuple[Section, ...]
    without: tuple[Section, ...]
    """The same without what was assumed; none when nothing was."""
    unanswered: Mapping[str, int]
    """Rows of no table that are wrong or out of scope."""
    gathered: Gathered
    endpoint: str | None
    treated: str | None
    assumed: tuple[str, ...]
    least: int
    """The fewest patients of whom figures are printed."""
    by_rule: bool = False

    @property
    def read(self) -> int | None:
        """The rows that were read; None where they would give a small number of them away."""
        outcomes = self.gathered.outcomes
        parts = [
            outcomes.not_chosen,
            *self.unanswered.values(),
            *(left.count for left in outcomes.left.values()),
        ]
        for section in self.sections:
            parts += [section.patients, *section.unanswered.values()]
        return None if any(0 < count < self.least for count in parts) else self.gathered.rows

    @property
    def without_held(self) -> frozenset[str]:
        """The cancers of which nothing is printed without what was assumed.

        There the two numbers of patients would tell how few rows have an answer only with it, or without.
        """
        answered = {section.cancer: section.unanswered for section in self.sections}
        return frozenset(
            section.cancer
            for section in self.without
            if dict(section.unanswered) != dict(answered.get(section.cancer, {}))
            and self._few(section.unanswered, answered.get(section.cancer, {}))
        )

    def _few(self, *counts: Mapping[str, int]) -> bool:
        """Say whether there is a small number among some."""
        return any(0 < count < self.least for some in counts for count in some.values())

    @property
    def without_shown(self) -> tuple[Section, ...]:
        """What may be printed of the figures without what was assumed."""
        return tuple(section for section in self.without if section.cancer not in self.without_held)
