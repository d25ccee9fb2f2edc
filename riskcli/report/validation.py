"""A validation on a terminal: tables and curves by level that fit its width. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator

from riskcli.cohort.held import Shown
from riskcli.cohort.validation import LEAST_AT_RISK, MANY_YEARS, Group, RuleFigure, Section, Validation
from riskcli.report import validation_words as words
from riskcli.report.blocks import Block, Line
from riskcli.report.terminal import NARROWEST, WIDEST
from riskcli.words import say
from riskcli.words import section as section_of

TABLE_WIDTH = 78
"""The least width at which a level is one line of a table."""
_NAME = 14
_STEPS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
"""Eight heights; without them the tens of a figure are drawn."""


def validation_blocks(validation: Validation, width: int, ascii_only: bool = False) -> list[Block]:
    """Return a validation as blocks for a terminal of a width.

    With `ascii_only` curves are drawn in digits, one for each ten in 100.
    """
    width = max(NARROWEST, min(width, WIDEST))
    blocks = [Block("", (Line(say("validation.title"), "title"), *map(Line, words.told(validation))))]
    for section in validation.sections:
        blocks += _section(section, validation, width, ascii_only)
    for section in validation.without_shown:
        blocks.append(_without(section, validation, width))
    gone = [Line(text, hang=2) for text in words.left_out(validation, with_rows=False)]
    return [*blocks, *([Block("", (Line(say("validation.parts.left_out"), "title"), *gone))] if gone else [])]


def _section(section: Section, validation: Validation, width: int, ascii_only: bool) -> Iterator[Block]:
    """Give the blocks of one cancer."""
    least = validation.least
    lines = [Line(words.heading(section), "title"), *(Line(text, "warning") for text in section.notices)]
    lines.append(Line(words.size(section, least)))
    if section.patients < least:
        yield Block("", tuple(lines))
        return
    yield Block("", (*lines, *level_lines(section, least, width), Line(words.verdict_rule(), "quiet")))
    drawn = list(curve_lines(section, least, width, ascii_only))
    if drawn:
        yield Block("", (Line(say("validation.parts.over_time"), "title"), *drawn))
    yield Block("", (Line(say("validation.parts.ranking"), "title"), *_ranking(section, least)))
    yield Block("", (Line(say("validation.parts.place"), "title"), *_comparators(section, least)))
    if section.rules:
        yield Block("", (Line(say("validation.parts.rows"), "title"), *_rules(section, least)))


# ---- levels


def level_lines(section: Section, least: int, width: int) -> Iterator[Line]:
    """Give the table of levels: one line each where there is room, else two or three."""
    held = section.held(least)
    if width >= TABLE_WIDTH:
        head = section_of("validation.columns")
        yield Line(
            _cells(
                head["observed"],
                head["patients"],
                head["events"],
                *_times(section),
                head["band"],
                head["verdict"],
            ),
            "quiet",
        )
        for group in section.groups:
            yield Line(_row(section, group, held.shown(group.id)), "level" if group.band else "plain")
        return
    for group in section.groups:
        yield from _stacked(section, group, held.shown(group.id))


def _times(section: Section) -> tuple[str, str]:
    """Return the headings of the figures; one where the horizon is the usual time."""
    at = words.years(section.horizon)
    return ("", at) if section.horizon == MANY_YEARS else (words.years(MANY_YEARS), at)


def _cells(name: str, count: str, events: str, five: str, horizon: str, band: str, verdict: str) -> str:
    """Return one line of the table of levels."""
    middle = f"{five:>13}" if five else ""
    return f"{name:<{_NAME}}{count:>6}{events:>7}{middle}{horizon:>13}  {band:<9}{verdict}".rstrip()


def _row(section: Section, group: Group, shown: Shown) -> str:
    """Return the line of one level."""
    name, count = words.group_name(group), words.count_text(shown)
    if not isinstance(shown, int):
        return _cells(name, count, "", "", "", _band(group), words.why_not(shown))
    single = section.horizon == MANY_YEARS
    five = "" if single else words.figure(group.many_years)
    verdict = words.verdict_text(group)
    return _cells(name, count, f"{group.events:,}", five, words.figure(group.horizon), _band(group), verdict)


def _band(group: Group) -> str:
    """Return the band of a level in few signs."""
    if not group.band:
        return ""
    low, below = f"{group.band.low:g}", f"{group.band.below:g}"
    return f"<{below}" if group.band.low == 0 else f"{low}+" if below == "100" else f"{low}-<{below}"


def _stacked(section: Section, group: Group, shown: Shown) -> Iterator[Line]:
    """Give one level on a narrow terminal."""
    if not isinstance(shown, int):
        count, why = words.count_text(shown), words.why_not(shown)
        yield Line(say("validation.level_few", level=group.word, count=count, why=why), "level")
        return
    count, events = f"{group.patients:,}", f"{group.events:,}"
    yield Line(say("validation.level", level=group.word, count=count, events=events), "level")
    if not group.patients:
        return
    times = dict.fromkeys((MANY_YEARS, section.horizon))
    found = {MANY_YEARS: group.many_years, section.horizon: group.horizon}
    figures = "; ".join(
        say("validation.at_years", years=words.years(time), figure=words.figure(found[time]))
        for time in times
    )
    yield Line(f"  {figures}", hang=2)
    if group.band:
        against = say("validation.against_band", band=group.band.words, verdict=words.verdict_text(group))
        yield Line(f"  {against}", hang=2)


# ---- curves


def curve_lines(section: Section, least: int, width: int, ascii_only: bool) -> Iterator[Line]:
    """Give one line a level: the observed recurrence from surgery on, while enough are at risk."""
    last = max(section.horizon, MANY_YEARS)
    signs = max(10, width - _NAME - 4)
    hidden = section.held(least).hidden
    drawn = [group for group in section.groups if group.drawn_until and group.id not in hidden]
    for group in drawn:
        name = words.group_name(group)
        text = _drawn(group, last, signs, ascii_only)
        end = max((percent for time, percent in group.curve if time <= (group.drawn_until or 0)), default=0)
        yield Line(f"{name:<{_NAME}}{text} {end:.0f}")
    if drawn:
        right = words.years(last)
        yield Line(f"{'':<{_NAME}}0{right:>{signs - 1}}", "quiet")
        about = say(
            "validation.curve.digits" if ascii_only else "validation.curve.signs", least=LEAST_AT_RISK
        )
        yield Line(about, "quiet")


def _drawn(group: Group, last: float, signs: int, ascii_only: bool) -> str:
    """Draw the curve of one level in so many signs."""
    found = ""
    for place in range(signs):
        time = last * (place + 1) / signs
        if last * place / signs >= (group.drawn_until or 0):
            break
        percent = max((percent for at, percent in group.curve if at <= time), default=0)
        found += str(min(9, int(percent // 10))) if ascii_only else _STEPS[min(7, int(percent / 12.5))]
    return found


# ---- ranking


def _ranking(section: Section, least: int) -> Iterator[Line]:
    """Give how well the levels rank the patients."""
    names = {group.id: group.word for group in section.groups}
    steps = words.visible_steps(section, least)
    yield Line(f"- {say('validation.rises', answer=words.rising(steps))}", hang=2)
    for step in steps:
        yield Line(f"  - {words.step_text(step, names)}", hang=2)
    c_all = say("validation.c_all", count=f"{section.patients:,}", c=words.c_text(section.c_all))
    yield Line(f"- {c_all}", hang=2)
    yield Line(f"- {words.c_definite(section, least)}", hang=2)
    yield Line(f"- {words.definite(section, least)}", hang=2)
    yield Line(f"- {words.log_rank_text(section.log_rank)}", hang=2)
    yield Line(words.ranking(), "quiet")


def _comparators(section: Section, least: int) -> Iterator[Line]:
    """Give what else ranks the same patients."""
    shown = [one for one in section.comparators if one.found.patients >= least]
    for one in shown:
        yield Line(f"- {words.comparator_text(one, section.patients, least)}", hang=2)
        if sure := words.sure_text(one, section.patients, least):
            yield Line(f"  {sure}", "quiet", hang=2)
    if not shown:
        yield Line(say("validation.nothing_to_compare"))
    elif any(one.own_order for one in shown):
        yield Line(say("validation.own_order"), "quiet")


def _rules(section: Section, least: int) -> Iterator[Line]:
    """Give every row with its cited figure beside the observed one."""
    yield Line(say("validation.rules"), "quiet")
    shown = section.rules_shown(least)
    for rule in section.rules:
        text = say(
            "validation.rule",
            rule=rule.id,
            standing=words.level_basis(rule.level, rule.basis),
            cited=words.cited(rule.published),
        )
        yield Line(f"- {text}", hang=2)
        yield Line(f"  {rule_observed(rule, shown[rule.id])}", "quiet", hang=2)


def rule_observed(rule: RuleFigure, shown: Shown) -> str:
    """Return what was observed in the patients whom one row decided; `shown` is their number as printed."""
    if not isinstance(shown, int):
        return say("validation.rule_few", count=words.count_text(shown), why=words.why_not(shown))
    if not rule.patients:
        return say("validation.rule_none")
    found = [one for one in (rule.cited_time, rule.horizon, rule.latest) if one and one.percent is not None]
    each = dict.fromkeys(
        say("validation.figure_at", figure=words.figure(one), years=words.years(one.years)) for one in found
    )
    return say(
        "validation.rule_observed",
        count=f"{rule.patients:,}",
        events=f"{rule.events:,}",
        figures=", ".join(each) or say("validation.not_followed"),
    )


def _without(section: Section, validation: Validation, width: int) -> Block:
    """Return the figures of a cancer without what was assumed."""
    least = validation.least
    head = Line(say("validation.parts.without", title=section.title), "title")
    lines = [Line(words.size(section, least))]
    if section.patients >= least:
        lines += level_lines(section, least, width)
        lines.append(Line(f"- {words.definite(section, least)}", hang=2))
        lines.append(Line(f"- {say('validation.c_of_all', c=words.c_text(section.c_all))}", hang=2))
    return Block("", (head, *lines))
