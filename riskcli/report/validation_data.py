"""A validation as plain data, for JSON; figures of too few patients are left out. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from riskcli.cohort.comparators import Comparator
from riskcli.cohort.held import Shown, number
from riskcli.cohort.outcomes import Left, Repeats
from riskcli.cohort.survival import RESAMPLES, SEED, Concordance, Observed
from riskcli.cohort.validation import (
    LEAST_AT_RISK,
    MANY_YEARS,
    Group,
    RuleFigure,
    Section,
    Validation,
    all_rise,
)
from riskcli.report.validation_words import verdict_rule, visible_steps
from riskcli.words import rounded, say

Data = dict[str, Any]


def validation_data(validation: Validation) -> Data:
    """Return everything that is compared; numbers of patients that are too small are texts as `<5`.

    Numbers that would give these away are texts too, as `>=5` or `>35`, or null.
    """
    columns = validation.gathered.outcomes.columns
    return {
        "meaning": say("validation.meaning"),
        "endpoint": validation.endpoint,
        "treated": validation.treated,
        "columns": {**asdict(columns), "where": [list(pair) for pair in columns.where]},
        "assumed": list(validation.assumed),
        "method": {
            "recurrence": "Aalen-Johansen" if columns.competing else "Kaplan-Meier",
            "interval": say("validation.interval"),
            "verdict": verdict_rule(),
            "least_at_risk": LEAST_AT_RISK,
            "concordance": "Harrell",
            "range_counts_as": say("validation.range_counts_as"),
            "resamples": RESAMPLES,
            "seed": SEED,
            "min_cell": validation.least,
        },
        "rows": _rows(validation),
        "cancers": [_section(section, validation.least) for section in validation.sections],
        "without_assumptions": [_section(section, validation.least) for section in validation.without_shown],
        "without_assumptions_kept_back": sorted(validation.without_held),
    }


def _rows(validation: Validation) -> Data:
    """Return where the rows went that gave no figure."""
    gathered, least = validation.gathered, validation.least
    return {
        "read": validation.read,
        "not_chosen": number(gathered.outcomes.not_chosen, least),
        "left_out": {reason: _left(left, least) for reason, left in gathered.outcomes.left.items()},
        "event_and_competing": _left(gathered.outcomes.both, least),
        "without_table": _counts(validation.unanswered, least),
        "ids_twice": _repeats(gathered.twice, least),
        "ids_of_several_cancers": _repeats(gathered.several, least),
    }


def _left(left: Left, least: int) -> Data:
    """Return rows that were left out; those that can be found are not named here."""
    return {"rows": number(left.count, least)}


def _counts(found: Mapping[str, int], least: int) -> Data:
    """Return rows without an answer."""
    return {kind: number(count, least) for kind, count in found.items()}


def _repeats(found: Repeats, least: int) -> Data:
    """Return ids that stand several times."""
    return {"persons": number(found.persons, least), "rows": number(found.rows, least)}


def _section(section: Section, least: int) -> Data:
    """Return one cancer."""
    head = {
        "cancer": section.cancer,
        "title": section.title,
        "edition": section.edition,
        "sha256": section.digest,
        "status": section.status,
        "origin": section.origin,
        "warnings": list(section.notices),
        "horizon_years": section.horizon,
        "patients": number(section.patients, least),
        "not_answered": _counts(section.unanswered, least),
    }
    if section.patients < least:
        return head
    few = 0 < section.definite < least
    held = section.held(least)
    rules = section.rules_shown(least)
    sure = section.definite_shown(least)
    return {
        **head,
        "events": section.events,
        "median_follow_up_years": section.follow_up,
        "definite": _definite(section, least),
        "levels": [_group(group, held.shown(group.id), least) for group in section.groups],
        "each_higher_level_has_more": all_rise(visible_steps(section, least)),
        "steps": [{**asdict(step), "rises": step.rises} for step in visible_steps(section, least)],
        "concordance": _concordance(section.c_all, section.patients),
        "concordance_definite": None if few else _concordance(section.c_definite, sure),
        "log_rank": asdict(section.log_rank) if section.log_rank else None,
        "comparators": [
            _comparator(one, section.patients, least)
            for one in section.comparators
            if one.found.patients >= least
        ],
        "rules": [_rule(rule, rules[rule.id], least) for rule in section.rules],
    }


def _definite(section: Section, least: int) -> Data:
    """Return the share of definite answers."""
    shown = section.definite_shown(least)
    return {
        "patients": shown,
        "share": round(shown / section.patients, 4) if isinstance(shown, int) else None,
    }


def _group(group: Group, shown: Shown, least: int) -> Data:
    """Return one level; `shown` is its number of patients as it is printed."""
    head: Data = {
        "level": group.id,
        "band": asdict(group.band) if group.band else None,
        "patients": shown,
    }
    if not isinstance(shown, int):
        return head
    return {
        **head,
        "events": group.events,
        "competing_events": group.competing,
        "at_horizon": _observed(group.horizon, least),
        f"at_{MANY_YEARS}_years": _observed(group.many_years, least),
        "verdict": group.verdict,
        "at_risk": [[year, number(count, least)] for year, count in group.at_risk],
    }


def _observed(found: Observed | None, least: int) -> Data | None:
    """Return an observed recurrence."""
    if found is None:
        return None
    return {
        "years": found.years,
        "percent": rounded(found.percent),
        "low": rounded(found.low),
        "high": rounded(found.high),
        "at_risk": number(found.at_risk, least),
    }


def _concordance(found: Concordance, patients: Shown) -> Data:
    """Return Harrell's C, with the number of patients as it is printed."""
    return {
        "value": rounded(found.value),
        "low": rounded(found.low),
        "high": rounded(found.high),
        "patients": patients,
    }


def _comparator(found: Comparator, whole: int, least: int) -> Data:
    """Return what else ranks the patients, of whom there are so many."""
    enough = found.sure.patients >= least
    known, sure = found.shown(whole, least)
    return {
        "name": found.name,
        "concordance": _concordance(found.found, known),
        "levels_on_the_same": _concordance(found.levels, known),
        "concordance_one_group": _concordance(found.sure, sure) if enough else None,
        "levels_on_one_group": _concordance(found.levels_sure, sure) if enough else None,
        "ranked_by_own_recurrence": found.own_order,
    }


def _rule(rule: RuleFigure, shown: Shown, least: int) -> Data:
    """Return one row; `shown` is its number of patients as it is printed."""
    head: Data = {
        "rule": rule.id,
        "level": rule.level,
        "basis": rule.basis,
        "published": dict(rule.published) if rule.published else None,
        "patients": shown,
    }
    if not isinstance(shown, int):
        return head
    return {
        **head,
        "events": rule.events,
        "at_cited_time": _observed(rule.cited_time, least),
        "at_horizon": _observed(rule.horizon, least),
        "at_latest": _observed(rule.latest, least),
    }
