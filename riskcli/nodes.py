"""The node rule of the contract: positive and examined nodes are held together.

None examined leaves the nodes unknown, never negative; n examined caps the positive ones; a positive node
means that one or more were examined.
"""

from __future__ import annotations

import math

from riskcli.cells import Box, bits
from riskcli.conditions import Entry, Span
from riskcli.errors import Problem
from riskcli.facts import Draft
from riskcli.values import OPEN
from riskcli.words import say

POSITIVE, EXAMINED = "nodes_positive", "nodes_examined"
_START, _END = (0, 0), (math.inf, 1)


def link_nodes(draft: Draft) -> None:
    """Rule out what the two counts exclude in each other; note what cannot be."""
    positive, examined = _spans(draft, POSITIVE), _spans(draft, EXAMINED)
    least = min((int(span.low[0]) for span in positive), default=0)
    most = max((int(span.high[0]) - 1 for span in examined), default=None)
    if most == 0:
        _none_examined(draft, least)
        return
    if most is not None and least > most:
        draft.problems.append(Problem(POSITIVE, draft.shown(POSITIVE), _more_positive(draft)))
        return
    if least >= 1:
        _narrow(draft, EXAMINED, Span((least, 0), _END))
    if most is not None and max(least, min(int(span.low[0]) for span in examined)) >= 1:
        _narrow(draft, POSITIVE, Span(_START, (most, 1)))


def _more_positive(draft: Draft) -> str:
    """Word that more nodes are positive than were examined, where somebody reads it."""
    if draft.silent:
        return ""
    counts = {"positive": draft.worded(POSITIVE), "examined": draft.worded(EXAMINED)}
    return say("case.more_positive", **counts)


def _spans(draft: Draft, name: str) -> tuple[Span, ...]:
    """Return the whole numbers that the record allows for a count; none when it need not have been made."""
    entry = _entry(draft, name)
    return entry.spans if entry and not entry.not_done else ()


def _entry(draft: Draft, name: str) -> Entry | None:
    """Return what the record says of a field."""
    reading = draft.readings.get(name)
    return reading.entry if reading else None


def _none_examined(draft: Draft, least: int) -> None:
    """Leave the positive nodes unknown when none was examined."""
    if not draft.states(POSITIVE):
        return
    if least >= 1:
        message = "" if draft.silent else say("case.none_examined", positive=draft.worded(POSITIVE))
        draft.problems.append(Problem(POSITIVE, draft.shown(POSITIVE), message))
        return
    if not draft.silent:
        draft.warn_quoting(say("case.nodes_unknown", positive=draft.worded(POSITIVE)))
    draft.readings = {**draft.readings, POSITIVE: OPEN}  # what was read is kept as it was
    place = draft.table.index.get(POSITIVE)
    if place is not None:
        draft.masks[place] = draft.table.space.cells[place].full


def _narrow(draft: Draft, name: str, left: Span) -> None:
    """Rule out the values of a field that the other one excludes."""
    place = draft.table.index.get(name)
    if place is not None:
        cells = draft.table.space.cells[place]
        met = sum([1 << i for i, span in enumerate(cells.spans) if span.meets(left)])
        draft.masks[place] &= met | cells.not_done


def node_boxes(draft: Draft) -> tuple[Box, ...]:
    """Return the boxes of the facts: several when counts within cells exclude each other."""
    whole = tuple(draft.masks)
    index = draft.table.index
    if POSITIVE not in index or EXAMINED not in index:
        return (whole,)
    place, other = index[POSITIVE], index[EXAMINED]
    positive, examined = _entry(draft, POSITIVE), _entry(draft, EXAMINED)
    some_positive = positive is not None and not _may_be_none(positive)
    assumed = any(item["field"] == POSITIVE for item in draft.assumed)
    perhaps_none = _may_be_none(examined)
    if whole[place].bit_count() == whole[other].bit_count() == 1 and not perhaps_none:
        return (whole,)
    cells = draft.table.space.cells
    leasts = [_within(span, positive)[0] for span in cells[place].spans]
    by_mask: dict[int, int] = {}
    for cell in bits(whole[other]):
        allowed = whole[place]
        if cell < len(cells[other].spans):  # the cell after the last is not_done
            low, high = _within(cells[other].spans[cell], examined)
            if low > 0 or some_positive:
                few = sum([1 << i for i, least in enumerate(leasts) if least <= high])
                allowed &= few | cells[place].not_done
            elif perhaps_none and not assumed:
                allowed = cells[place].full
        if allowed:
            by_mask[allowed] = by_mask.get(allowed, 0) | 1 << cell
    boxes = []
    for allowed, examined_cells in by_mask.items():
        box = list(whole)
        box[place], box[other] = allowed, examined_cells
        boxes.append(tuple(box))
    return tuple(boxes)


def _may_be_none(entry: Entry | None) -> bool:
    """Say whether a count is stated so that it may be 0."""
    return entry is not None and any(span.low <= _START for span in entry.spans)


def _within(cell: Span, stated: Entry | None) -> tuple[int, int]:
    """Return the least and greatest whole number in a cell that the record allows."""
    if stated is None:
        return int(cell.low[0]), int(cell.high[0]) - 1
    met = [span for span in stated.spans if span.meets(cell)] or [cell]
    low = max(min(span.low for span in met), cell.low)
    high = min(max(span.high for span in met), cell.high)
    return int(low[0]), int(high[0]) - 1
