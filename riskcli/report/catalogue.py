"""The list of tables in words. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from riskcli.catalogue import Summary
from riskcli.report.outline import Block, Line

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
    where = "" if found.origin == "packaged" else f" - local table {found.origin}"
    yield Line(f"{found.cancer}: {found.title}{where}", "title", _HANG)
    due = f"due for review {found.review_by}"
    if found.review_passed:
        due = f"REVIEW OVERDUE since {found.review_by}"
    yield Line(
        f"  edition {found.edition}, {found.status}; evidence checked {found.evidence_checked}; {due}",
        "warning" if found.review_passed else "plain",
        _HANG,
    )
    for count, what, parts in (
        (found.rows, "rows by level", found.by_level),
        (found.rows, "rows by basis", found.by_basis),
        (found.sources, "sources", found.by_seen),
    ):
        yield Line(f"  {count} {what}: {_parts(parts)}", "quiet", _HANG)
    yield Line(
        f"  {found.options} options, {found.not_supported} not supported, {found.examples} examples; "
        f"{found.nodes:,} diagram nodes, {found.level_states:,} of them for the level",
        "quiet",
        _HANG,
    )


def _parts(parts: Mapping[str, int]) -> str:
    """How many there are of each kind, those of which there are any."""
    return ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in parts.items() if count)
