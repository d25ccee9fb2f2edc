"""From patients to what is compared: levels, other systems and rows against what happened. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median

from riskcli.cohort.comparators import compare
from riskcli.cohort.followed import NO_CANCER, Followed, Found, Gathered
from riskcli.cohort.survival import Followup, concordance, curve, log_rank, observed
from riskcli.cohort.validation import (
    LEAST_AT_RISK,
    MANY_YEARS,
    UNDECIDED,
    Band,
    Group,
    RuleFigure,
    Section,
    Step,
    Validation,
    verdict,
)
from riskcli.compiled import LEVELS, Compiled
from riskcli.loader import Rules
from riskcli.words import say


def validate(
    gathered: Gathered,
    rules: Rules,
    endpoint: str | None = None,
    treated: str | None = None,
    assumed: Sequence[str] = (),
    least: int = 5,
    by_rule: bool = False,
) -> Validation:
    """Hold the levels of a cohort against what happened, cancer by cancer.

    `endpoint` and `treated` are what the user says of the events and of treatment; `assumed` what was taken
    for the whole cohort; figures of fewer than `least` patients are not to be printed.
    """
    return Validation(
        _sections(gathered.found, rules, by_rule),
        _sections(gathered.without, rules) if gathered.without else (),
        gathered.found.unanswered.get(NO_CANCER, {}),
        gathered,
        endpoint,
        treated,
        tuple(assumed),
        least,
        by_rule,
    )


def _sections(found: Found, rules: Rules, by_rule: bool = False) -> tuple[Section, ...]:
    """Return the sections of every cancer that was met, by name."""
    names = {patient.cancer for patient in found.patients} | {*found.unanswered} - {NO_CANCER}
    return tuple(
        section(
            rules.get(name),
            [patient for patient in found.patients if patient.cancer == name],
            found.unanswered.get(name, Counter()),
            by_rule,
        )
        for name in sorted(names)
    )


def section(
    table: Compiled, patients: Sequence[Followed], unanswered: Mapping[str, int], by_rule: bool = False
) -> Section:
    """Hold the levels of one table against what happened to its patients.

    `unanswered` counts the rows of that table that are wrong or out of scope.

    Example:
        >>> from riskcli.cohort.outcomes import Outcome
        >>> from riskcli.loader import load_rules
        >>> people = [Followed(n, "other_solid", 0, 0, None, Outcome(12, False)) for n in range(40)]
        >>> found = section(load_rules().get("other_solid"), people, {})
        >>> found.groups[0].verdict, round(found.groups[0].horizon.high, 1)
        ('inside', 8.8)
    """
    groups = grouped(table, patients)
    everyone = followup(patients)
    scores = [(patient.lowest + patient.highest) / 2 for patient in patients]
    sure = [patient for patient in patients if patient.lowest == patient.highest]
    levels = [followup(patient for patient in sure if patient.lowest == n) for n in range(len(LEVELS))]
    return Section(
        cancer=table.name,
        title=table.table["title"],
        edition=table.table["edition"],
        digest=table.digest,
        status=table.table["status"],
        origin=table.origin,
        notices=table.notices,
        horizon=table.table["horizon_years"],
        patients=len(patients),
        events=sum(everyone.events),
        follow_up=_median_follow_up(patients),
        unanswered=dict(unanswered),
        groups=groups,
        definite=len(sure),
        c_all=concordance(everyone, scores),
        c_definite=concordance(followup(sure), [patient.lowest for patient in sure]),
        log_rank=log_rank(levels),
        steps=_steps(levels),
        comparators=compare(everyone, scores, [patient.marks for patient in patients]),
        rules=_rule_figures(table, patients) if by_rule else (),
    )


def _median_follow_up(patients: Sequence[Followed]) -> float | None:
    """Return the median years of those who had neither the event nor a competing one."""
    outcomes = [patient.outcome for patient in patients]
    seen = [outcome.years for outcome in outcomes if not (outcome.event or outcome.competing)]
    return median(seen) if seen else None


def followup(patients: Iterable[Followed]) -> Followup:
    """Return what became of some patients, as the statistics want it.

    Example:
        >>> from riskcli.cohort.outcomes import Outcome
        >>> followup([Followed(1, "other_solid", 0, 1, None, Outcome(2.5, True))])
        Followup(years=(2.5,), events=(True,), competing=None)
    """
    found = [patient.outcome for patient in patients]
    competing = tuple(outcome.competing for outcome in found)
    return Followup(
        tuple(outcome.years for outcome in found),
        tuple(outcome.event for outcome in found),
        competing if any(competing) else None,
    )


def grouped(table: Compiled, patients: Sequence[Followed]) -> tuple[Group, ...]:
    """Return each level of a table with its patients, and those for whom several are possible."""
    found = []
    for number, level in enumerate(table.common["levels"]):
        some = [one for one in patients if one.lowest == one.highest == number]
        band = Band(level["from"], level["below"], level["band"])
        found.append(_group(level["id"], level["word"], band, followup(some), table))
    open_ = followup(one for one in patients if one.lowest != one.highest)
    return (*found, _group(UNDECIDED, say("validation.undecided_levels"), None, open_, table))


def _group(name: str, word: str, band: Band | None, group: Followup, table: Compiled) -> Group:
    """Return what happened to one group."""
    horizon = table.table["horizon_years"]
    last = max(horizon, MANY_YEARS)
    at_horizon = observed(group, horizon)
    return Group(
        id=name,
        word=word,
        band=band,
        patients=len(group),
        events=sum(group.events),
        competing=sum(group.competing or ()),
        horizon=at_horizon,
        many_years=observed(group, MANY_YEARS),
        verdict=verdict(at_horizon, band) if band else None,
        curve=curve(group, last),
        at_risk=tuple((year, group.at_risk(year)) for year in range(int(last) + 1)),
        drawn_until=group.latest(LEAST_AT_RISK),
    )


def _steps(levels: Sequence[Followup]) -> tuple[Step, ...]:
    """Compare each level that has patients with the next higher one that has."""
    filled = [number for number, group in enumerate(levels) if len(group)]
    return tuple(_step(LEVELS[one], levels[one], LEVELS[two], levels[two]) for one, two in pairwise(filled))


def _step(lower: str, low: Followup, higher: str, high: Followup) -> Step:
    """Compare two levels at the latest time at which both have enough patients at risk."""
    ends = [end for group in (low, high) if (end := group.latest(LEAST_AT_RISK)) is not None]
    if len(ends) < 2 or not min(ends):
        return Step(lower, higher, None)
    years = min(ends)
    return Step(lower, higher, years, observed(low, years).percent, observed(high, years).percent)


def _rule_figures(table: Compiled, patients: Sequence[Followed]) -> tuple[RuleFigure, ...]:
    """Return every likelihood row with its cited figure and the patients whom it alone decided."""
    decided: dict[str, list[Followed]] = {}
    for patient in patients:
        if patient.rule:
            decided.setdefault(patient.rule, []).append(patient)
    found = []
    for row in table.table["likelihood"]:
        group = followup(decided.get(row["id"], ()))
        published = row.get("published")
        years = published.get("years") if published else None
        end = group.latest(LEAST_AT_RISK)
        figure = RuleFigure(
            id=row["id"],
            level=row["level"],
            basis=row["basis"],
            published=published,
            patients=len(group),
            events=sum(group.events),
            cited_time=observed(group, years) if years else None,
            horizon=observed(group, table.table["horizon_years"]),
            latest=observed(group, end) if end and end < table.table["horizon_years"] else None,
        )
        found.append(figure)
    return tuple(found)
