"""What reports are made of: labelled blocks of lines, and the words and drawings that they share.

A block has a label and lines; a line has a text and a role (`level`, `warning`, `quiet` or plain) from
which an output may choose a colour. Nothing here knows a width, a colour or a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskcli.words import say

if TYPE_CHECKING:
    from riskcli.compiled import Compiled

Words = Mapping[str, Any]
"""The labels of `common.yaml`, and those of its sentences that a report needs."""

LEVELS = ("low", "intermediate", "high", "very_high")
LIKELIHOOD = "likelihood"
_EDGES = (0, 10, 30, 50, 100)


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of a block."""

    text: str
    role: str = "plain"
    hang: int = 0
    """How many columns the following lines of the paragraph are indented more than the first."""
    shorter: tuple[str, ...] = ()
    """Other texts, each shorter, for where there is no room; a line that never fits is left out."""
    label: int = 0
    """How many columns at its beginning are the label of the block, once it is laid out."""


@dataclass(frozen=True, slots=True)
class Block:
    """A label and what stands beside it."""

    label: str
    lines: tuple[Line, ...]


def report_words(table: Compiled) -> dict[str, Any]:
    """Return the words of a report on a table's answers."""
    common = table.common
    return {
        **common["labels"],
        "routes": common["routes"],
        "levels": {level["id"]: level["says"] for level in common["levels"]},
        "edges": {level["id"]: (level["from"], level["below"]) for level in common["levels"]},
        "draft_means": common["draft"],
        "not_considered": common["not_considered"],
    }


def time_in(labels: Mapping[str, Any], years: float | None) -> str:
    """Return the time that a figure is for.

    Example:
        >>> words = {"year": "year", "years": "years", "no_time": "no time given"}
        >>> time_in(words, 2.5), time_in(words, 1), time_in(words, None)
        ('2.5 years', '1 year', 'no time given')
    """
    if years is None:
        return str(labels["no_time"])
    return f"{years:g} {labels['year' if years == 1 else 'years']}"


def bar(levels: Iterable[str], signs: int = 20) -> str:
    """Draw the levels still possible on a line of 0 to 100, that many signs long.

    Example:
        >>> bar(["high", "very_high"])
        '0 -- 10 ---- 30 #### 50 ########## 100 in 100'
    """
    possible = set(levels)
    drawn = [str(_EDGES[0])]
    for level, start, below in zip(LEVELS, _EDGES, _EDGES[1:], strict=False):
        drawn += [("#" if level in possible else "-") * ((below - start) * signs // 100), str(below)]
    return say("drawing", drawn=" ".join(drawn))
