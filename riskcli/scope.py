"""Cases that a table turns away, and facts that contradict each other."""

from __future__ import annotations

from collections.abc import Sequence

from riskcli.cells import Box, inside, meets
from riskcli.compiled import Compiled, MaskPairs
from riskcli.conditions import Number, parse_entry
from riskcli.errors import OutOfScope, Problem
from riskcli.facts import Draft
from riskcli.walk import View


def check_scope(draft: Draft, boxes: Sequence[Box]) -> None:
    """Turn away a case that the table does not answer.

    Raises:
        OutOfScope: with one sentence for each reason.
    """
    reasons = []
    table = draft.table
    for scope, row in zip(table.boxes["scope"], table.table["out_of_scope"], strict=True):
        gate = all(_surely(draft, name, words) for name, words in scope["gate"].items())
        if gate and all(inside(part, as_box(table, scope["box"])) for part in boxes):
            name = next(iter(row["when"]), None)
            reasons.append(Problem(name, draft.shown(name) if name else None, row["say"]))
    if reasons:
        raise OutOfScope(reasons)


def _surely(draft: Draft, name: str, words: Sequence[str]) -> bool:
    """Say whether a gate field is stated and can only be one of these words."""
    reading = draft.readings.get(name)
    return reading is not None and reading.entry is not None and reading.entry.words <= set(words)


def as_box(table: Compiled, pairs: MaskPairs) -> Box:
    """Return a condition as a box."""
    box = list(table.space.full)
    for place, mask in pairs:
        box[place] &= mask
    return tuple(box)


def possible(table: Compiled, boxes: Sequence[Box]) -> bool:
    """Say whether any possible case lies in the boxes."""
    view = View(table.store, boxes)
    return bool(view.ends(view.take(table.roots["feasible"])))


def settle_contradictions(draft: Draft, boxes: Sequence[Box]) -> Compiled:
    """Return the table without the impossible rows that the stated facts contradict, each warned of.

    Raises:
        OutOfScope: what is left is not answered by the table.
    """
    table = draft.table
    if possible(table, boxes):
        return table
    rows: list[MaskPairs] = table.boxes["impossible"]
    stated = {table.index[name] for name in draft.readings if name in table.index}
    broken = {
        i
        for i, pairs in enumerate(rows)
        if all(place in stated and not draft.masks[place] & ~mask for place, mask in pairs)
    }
    reduced = _without(table, broken)
    if not possible(reduced, boxes):
        broken |= {i for i, pairs in enumerate(rows) if all(draft.masks[place] & mask for place, mask in pairs)}
        reduced = _without(table, broken)
    draft.warnings += [_contradiction(draft, i, rows[i]) for i in sorted(broken)]
    if not possible(reduced, boxes):
        raise OutOfScope(
            [
                Problem(None, None, row["say"])
                for scope, row in zip(table.boxes["scope"], table.table["out_of_scope"], strict=True)
                if not scope["gate"] and any(meets(part, as_box(table, scope["box"])) for part in boxes)
            ]
        )
    return reduced


def _without(table: Compiled, rows: set[int]) -> Compiled:
    """Return the table with some impossible rows left out."""
    if table.without is None:
        raise RuntimeError("this table was made without the means to leave rows out")
    return table.without(frozenset(rows))


def _contradiction(draft: Draft, number: int, pairs: MaskPairs) -> str:
    """Word a contradiction, with a likely slip of units."""
    names = [draft.table.space.cells[place].field for place, _ in pairs]
    given = " and ".join(f"{name} {_worded(draft.shown(name))}" for name in names if name in draft.readings)
    why = str(draft.table.table["impossible"][number]["why"]).rstrip(".")
    return f"{given} do not fit together ({why}); check both{_unit_slip(draft, names)}."


def _unit_slip(draft: Draft, names: Sequence[str]) -> str:
    """Say what a length would be in the other unit, when that would fit."""
    for name in names:
        shown = draft.shown(name)
        if draft.readers[name].unit != "mm" or isinstance(shown, bool) or not isinstance(shown, int | float):
            continue
        for factor, unit in ((10, "cm"), (0.1, "tenths of a mm")):
            other: Number = round(shown * factor, 6)
            other = int(other) if other == int(other) else other
            domain = draft.readers[name].domain
            if domain.low <= other <= domain.high:
                place = draft.table.index[name]
                masks = list(draft.masks)
                masks[place] = draft.table.space.cells[place].mask(parse_entry(other, domain))
                if possible(draft.table, [tuple(masks)]):
                    return f": if {shown} was in {unit}, {name} is {other}"
    return ""


def _worded(shown: object) -> str:
    """Word an echoed value."""
    return " or ".join(map(str, shown)) if isinstance(shown, list) else str(shown)
