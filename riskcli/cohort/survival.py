"""Survival statistics: thin over lifelines, which loads only here. Knows no levels and no files.

Times are years, figures are percent. Lists of one length belong together, one entry a patient.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

RESAMPLES, SEED = 200, 20261125
"""How often the patients are drawn anew for an interval, and the seed, so that it is the same every time."""
_INTERVAL = 95
"""The percentage of an interval."""
_LOW, _HIGH = (100 - _INTERVAL) / 2, (100 + _INTERVAL) / 2
_APART = 1e-7
"""Years: how far after the events of one day the competing ones are set, and after these the last visits."""


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep quiet what a library says of divisions by nothing left at risk."""
    import numpy as np

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@dataclass(frozen=True)
class Followup:
    """What became of a group of patients."""

    years: tuple[float, ...] = ()
    events: tuple[bool, ...] = ()
    competing: tuple[bool, ...] | None = None
    """None when no competing events are counted."""

    def __len__(self) -> int:
        """Return how many patients there are."""
        return len(self.years)

    def at_risk(self, years: float) -> int:
        """Return how many were still followed, without any event, just before a time.

        Example:
            >>> Followup((1, 2, 3), (True, False, True)).at_risk(2)
            2
        """
        return sum(time >= years for time in self.years)

    def latest(self, least: int) -> float | None:
        """Return the latest time at which at least so many were at risk; None when there never were.

        Example:
            >>> Followup((1, 2, 3), (True, False, True)).latest(2)
            2
        """
        return sorted(self.years, reverse=True)[least - 1] if len(self) >= least else None


@dataclass(frozen=True)
class Observed:
    """The observed recurrence of a group by a time, in percent, with its 95 % interval."""

    years: float
    percent: float | None
    """None when nobody was followed so long."""
    low: float | None
    high: float | None
    at_risk: int


def observed(group: Followup, years: float) -> Observed:
    """Return how many in 100 had the event by a time.

    Kaplan-Meier, 1 - S, with the log-log interval; with competing events the Aalen-Johansen cumulative
    incidence, of which the interval is log-log too. Before any event the log-log interval has no width, so
    0 stands with the exact upper limit for as many patients as are still at risk: 1 - 0.025 ** (1 / n).

    Example:
        >>> found = observed(Followup((1, 2, 3, 4), (True, False, True, False)), 3)
        >>> found.percent, found.at_risk
        (62.5, 2)
    """
    at_risk = group.at_risk(years)
    if not at_risk:
        return Observed(years, None, None, None, 0)
    if not any(event and time <= years for time, event in zip(group.years, group.events, strict=True)):
        return Observed(years, 0.0, 0.0, 100 * (1 - 0.025 ** (1 / at_risk)), at_risk)
    with _quietly():
        share, low, high = _incidence(group, years) if group.competing else _kaplan_meier(group, years)
    return Observed(years, 100 * share, 100 * low, 100 * high, at_risk)


def _kaplan_meier(group: Followup, years: float) -> tuple[float, float, float]:
    """Return 1 - S at a time and its interval."""
    from lifelines import KaplanMeierFitter

    fitted = KaplanMeierFitter().fit(group.years, group.events)
    bounds = fitted.confidence_interval_survival_function_.loc[:years].iloc[-1]
    return 1 - float(fitted.predict(years)), 1 - float(bounds.iloc[1]), 1 - float(bounds.iloc[0])


def _incidence(group: Followup, years: float | None = None) -> Any:
    """Return the cumulative incidence at a time and its interval, or all of it without a time.

    The library breaks ties by chance; here the event comes before a competing one of the same day, and
    both before a last visit, which gives the estimate for tied times exactly.
    """
    from lifelines import AalenJohansenFitter

    kinds = [1 if event else 2 if other else 0 for event, other in _ends(group)]
    shifts = {1: _APART, 2: 2 * _APART, 0: 3 * _APART}  # the library drops events at 0
    times = [time + shifts[kind] for time, kind in zip(group.years, kinds, strict=True)]
    fitted = AalenJohansenFitter(calculate_variance=years is not None).fit(times, kinds, event_of_interest=1)
    if years is None:
        return fitted.cumulative_density_.iloc[:, 0]
    until = years + 4 * _APART
    bounds = fitted.confidence_interval_.loc[:until].iloc[-1]
    share = float(fitted.cumulative_density_.loc[:until].iloc[-1, 0])
    return share, float(bounds.min()), float(bounds.max())


def _ends(group: Followup) -> Iterator[tuple[bool, bool]]:
    """Give, for each patient, whether the event and whether a competing one happened."""
    yield from zip(group.events, group.competing or (False,) * len(group), strict=True)


def curve(group: Followup, until: float) -> tuple[tuple[float, float], ...]:
    """Return the observed recurrence as steps: the time, and the percent from there on.

    Example:
        >>> curve(Followup((1, 2, 3, 4), (True, False, True, False)), 5)
        ((0.0, 0.0), (1.0, 25.0), (3.0, 62.5))
    """
    if not len(group):
        return ()
    with _quietly():
        if group.competing:
            steps = _incidence(group)
        else:
            from lifelines import KaplanMeierFitter

            steps = 1 - KaplanMeierFitter().fit(group.years, group.events).survival_function_.iloc[:, 0]
    found: list[tuple[float, float]] = [(0.0, 0.0)]
    for time, share in steps.items():
        percent = round(100 * float(share), 6)
        if time <= until and percent > found[-1][1]:
            found.append((round(float(time), 6), percent))
    return tuple(found)


@dataclass(frozen=True)
class LogRank:
    """Whether groups differ: the log-rank test."""

    statistic: float
    degrees: int
    p: float


def log_rank(groups: Sequence[Followup]) -> LogRank | None:
    """Return the log-rank test over groups; None when there is nothing to compare.

    Competing events count as last visits.

    Example:
        >>> log_rank([Followup((1, 2), (True, True))]) is None
        True
    """
    filled = [group for group in groups if len(group)]
    if len(filled) < 2 or not any(any(group.events) for group in filled):
        return None
    from lifelines.statistics import multivariate_logrank_test

    labels = [number for number, group in enumerate(filled) for _ in group.years]
    times = [time for group in filled for time in group.years]
    events = [event for group in filled for event in group.events]
    with _quietly():
        found = multivariate_logrank_test(times, labels, events)
    return LogRank(float(found.test_statistic), len(filled) - 1, float(found.p_value))


@dataclass(frozen=True)
class Concordance:
    """Harrell's C: how often, of two patients, the one with the higher score had the earlier event.

    0.5 is chance and 1 always; None where no two patients can be compared.
    """

    value: float | None
    low: float | None
    high: float | None
    patients: int


def concordance(group: Followup, scores: Sequence[float]) -> Concordance:
    """Return Harrell's C of scores, with a bootstrap interval of the patients (percentiles).

    A pair counts when the earlier time is an event's; equal scores count a half; of two events at one time
    neither is earlier; a last visit at the time of an event is later. Competing events count as last
    visits. The same as lifelines' `concordance_index`, by counting, so that it can be repeated.

    Source:
        Harrell FE, Lee KL, Mark DB. Statistics in Medicine 1996;15:361-387.
    Example:
        >>> concordance(Followup((1, 2, 3), (True, True, False)), (2, 1, 0)).value
        1.0
    """
    import numpy as np

    if len(group) < 2:
        return Concordance(None, None, None, len(group))
    whole = _Pairs(group, scores)
    value = whole.share(np.ones(len(group)))
    if value is None:
        return Concordance(None, None, None, len(group))
    drawn = np.random.default_rng(SEED)
    even = np.full(len(group), 1 / len(group))
    shares = [whole.share(drawn.multinomial(len(group), even).astype(float)) for _ in range(RESAMPLES)]
    low, high = np.percentile([share for share in shares if share is not None], [_LOW, _HIGH])
    return Concordance(value, float(low), float(high), len(group))


class _Pairs:
    """The pairs of some patients, counted by time and score."""

    def __init__(self, group: Followup, scores: Sequence[float]) -> None:
        """Number the times and the scores."""
        import numpy as np

        times, when = np.unique(np.asarray(group.years, dtype=float), return_inverse=True)
        marks, which = np.unique(np.asarray(scores, dtype=float), return_inverse=True)
        self._shape = (len(times), len(marks))
        self._cell = when * len(marks) + which
        self._event = np.asarray(group.events, dtype=bool)

    def _count(self, weights: Numbers) -> Numbers:
        """Return how many patients there are of each time and score."""
        import numpy as np

        cells = self._shape[0] * self._shape[1]
        found = np.bincount(self._cell, weights=weights, minlength=cells)
        return found.astype(np.float64).reshape(self._shape)

    def share(self, weights: Numbers) -> float | None:
        """Return the share of pairs in the right order, each patient counting so often."""
        import numpy as np

        events = self._count(weights * self._event)
        visits = self._count(weights * ~self._event)
        both = events + visits
        later = np.cumsum(both[::-1], axis=0)[::-1] - both + visits
        lower = np.cumsum(later, axis=1) - later
        pairs = float((events * later.sum(axis=1, keepdims=True)).sum())
        return float((events * (lower + later / 2)).sum()) / pairs if pairs else None
