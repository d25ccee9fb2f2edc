"""The list of tables in words. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from riskcli.catalogue import Summary
from riskcli.report.blocks import Block, Line
from riskcli.words import say, section

_HANG = 2


def summary_blocks(summaries: Sequence[Summary]) -> list[Block]:
    """Return the list of tables as blocks, one a table.

    Example:
        >>> from datetime import date
        >>> from riskcli.catalogue import summary
        >>> from riskcli.loader import load_rules
        >>> (block,) = summary_blocks([summary(load_rules(), "other_solid", date(2026, 11, 25))])
        >>> block.lines[3].text
        '  11 rows by basis: 11 judgement'
    """
    return [Block("", tuple(_lines(found))) for found in summaries]


def _lines(found: Summary) -> Iterable[Line]:
    """One table in a few lines."""
    title = say("list.table", cancer=found.cancer, title=found.title)
    if found.origin != "packaged":
        title = say("list.local", cancer=found.cancer, title=found.title, file=found.origin)
    yield Line(title, "title", _HANG)
    standing = say(
        "list.overdue" if found.review_passed else "list.standing",
        edition=found.edition,
        status=say(f"codes.status.{found.status}"),
        checked=found.evidence_checked,
        day=found.review_by,
    )
    yield Line(f"  {standing}", "warning" if found.review_passed else "plain", _HANG)
    size = say(
        "list.size",
        options=found.options,
        not_supported=found.not_supported,
        examples=found.examples,
        nodes=f"{found.nodes:,}",
        states=f"{found.level_states:,}",
    )
    for text in (
        say("list.by_level", count=found.rows, parts=_parts(found.by_level, "levels")),
        say("list.by_basis", count=found.rows, parts=_parts(found.by_basis, "basis")),
        say("list.by_seen", count=found.sources, parts=_parts(found.by_seen, "seen")),
        size,
    ):
        yield Line(f"  {text}", "quiet", _HANG)


def _parts(parts: Mapping[str, int], codes: str) -> str:
    """How many there are of each kind, those of which there are any."""
    words = section(f"codes.{codes}")
    return ", ".join(f"{count} {words[kind]}" for kind, count in parts.items() if count)
