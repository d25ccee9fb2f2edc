"""The levels over one or two findings as lines of a terminal or as data. Decides nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from riskcli.assessment import Assessment
from riskcli.errors import listed
from riskcli.report.blocks import LIKELIHOOD, Block, Line, Words
from riskcli.report.outline import outline
from riskcli.report.terminal import LABEL
from riskcli.report.wording import Wording
from riskcli.what_if import Axis, Edge, Grid

_HERE = "*"
_CANNOT_BE = "-"


def grid_blocks(grid: Grid, answer: Assessment, labels: Words, width: int) -> list[Block]:
    """Return the level as it is, the levels over the findings, and what the signs mean.

    `labels` are the words of a report on the table's answers.
    """
    wording, words = Wording(labels), labels["what_if"]
    varied = listed([wording.called(axis.field) for axis in grid.axes], labels["and"])
    title, *others = outline(answer, labels)
    above = [labels[key] for key in ("ref", "premises", "warnings", "case", LIKELIHOOD)]
    shown = {block.label: block for block in others}
    return [
        title,
        *(shown[label] for label in above if label in shown),
        Block(
            words["if"],
            (Line(words["by"].format(fields=varied)), *_table(grid, wording, width - LABEL)),
        ),
        Block(words["near"], tuple(Line(_edge(edge, wording), hang=2) for edge in grid.edges)),
        Block("", tuple(_meanings(grid, words))),
        Block(labels["uncertainty"], (Line(answer.uncertainty),)),
    ]


def _edge(edge: Edge, wording: Wording) -> str:
    """Say how far a number is from another level."""
    size = wording.value(edge.field, f"{abs(edge.by):g}")
    way = ("" if edge.exactly else "any_") + ("more" if edge.upwards else "less")
    text: str = wording.labels["what_if"][way]
    shown = wording.shown(edge.field, f"{edge.value:g}")
    return text.format(shown=shown, size=size, levels=_span(edge.levels, wording))


def _meanings(grid: Grid, words: Mapping[str, str]) -> Iterator[Line]:
    """Say what the signs mean that are there."""
    yield Line(words["here"], "quiet")
    if any(not levels for row in grid.levels for levels in row):
        yield Line(words["cannot_be"], "quiet")


def _table(grid: Grid, wording: Wording, room: int) -> Iterator[Line]:
    """Give the levels as a table where there is room, else one below the other."""
    first, *others = grid.axes
    rows = _values(first, wording)
    columns = _values(others[0], wording) if others else [""]
    cells = [[_cell(grid, wording, place) for place in row] for row in _places(grid)]
    turned = [list(column) for column in zip(*cells, strict=True)]
    names = [wording.called(axis.field) for axis in grid.axes] if others else ["", ""]
    for down, across, body, (corner, over) in (
        (rows, columns, cells, names),
        (columns, rows, turned, names[::-1]),
    ):
        lines = _lines((corner, *down), (over, across), body)
        if max(map(len, lines)) <= room:
            yield from (Line(text, shorter=(text,)) for text in lines if text)
            return
    for value, row in zip(rows, cells, strict=True):
        if others:
            yield Line(f"{wording.called(first.field)} {value}")
        for column, cell in zip(columns, row, strict=True):
            yield Line(
                f"  {wording.called(others[0].field)} {column}: {cell}" if others else f"{value}: {cell}",
                hang=4,
            )


def _places(grid: Grid) -> list[list[tuple[int, ...]]]:
    """Return the places of every entry, row by row."""
    counts = [len(axis.values) for axis in grid.axes]
    return [
        [(first, *rest) for rest in itertools.product(*map(range, counts[1:]))] for first in range(counts[0])
    ]


def _cell(grid: Grid, wording: Wording, place: tuple[int, ...]) -> str:
    """Return the levels of one entry, marked where the case is."""
    levels = grid.levels[place[0]][place[1] if len(place) > 1 else 0]
    here = all(cell in axis.stated for cell, axis in zip(place, grid.axes, strict=True))
    words = _span(levels, wording)
    return f"{words}{_HERE}" if here else words


def _span(levels: Sequence[str], wording: Wording) -> str:
    """Return levels in few words."""
    if not levels:
        return _CANNOT_BE
    ends = dict.fromkeys((levels[0], levels[-1]))
    words = [wording.level(level) for level in ends]
    if len(words) == 1:
        return words[0]
    return str(wording.labels["what_if"]["span"].format(low=words[0], high=words[1]))


def _values(axis: Axis, wording: Wording) -> list[str]:
    """Return the values of a finding in words."""
    return [wording.value(axis.field, value) for value in axis.values]


def _lines(
    down: Sequence[str], across: tuple[str, Sequence[str]], cells: Sequence[Sequence[str]]
) -> list[str]:
    """Return the lines of a table; the first that stands down and across is what the others are values of."""
    over, heads = across
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    margin = max(map(len, down))
    rows = zip(down, (heads, *cells), strict=True)
    return [
        f"{'':<{margin}}  {over}".rstrip(),
        *(
            "  ".join(
                [f"{head:<{margin}}", *(f"{cell:<{n}}" for cell, n in zip(row, widths, strict=True))]
            ).rstrip()
            for head, row in rows
        ),
    ]


def grid_data(grid: Grid, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the levels over the findings as plain data, with the case and the rules that gave them."""
    entries = []
    for place in itertools.chain.from_iterable(_places(grid)):
        levels = grid.levels[place[0]][place[1] if len(place) > 1 else 0]
        values = {axis.field: axis.values[cell] for cell, axis in zip(place, grid.axes, strict=True)}
        now = all(cell in axis.stated for cell, axis in zip(place, grid.axes, strict=True))
        entries.append({**values, "levels": list(levels), "now": now})
    edges = [
        {"field": edge.field, "by": edge.by, "exactly": edge.exactly, "levels": list(edge.levels)}
        for edge in grid.edges
    ]
    kept = ("cancer", "title", "ref", "case", "assumed", "likelihood", "uncertainty", "provenance")
    return {
        **{key: answer[key] for key in kept},
        "varied": [axis.field for axis in grid.axes],
        "what_if": entries,
        "edges": edges,
    }
