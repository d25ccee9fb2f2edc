"""A band as a hundred squares in three fills, drawn from its edges, never its middle. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ACROSS = 10
"""How many squares stand in a row."""
ALL = 100


@dataclass(frozen=True, slots=True)
class Fill:
    """The squares of one fill."""

    kind: str
    """`sure`, `open` or `rest`: below the lower edge of the band, between its edges, above the upper one."""
    count: int
    says: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A hundred squares, and the same in words."""

    title: str
    about: str
    fills: tuple[Fill, ...]
    """Those that have squares, in the order in which they are drawn."""

    def squares(self) -> Iterator[tuple[str, int, int]]:
        """Give the fill, the column and the row of every square."""
        kinds = [fill.kind for fill in self.fills for _ in range(fill.count)]
        return ((kind, number % ACROSS, number // ACROSS) for number, kind in enumerate(kinds))

    @property
    def words(self) -> str:
        """The picture in words, for those who do not see it."""
        return " ".join((self.about, *(fill.says for fill in self.fills)))


def picture_of(levels: Sequence[str], words: Mapping[str, Any]) -> Picture | None:
    """Return the picture of a level, or of a range from its lowest edge to its highest.

    None where the range has no edge to draw, because every number is possible. `words` are those of
    `report_words`.

    Example:
        >>> from riskcli.loader import load_rules
        >>> from riskcli.report.blocks import report_words
        >>> words = report_words(load_rules().get("other_solid"))
        >>> [(fill.kind, fill.count) for fill in picture_of(["high"], words).fills]
        [('sure', 30), ('open', 20), ('rest', 50)]
        >>> picture_of(["low", "very_high"], words) is None
        True
    """
    if not levels:
        return None
    edges = [words["edges"][level] for level in levels]
    low, high = min(edge[0] for edge in edges), max(edge[1] for edge in edges)
    if (low, high) == (0, ALL):
        return None
    says = words["page"]["picture"]
    counts = {"sure": low, "open": high - low, "rest": ALL - high}
    return Picture(
        says["title"].format(low=low, high=high),
        says["about"],
        tuple(Fill(kind, count, says[kind].format(count=count)) for kind, count in counts.items() if count),
    )
