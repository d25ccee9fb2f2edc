"""A validation as one HTML page that needs nothing else: no network, no script, drawings made by hand.

Every text is escaped, whatever file or command line it came from. Decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from riskcli._version import __version__
from riskcli.cohort.comparators import Comparator
from riskcli.cohort.survival import Observed
from riskcli.cohort.validation import LEAST_AT_RISK, MANY_YEARS, Group, Section, Step, Validation
from riskcli.report import validation_words
from riskcli.report.pages import render
from riskcli.report.validation import rule_observed
from riskcli.words import say

TEMPLATE = "validation.html.jinja"
_MOST_TICKS = 10


@dataclass(frozen=True)
class Part:
    """One cancer with what its drawings need."""

    key: str
    """What the ids of its elements begin with."""
    section: Section
    last: float
    """The years that the curves cover."""
    years: list[int]
    drawn: list[Group]
    steps: dict[str, list[tuple[float, float]]]
    ends: dict[str, str]
    names: dict[str, str]
    judged: list[tuple[Group, Observed]]
    """The levels with the figure that is held against the band."""
    ranked: list[Step]
    words: dict[str, str]
    compared: list[Comparator]


def validation_page(validation: Validation) -> str:
    """Return a validation as a page of HTML."""
    return render(
        TEMPLATE,
        words=validation_words,
        told=list(validation_words.told(validation)),
        parts=[
            _part(f"part-{number}", section, validation.least)
            for number, section in enumerate(validation.sections, 1)
        ],
        without=validation.without_shown,
        left_out=list(validation_words.left_out(validation, with_rows=False)),
        least=validation.least,
        rule_observed=rule_observed,
        least_at_risk=LEAST_AT_RISK,
        language=say("language"),
        version=__version__,
    )


def _part(key: str, section: Section, least: int) -> Part:
    """Prepare the drawings of one cancer."""
    last = max(section.horizon, MANY_YEARS)
    hidden = section.held(least).hidden
    shown = [group for group in section.groups if group.patients and group.id not in hidden]
    drawn = [group for group in shown if group.drawn_until]
    steps = {group.id: _steps(group, last) for group in drawn}
    every = 1 + int(last) // (_MOST_TICKS + 1)
    return Part(
        key=key,
        section=section,
        last=last,
        years=list(range(0, int(last) + 1, every)),
        drawn=drawn,
        steps=steps,
        ends={group.id: f"{steps[group.id][-1][1]:.0f}" for group in drawn},
        names={group.id: validation_words.group_name(group) for group in drawn},
        judged=[(group, _held(group)) for group in shown if group.band],
        ranked=validation_words.visible_steps(section, least),
        words={group.id: group.word for group in section.groups},
        compared=[one for one in section.comparators if one.found.patients >= least],
    )


def _steps(group: Group, last: float) -> list[tuple[float, float]]:
    """Return the steps of a curve up to where enough patients are at risk."""
    until = min(group.drawn_until or 0, last)
    found = [(time, percent) for time, percent in group.curve if time <= until]
    return [*found, (until, found[-1][1])]


def _held(group: Group) -> Observed:
    """Return the figure that is held against the band: at the horizon, or at 5 years where there is none."""
    return group.many_years if group.horizon.percent is None else group.horizon
