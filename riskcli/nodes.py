"""The node rule of the contract: positive and examined nodes are held together.

None examined leaves the nodes unknown, never negative; n examined caps the positive ones; a positive node
means that one or more were examined.
"""

from __future__ import annotations

from riskcli.cells import Box, bits
from riskcli.conditions import Entry, Span, parse_entry
from riskcli.errors import Problem
from riskcli.facts import Draft
from riskcli.values import NOTHING, OPEN

POSITIVE, EXAMINED = "nodes_positive", "nodes_examined"


def link_nodes(draft: Draft) -> None:
    """Rule out what the two counts exclude in each other; note what cannot be."""
    if POSITIVE not in draft.readers or EXAMINED not in draft.readers:
        return
    positive = draft.readings.get(POSITIVE, NOTHING)
    examined = draft.readings.get(EXAMINED, NOTHING)
    low = _lowest(positive.entry)
    most = _highest(examined.entry) if examined.entry else None
    if most == 0:
        _none_examined(draft)
        return
    if most is not None and low > most:
        message = f"{positive.shown} is more than {EXAMINED} ({examined.shown})"
        draft.problems.append(Problem(POSITIVE, positive.shown, message))
        return
    if low >= 1:
        _narrow(draft, EXAMINED, f">={low}")
    if most is not None and _lowest(examined.entry) >= 1:
        _narrow(draft, POSITIVE, f"<={most}")


def _none_examined(draft: Draft) -> None:
    """Leave the positive nodes unknown when none was examined."""
    positive = draft.readings.get(POSITIVE)
    if positive is None or positive.entry is None:
        return
    if _lowest(positive.entry) >= 1:
        message = (
            f"{positive.shown} with {EXAMINED} 0: a positive node means that nodes were examined; "
            "correct one of the two"
        )
        draft.problems.append(Problem(POSITIVE, positive.shown, message))
        return
    draft.readings[POSITIVE] = OPEN
    if POSITIVE in draft.table.index:
        draft.set_mask(POSITIVE, draft.table.space.cells[draft.table.index[POSITIVE]].full)
    draft.warnings.append(
        f"{EXAMINED} is 0: the nodes are unknown, so {POSITIVE} {positive.shown} was not used."
    )


def _narrow(draft: Draft, name: str, bound: str) -> None:
    """Rule out the values of a field that the other one excludes."""
    if name in draft.table.index:
        place = draft.table.index[name]
        allowed = draft.table.space.cells[place].mask(parse_entry(bound, draft.readers[name].domain))
        draft.masks[place] &= allowed


def node_boxes(draft: Draft) -> tuple[Box, ...]:
    """Return the boxes of the facts: several when counts within cells exclude each other."""
    whole = tuple(draft.masks)
    index = draft.table.index
    if POSITIVE not in index or EXAMINED not in index:
        return (whole,)
    place, other = index[POSITIVE], index[EXAMINED]
    if whole[place].bit_count() == 1 or whole[other].bit_count() == 1:
        return (whole,)
    positive = draft.readings.get(POSITIVE, NOTHING).entry
    examined = draft.readings.get(EXAMINED, NOTHING).entry
    cells = draft.table.space.cells
    by_mask: dict[int, int] = {}
    for cell in bits(whole[other]):
        low, high = _within(cells[other].spans[cell], examined)
        allowed = whole[place]
        if low > 0:
            allowed &= sum(
                1 << i for i, span in enumerate(cells[place].spans) if _within(span, positive)[0] <= high
            )
        if allowed:
            by_mask[allowed] = by_mask.get(allowed, 0) | 1 << cell
    boxes = []
    for allowed, examined_cells in by_mask.items():
        box = list(whole)
        box[place], box[other] = allowed, examined_cells
        boxes.append(tuple(box))
    return tuple(boxes)


def _within(cell: Span, stated: Entry | None) -> tuple[int, int]:
    """Return the least and greatest whole number in a cell that the record allows."""
    met = [span for span in stated.spans if span.meets(cell)] if stated else [cell]
    low = min((max(span.low, cell.low) for span in met), default=cell.low)
    high = max((min(span.high, cell.high) for span in met), default=cell.high)
    return int(low[0]), int(high[0]) - 1


def _lowest(entry: Entry | None) -> int:
    """Return the least whole number an entry allows; 0 when nothing is said."""
    return int(min((span.low[0] for span in entry.spans), default=0)) if entry else 0


def _highest(entry: Entry) -> int:
    """Return the greatest whole number an entry allows."""
    return int(max(span.high[0] for span in entry.spans)) - 1
