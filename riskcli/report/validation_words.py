"""The sentences and numbers of a validation, shared by the terminal and the page. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskcli.cohort import held
from riskcli.cohort.comparators import Comparator
from riskcli.cohort.held import Shown
from riskcli.cohort.outcomes import Left, Repeats
from riskcli.cohort.survival import RESAMPLES, Concordance, LogRank, Observed
from riskcli.cohort.validation import LEAST_AT_RISK, Group, Section, Step, Validation, all_rise
from riskcli.words import all_of, counted, say, say_many
from riskcli.words import section as section_of

NONE = "-"
FEW_AT_RISK = "*"
"""The mark of figures for which fewer than `LEAST_AT_RISK` patients were still at risk."""


def number(count: int, least: int) -> str:
    """Return a number of patients, or that there are too few to print it.

    Example:
        >>> number(3, 5), number(0, 5), number(1200, 5)
        ('<5', '0', '1,200')
    """
    return count_text(held.number(count, least))


def count_text(shown: Shown) -> str:
    """Return a number of patients as it is printed.

    Example:
        >>> count_text(1200), count_text(">=5"), count_text(None)
        ('1,200', '>=5', '-')
    """
    return f"{shown:,}" if isinstance(shown, int) else shown or NONE


def why_not(shown: Shown) -> str:
    """Return why there are no figures of some patients: they are few, or would give few others away.

    Example:
        >>> why_not("<5"), why_not(">=5")
        ('too few to print', 'kept back')
    """
    return say("validation.few" if shown and str(shown).startswith("<") else "validation.kept")


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
    return say(f"validation.years.{'one' if text == '1' else 'several'}", number=text)


def c_text(found: Concordance) -> str:
    """Return Harrell's C with its interval.

    Example:
        >>> c_text(Concordance(0.6325, 0.5988, 0.6599, 686))
        '0.63 (0.60-0.66)'
    """
    if found.value is None or found.low is None or found.high is None:
        return say("validation.not_defined")
    return f"{found.value:.2f} ({found.low:.2f}-{found.high:.2f})"


def told(validation: Validation) -> Iterator[str]:
    """Give what the reader has to know before any figure."""
    yield say("validation.meaning")
    endpoint, treated = validation.endpoint, validation.treated
    yield say("validation.endpoint", endpoint=endpoint) if endpoint else say("validation.no_endpoint")
    yield say("validation.treated", treated=treated) if treated else say("validation.not_treated")
    where = validation.gathered.outcomes.columns.where
    if where:
        chosen = all_of([f"{name}={value}" for name, value in where])
        count, least = validation.gathered.outcomes.not_chosen, validation.least
        few = 0 < count < least
        rows = say("validation.few_others", least=least) if few else counted(count, "other_row")
        yield say("validation.chosen", chosen=chosen, rows=rows)
    if validation.assumed:
        yield say("validation.assumed", values=", ".join(validation.assumed))
    if validation.gathered.outcomes.columns.competing:
        yield say("validation.competing")
    sections = (*validation.sections, *validation.without_shown)
    if any(section.held(validation.least).hidden for section in sections):
        yield say("validation.kept_why", least=validation.least)


def left_out(validation: Validation, with_rows: bool) -> Iterator[str]:
    """Give every row that gave no figure, and ids that stand several times; rows are named on request."""
    gathered, least = validation.gathered, validation.least
    for reason, left in gathered.outcomes.left.items():
        why = say(f"validation.reasons.{reason}")
        yield say("validation.left_out", reason=why, rows=_rows(left, least, with_rows))
    for section in validation.without:
        if section.cancer in validation.without_held:
            yield say("validation.without_kept", title=section.title)
    if validation.unanswered:
        yield say("validation.without_table", rows=unanswered(validation.unanswered, least))
    if gathered.outcomes.both.count:
        yield say("validation.both_events", rows=_rows(gathered.outcomes.both, least, with_rows))
    if not gathered.outcomes.columns.person:
        yield say("validation.no_id")
    yield from _repeated(gathered.twice, "one_cancer", least, with_rows)
    yield from _repeated(gathered.several, "more_cancers", least, with_rows)


def _rows(left: Left, least: int, with_rows: bool) -> str:
    """Return how many rows were left out, and on request where they begin."""
    if not with_rows:
        return say("validation.rows", count=number(left.count, least))
    if left.count < least:
        return say("validation.few_rows_from", count=number(left.count, least), first=f"{left.rows[0]:,}")
    first = all_of([f"{row:,}" for row in left.rows])
    return say_many("validation.rows_from", left.count, first=first)


def _repeated(found: Repeats, kind: str, least: int, with_rows: bool) -> Iterator[str]:
    """Say that ids stand in several rows."""
    if found.persons:
        persons, rows = number(found.persons, least), number(found.rows, least)
        if with_rows:
            first = f"{found.first:,}"
            yield say(f"validation.ids_from.{kind}", persons=persons, rows=rows, first=first)
        else:
            yield say(f"validation.ids.{kind}", persons=persons, rows=rows)


def unanswered(found: Mapping[str, int], least: int) -> str:
    """Return how many rows were wrong or out of scope.

    Example:
        >>> unanswered({"error": 12, "out of scope": 130}, 5)
        'wrong 12, out of scope 130'
    """
    return ", ".join(
        say(f"validation.unanswered.{kind}", count=number(count, least)) for kind, count in found.items()
    )


def heading(section: Section) -> str:
    """Return the table of a section, where it stands, and its file where it is a local one."""
    text = say("validation.heading", title=section.title, edition=section.edition)
    if section.origin != "packaged":
        text = say("validation.local", file=section.origin, heading=text)
    return say("validation.draft", heading=text) if section.status == "draft" else text


def size(section: Section, least: int) -> str:
    """Return how many patients a section has, for how long."""
    count, events = number(section.patients, least), f"{section.events:,}"
    if section.patients < least:
        text = say("validation.size_few", count=count)
    elif section.follow_up is None:
        text = say("validation.size", count=count, events=events)
    else:
        followed = years(section.follow_up)
        text = say("validation.size_followed", count=count, events=events, years=followed)
    if not section.unanswered:
        return text
    return say("validation.not_answered", size=text, rows=unanswered(section.unanswered, least))


def definite(section: Section, least: int) -> str:
    """Return the share of definite answers."""
    shown, everyone = section.definite_shown(least), f"{section.patients:,}"
    if shown is None:
        return say("validation.definite_kept")
    count = count_text(shown)
    if isinstance(shown, str) or not section.patients:
        return say("validation.definite", count=count, all=everyone)
    percent = f"{100 * section.definite / section.patients:.0f}"
    return say("validation.definite_share", count=count, all=everyone, percent=percent)


def c_definite(section: Section, least: int) -> str:
    """Return Harrell's C of the patients with one level."""
    found = section.c_definite
    c = c_text(found) if found.patients >= least else say("validation.few")
    shown = section.definite_shown(least)
    if shown is None:
        return say("validation.c_definite_kept", c=c)
    return say("validation.c_definite", count=count_text(shown), c=c)


def log_rank_text(found: LogRank | None) -> str:
    """Return the log-rank test over the levels.

    Example:
        >>> log_rank_text(LogRank(20.58, 3, 0.00013))
        'log-rank test over the definite levels: chi-squared 20.6, 3 degrees of freedom, p < 0.001'
    """
    if found is None:
        return say("validation.log_rank_none")
    p = "p < 0.001" if found.p < 0.001 else f"p = {found.p:.3f}"
    statistic, degrees = f"{found.statistic:.1f}", counted(found.degrees, "degree")
    return say("validation.log_rank", statistic=statistic, degrees=degrees, p=p)


def step_text(step: Step, words: Mapping[str, str]) -> str:
    """Return whether a higher level had the higher recurrence."""
    higher, lower = words[step.higher], words[step.lower]
    if step.years is None or step.lower_percent is None or step.higher_percent is None:
        return say("validation.step_none", higher=higher, lower=lower, least=LEAST_AT_RISK)
    return say(
        "validation.step_rises" if step.rises else "validation.step_falls",
        higher=higher,
        lower=lower,
        higher_percent=f"{step.higher_percent:.0f}",
        lower_percent=f"{step.lower_percent:.0f}",
        years=years(step.years),
    )


def visible_steps(section: Section, least: int) -> list[Step]:
    """Return the comparisons of levels of whom figures may be printed."""
    hidden = section.held(least).hidden
    return [step for step in section.steps if not hidden & {step.lower, step.higher}]


def rising(steps: list[Step]) -> str:
    """Return whether every higher level had the higher recurrence."""
    found = all_rise(steps)
    if found is None:
        return say("validation.rises_none")
    return say("validation.rises_yes" if found else "validation.rises_no")


def sure_text(found: Comparator, whole: int, least: int) -> str:
    """Return how a system ranks the patients of whom it names one group, where these are not all.

    `whole` is how many patients there are, those included of whom the system says nothing.
    """
    sure = found.sure
    if sure.patients == found.found.patients:
        return ""
    if sure.patients < least:
        return say("validation.sure_few", count=number(sure.patients, least))
    levels = c_text(found.levels_sure)
    return say(
        "validation.sure", count=count_text(found.shown(whole, least)[1]), c=c_text(sure), levels=levels
    )


def system_name(found: Comparator) -> str:
    """Return what else ranks the patients, with a mark where it ranks them by their own recurrence."""
    name = section_of("validation.systems").get(found.name, found.name)
    return f"{name} +" if found.own_order else str(name)


def comparator_text(found: Comparator, whole: int, least: int) -> str:
    """Return how something else ranks the patients, beside the levels; `whole` is how many there are."""
    shown = found.shown(whole, least)[0]
    return say(
        f"validation.compared.{'one' if shown == 1 else 'several'}",
        number=count_text(shown),
        name=system_name(found),
        c=c_text(found.found),
        levels=c_text(found.levels),
    )


def cited(published: Mapping[str, Any] | None) -> str:
    """Return the figure that a row cites, with its endpoint, time and treatment.

    Example:
        >>> cited({"percent": 83.1, "endpoint": "disease-free survival", "years": 3, "treated": "mixed"})
        '83.1 % disease-free survival (16.9 % without), 3 years, treatment: mixed'
    """
    if not published:
        return say("validation.cites_nothing")
    percent, endpoint = published["percent"], published["endpoint"]
    if say("validation.survival") in endpoint.lower():
        endpoint = say("validation.with_rest", endpoint=endpoint, percent=f"{100 - percent:.3g}")
    if published.get("years"):
        endpoint = say("validation.with_years", endpoint=endpoint, years=years(published["years"]))
    treated = published.get("treated") or say("validation.treatment_not_stated")
    return say("validation.cited", percent=f"{percent:g}", endpoint=endpoint, treated=treated)


def level_basis(level: str, basis: str) -> str:
    """Return the level of a row and what it rests on.

    Example:
        >>> level_basis("very_high", "direct")
        'very high, direct'
    """
    return say(
        "validation.level_basis", level=say(f"codes.levels.{level}"), basis=say(f"codes.basis.{basis}")
    )


def verdict_text(group: Group) -> str:
    """Return how a level stands to its band."""
    if group.verdict is None:
        return say("validation.not_judged")
    return say(f"validation.verdicts.{group.verdict}")


def group_name(group: Group) -> str:
    """Return what a level is called where there is little room."""
    return group.word if group.band else say("validation.undecided")


def verdict_rule() -> str:
    """Return how a level is judged."""
    return say("validation.verdict_rule", least=LEAST_AT_RISK, mark=FEW_AT_RISK)


def ranking() -> str:
    """Return how the ranking is measured."""
    return say("validation.ranking", resamples=RESAMPLES)
