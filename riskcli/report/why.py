"""How an answer came about, as blocks of a report and as data. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any

from riskcli.report.blocks import Block, Line
from riskcli.report.wording import Wording
from riskcli.why import Criterion, Row, Tick, Why

_SIGNS = {"met": "[x]", "not_met": "[ ]", "open": "[?]"}


def why_blocks(found: Why, wording: Wording) -> list[Block]:
    """Return the decision: the row that decided, what is enough, the rows above it, each option ticked."""
    words = wording.labels["decision"]
    deciding = [row for row in found.rows if row.status != "does_not_apply"]
    above = [row for row in found.rows if row.status == "does_not_apply"]
    blocks = [
        Block(
            words["decides"] if len(deciding) == 1 else words["may_decide"],
            tuple(line for row in deciding for line in _row(row, wording)),
        )
    ]
    if found.enough is not None:
        known = "; ".join(wording.shown(name, value) for name, value in found.enough)
        text = words["enough"].format(findings=known) if known else words["enough_nothing"]
        blocks.append(Block(words["enough_label"], (Line(text, hang=2),)))
    lines = [Line(f"- {_passed(row, wording)}", hang=2) for row in above]
    if found.below:
        lines.append(Line(words["below"].format(count=found.below), "quiet"))
    blocks.append(Block(words["passed"], tuple(lines)))
    blocks.append(Block(words["criteria"], tuple(_options(found, wording))))
    return [block for block in blocks if block.lines]


def _row(row: Row, wording: Wording) -> Iterator[Line]:
    """Give a row that decides or may decide, condition by condition."""
    yield Line(f"{wording.level(row.level)}: {row.why} ({row.id})", "level", hang=2)
    for tick in row.ticks:
        yield Line(f"  {_ticked(tick, wording)}", hang=4)


def _passed(row: Row, wording: Wording) -> str:
    """Say why a row does not apply."""
    words = wording.labels["decision"]
    failed = [
        words["is_not"].format(
            name=wording.called(tick.name),
            here=wording.value(tick.name, tick.here),
            wanted=wording.value(tick.name, tick.wanted),
        )
        for tick in row.ticks
        if tick.status == "not_met"
    ]
    return f"{wording.level(row.level)} ({row.id}): {'; '.join(failed) or words['not_together']}"


def _ticked(tick: Tick, wording: Wording) -> str:
    """Return one condition with its sign, and what the case has where that is something else."""
    words = wording.labels["decision"]
    shown = f"{_SIGNS[tick.status]} {wording.shown(tick.name, tick.wanted)}"
    if tick.status == "met":
        return shown
    here = wording.value(tick.name, tick.here)
    return f"{shown} ({words['here'].format(here=here)})"


def _options(found: Why, wording: Wording) -> Iterator[Line]:
    """Give every option with its criteria, condition by condition; those far off on one line."""
    for _, group in groupby(found.criteria, key=lambda criterion: criterion.option):
        criteria = list(group)
        near = [criterion for criterion in criteria if criterion.status != "not_met"]
        yield Line(criteria[0].name, "level" if near else "plain")
        for criterion in criteria:
            yield from _criterion(criterion, wording)


def _criterion(criterion: Criterion, wording: Wording) -> Iterator[Line]:
    """Give one criterion: every condition, or only those not met when there are any."""
    yield Line(f"  {_SIGNS[criterion.status]} {criterion.why} ({criterion.id})", hang=6)
    for tick in criterion.ticks:
        if criterion.status != "not_met" or tick.status == "not_met":
            yield Line(f"      {_ticked(tick, wording)}", "quiet", hang=4)


def why_data(found: Why) -> dict[str, Any]:
    """Return the decision as plain data."""
    data = asdict(found)
    data["enough"] = (
        None if found.enough is None else [{"field": name, "value": value} for name, value in found.enough]
    )
    return data
