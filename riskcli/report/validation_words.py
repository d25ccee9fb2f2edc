"""The sentences and numbers of a validation, shared by the terminal and the page. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskcli.cohort.comparators import Comparator
from riskcli.cohort.outcomes import Repeats
from riskcli.cohort.survival import RESAMPLES, Concordance, LogRank, Observed
from riskcli.cohort.validation import LEAST_AT_RISK, Section, Step, Validation, all_rise
from riskcli.errors import counted, listed

TITLE = "Levels held against what happened"
NONE = "-"
FEW_AT_RISK = "*"
"""The mark of figures for which fewer than `LEAST_AT_RISK` patients were still at risk."""

VERDICT_RULE = (
    "inside: the 95 % interval touches the level's band (the lower edge belongs to the band, the upper edge "
    f"to the next). Judged only at the table's horizon with at least {LEAST_AT_RISK} patients still at risk. "
    f"{FEW_AT_RISK} fewer than {LEAST_AT_RISK} still at risk."
)
MEANING = (
    "A level is a best guess about a group; the observed recurrence is of this cohort. The bands are distant "
    "recurrence without further treatment: a cohort that was treated understates it, and an endpoint that "
    "counts any recurrence, or death, overstates it."
)
RANKING = (
    f"Harrell's C: 0.50 is chance, 1 always right; interval from {RESAMPLES} resamples with a fixed seed. "
    "Levels count 0 to 3, and several possible levels as the mean of the lowest and the highest."
)
OWN_ORDER = (
    "+ its groups rank by their own recurrence in this cohort, which favours it. Who may be in several "
    "groups counts as their mean."
)
RULES = (
    "Each row beside the patients whom it alone decided. A cited figure has its own endpoint and treatment; "
    "survival is turned into its complement in brackets."
)
COMPETING = (
    "Competing events: recurrence is the Aalen-Johansen cumulative incidence; for C and the log-rank test "
    "they count as last visits."
)


def number(count: int, least: int) -> str:
    """Return a number of patients, or that there are too few to print it.

    Example:
        >>> number(3, 5), number(0, 5), number(1200, 5)
        ('<5', '0', '1,200')
    """
    return f"<{least}" if 0 < count < least else f"{count:,}"


def figure(found: Observed | None) -> str:
    """Return an observed recurrence in 100 with its interval, as a table shows it.

    Example:
        >>> figure(Observed(5, 41.2, 34.7, 48.4, 65)), figure(Observed(5, None, None, None, 0))
        ('41 (35-48)', '-')
    """
    if found is None or found.percent is None or found.low is None or found.high is None:
        return NONE
    mark = FEW_AT_RISK if found.at_risk < LEAST_AT_RISK else ""
    return f"{found.percent:.0f} ({found.low:.0f}-{found.high:.0f}){mark}"


def years(value: float) -> str:
    """Return a number of years in words.

    Example:
        >>> years(5), years(1), years(2.5819)
        ('5 years', '1 year', '2.6 years')
    """
    text = f"{value:.1f}".removesuffix(".0")
    return f"{text} year{'' if text == '1' else 's'}"


def c_text(found: Concordance) -> str:
    """Return Harrell's C with its interval.

    Example:
        >>> c_text(Concordance(0.6325, 0.5988, 0.6599, 686))
        '0.63 (0.60-0.66)'
    """
    if found.value is None or found.low is None or found.high is None:
        return "not defined"
    return f"{found.value:.2f} ({found.low:.2f}-{found.high:.2f})"


def told(validation: Validation) -> Iterator[str]:
    """Give what the reader has to know before any figure."""
    yield MEANING
    endpoint, treated = validation.endpoint, validation.treated
    yield f"Events counted, as told: {endpoint}." if endpoint else "Not told which events count (--endpoint)."
    yield (
        f"Treatment, as told: {treated}."
        if treated
        else "Not told how these people were treated (--treated)."
    )
    where = validation.gathered.outcomes.columns.where
    if where:
        chosen = listed([f"{name}={value}" for name, value in where], "and")
        rows = counted(validation.gathered.outcomes.not_chosen, "other row")
        yield f"Only rows with {chosen}; {rows} left aside."
    if validation.assumed:
        yield f"Assumed where a row states nothing: {', '.join(validation.assumed)}."
    if validation.gathered.outcomes.columns.competing:
        yield COMPETING


def left_out(validation: Validation, with_rows: bool) -> Iterator[str]:
    """Give every row that gave no figure, and ids that stand several times; rows are named on request."""
    gathered, least = validation.gathered, validation.least
    for reason, left in gathered.outcomes.left.items():
        rows = str(left) if with_rows else f"{number(left.count, least)} rows"
        yield f"Left out, {reason}: {rows}."
    if validation.unanswered:
        yield f"Without a table: {unanswered(validation.unanswered, least)}."
    if gathered.outcomes.both.count:
        both = gathered.outcomes.both
        rows = str(both) if with_rows else f"{number(both.count, least)} rows"
        yield f"With an event and a competing one, the event counts: {rows}."
    if not gathered.outcomes.columns.person:
        yield "No --id was given: several rows of one person cannot be told apart and all count."
    yield from _repeated(gathered.twice, "of one cancer (rows that stand twice?)", least, with_rows)
    yield from _repeated(
        gathered.several, "of several cancers (several tumours of a person)", least, with_rows
    )


def _repeated(found: Repeats, kind: str, least: int, with_rows: bool) -> Iterator[str]:
    """Say that ids stand in several rows."""
    if found.persons:
        first = f", first row {found.first:,}" if with_rows else ""
        persons, rows = number(found.persons, least), number(found.rows, least)
        yield f"Ids that stand in several rows {kind}: {persons}, in {rows} rows{first}; every row counts."


def unanswered(found: Mapping[str, int], least: int) -> str:
    """Return how many rows were wrong or out of scope.

    Example:
        >>> unanswered({"error": 12, "out of scope": 130}, 5)
        'wrong 12, out of scope 130'
    """
    words = {"error": "wrong"}
    return ", ".join(f"{words.get(kind, kind)} {number(count, least)}" for kind, count in found.items())


def heading(section: Section) -> str:
    """Return the table of a section, where it stands, and its file where it is a local one."""
    local = "" if section.origin == "packaged" else f"Local table {section.origin}: "
    draft = " - DRAFT, not reviewed by a clinician" if section.status == "draft" else ""
    return f"{local}{section.title}, edition {section.edition}{draft}"


def size(section: Section, least: int) -> str:
    """Return how many patients a section has, for how long."""
    text = f"{number(section.patients, least)} patients"
    if section.patients >= least:
        text += f", {section.events:,} with the event"
        if section.follow_up is not None:
            text += f"; median follow-up of those without any {years(section.follow_up)}"
    if section.unanswered:
        text += f". Not answered: {unanswered(section.unanswered, least)}"
    return f"{text}."


def definite(section: Section, least: int) -> str:
    """Return the share of definite answers."""
    found = f"definite answers (one level): {number(section.definite, least)} of {section.patients:,}"
    if 0 < section.definite < least or not section.patients:
        return found
    return f"{found} ({100 * section.definite / section.patients:.0f} %)"


def c_definite(section: Section, least: int) -> str:
    """Return Harrell's C of the patients with one level."""
    found = section.c_definite
    shown = c_text(found) if found.patients >= least else "too few to print"
    return f"of the {number(found.patients, least)} with one level: {shown}"


def log_rank_text(found: LogRank | None) -> str:
    """Return the log-rank test over the levels.

    Example:
        >>> log_rank_text(LogRank(20.58, 3, 0.00013))
        'log-rank test over the definite levels: chi-squared 20.6, 3 degrees of freedom, p < 0.001'
    """
    if found is None:
        return "log-rank test over the definite levels: nothing to compare"
    p = "p < 0.001" if found.p < 0.001 else f"p = {found.p:.3f}"
    degrees = counted(found.degrees, "degree")
    figures = f"chi-squared {found.statistic:.1f}, {degrees} of freedom, {p}"
    return f"log-rank test over the definite levels: {figures}"


def step_text(step: Step, words: Mapping[str, str]) -> str:
    """Return whether a higher level had the higher recurrence."""
    names = f"{words[step.higher]} over {words[step.lower]}"
    if step.years is None or step.lower_percent is None or step.higher_percent is None:
        return f"{names}: cannot be judged (fewer than {LEAST_AT_RISK} patients at risk)"
    said = "higher" if step.rises else "NOT higher"
    figures = f"{step.higher_percent:.0f} and {step.lower_percent:.0f} in 100 at {years(step.years)}"
    return f"{names}: {said} ({figures})"


def visible_steps(section: Section, least: int) -> list[Step]:
    """Return the comparisons of levels of whom figures may be printed."""
    hidden = {group.id for group in section.groups if group.hidden(least)}
    return [step for step in section.steps if not hidden & {step.lower, step.higher}]


def rising(steps: list[Step]) -> str:
    """Return whether every higher level had the higher recurrence."""
    found = all_rise(steps)
    if found is None:
        return "no two levels can be judged"
    return "yes, where it can be judged" if found else "NO"


def sure_text(found: Comparator, least: int) -> str:
    """Return how a system ranks the patients of whom it names one group, where these are not all."""
    sure = found.sure
    if sure.patients == found.found.patients:
        return ""
    if sure.patients < least:
        return f"of the {number(sure.patients, least)} surely in one group: too few to print"
    same = f"levels on the same: {c_text(found.levels_sure)}"
    return f"of the {sure.patients:,} surely in one group: {c_text(sure)}; {same}"


def comparator_text(found: Comparator) -> str:
    """Return how something else ranks the patients, beside the levels."""
    mark = " +" if found.own_order else ""
    same = f"levels on the same {counted(found.found.patients, 'patient')}: {c_text(found.levels)}"
    return f"{found.name}{mark}: {c_text(found.found)}; {same}"


def cited(published: Mapping[str, Any] | None) -> str:
    """Return the figure that a row cites, with its endpoint, time and treatment.

    Example:
        >>> cited({"percent": 83.1, "endpoint": "disease-free survival", "years": 3, "treated": "mixed"})
        '83.1 % disease-free survival (16.9 % without), 3 years, treatment: mixed'
    """
    if not published:
        return "no figure (judgement)"
    percent, endpoint = published["percent"], published["endpoint"]
    other = f" ({100 - percent:.3g} % without)" if "survival" in endpoint.lower() else ""
    time = f", {years(published['years'])}" if published.get("years") else ""
    return f"{percent:g} % {endpoint}{other}{time}, treatment: {published.get('treated') or 'not stated'}"
