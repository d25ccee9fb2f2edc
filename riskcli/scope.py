"""Cases that a table turns away, and facts that contradict each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from riskcli.cells import Box
from riskcli.compiled import NO_ROW, Compiled, MaskPairs
from riskcli.conditions import Number, parse_entry
from riskcli.diagram import NO
from riskcli.errors import CaseError, OutOfScope, Problem
from riskcli.facts import Draft
from riskcli.reach import Reach
from riskcli.words import all_of, say

MILLIMETRE = "mm"
_MOST_CM = 20
"""A greater number of millimetres is hardly a number of centimetres by mistake."""


def check_scope(draft: Draft, boxes: Sequence[Box]) -> None:
    """Turn away a case that the table does not answer, whatever the record leaves open.

    Raises:
        OutOfScope: with one sentence for each reason.
    """
    scopes = draft.table.boxes["scope"]
    gates = {name for scope in scopes for name in scope["gate"] if draft.states(name)}
    stated = {name: sorted(draft.readings[name].entry.words) for name in gates}  # type: ignore[union-attr]
    reasons: set[int] = set()
    for values in product(*stated.values()):
        gate = dict(zip(stated, values, strict=True))
        met = {i for i, scope in enumerate(scopes) if _is_met(scope["gate"], gate, scope["box"], boxes)}
        if not met:
            return
        reasons |= met
    raise _out_of_scope(draft, reasons)


def _is_met(
    wanted: Mapping[str, Sequence[str]], gate: Mapping[str, str], pairs: MaskPairs, boxes: Sequence[Box]
) -> bool:
    """Say whether a row holds for every case of the boxes, the gate fields being what they are."""
    return (
        wanted.keys() <= gate.keys()
        and all(gate[name] in words for name, words in wanted.items())
        and all(not box[place] & ~mask for box in boxes for place, mask in pairs)
    )


def _out_of_scope(draft: Draft, rows: set[int]) -> OutOfScope:
    """Word why a case is turned away, in the table's order."""
    problems = []
    for i in sorted(rows):
        row = draft.table.table["out_of_scope"][i]
        name = next(iter(row["when"]))
        problems.append(Problem(name, draft.shown(name), row["say"]))
    return OutOfScope(problems)


def possible(table: Compiled, boxes: Sequence[Box]) -> bool:
    """Say whether any possible case lies in the boxes."""
    return any(_reaches(table, box) for box in boxes)


def _reaches(table: Compiled, box: Box) -> bool:
    """Say whether a box holds a case that can be and that the table answers."""
    fields, children = table.store.fields, table.store.children
    seen: set[int] = set()
    stack = [table.roots["feasible"]]
    while stack:
        ref = stack.pop()
        if ref < 0:
            if ref != NO:
                return True
        elif ref not in seen:
            seen.add(ref)
            kids, mask = children[ref], box[fields[ref]]
            if mask & (mask - 1):
                stack += [kid for i, kid in enumerate(kids) if mask >> i & 1]
            else:  # one cell
                stack.append(kids[mask.bit_length() - 1])
    return False


def settle_contradictions(draft: Draft, boxes: Sequence[Box]) -> Compiled:
    """Return the table without the impossible rows that the stated facts contradict, each warned of.

    Raises:
        CaseError: facts that contradict each other leave cases for which the table has no row.
        OutOfScope: what is left is not answered by the table.
    """
    table = draft.table
    if possible(table, boxes):
        return table
    reduced, broken = table, set[int]()
    for rows in _suspects(draft):
        if rows and not possible(reduced, boxes):
            broken |= rows
            reduced = _without(table, broken)
    contradictions = _contradictions(draft, sorted(broken))
    if contradictions and not _all_answered(reduced, boxes):
        raise CaseError([Problem(None, None, text) for text in contradictions])
    for text in contradictions:
        draft.warn_quoting(text)
    if possible(reduced, boxes):
        return reduced
    scopes = table.boxes["scope"]
    raise _out_of_scope(
        draft,
        {
            i
            for i, scope in enumerate(scopes)
            if not scope["gate"] and any(all(box[n] & mask for n, mask in scope["box"]) for box in boxes)
        },
    )


def _all_answered(table: Compiled, boxes: Sequence[Box]) -> bool:
    """Say whether every case in the boxes reaches a row, as those of a complete table do that can be."""
    return not any(Reach(table.store, box).ends(table.roots["rows"]) & NO_ROW for box in boxes)


def _suspects(draft: Draft) -> list[set[int]]:
    """Return the impossible rows that the facts may contradict, the surest first.

    Those that stated facts hold wholly; those about stated facts alone; any that the facts touch.
    """
    table = draft.table
    stated = {table.index[name] for name in draft.readings if name in table.index}
    found: list[set[int]] = [set(), set(), set()]
    for i, pairs in enumerate(table.boxes["impossible"]):
        if not all(draft.masks[place] & mask for place, mask in pairs):
            continue
        about_stated = all(place in stated for place, _ in pairs)
        whole = all(not draft.masks[place] & ~mask for place, mask in pairs)
        found[0 if about_stated and whole else 1 if about_stated else 2].add(i)
    return found


def _without(table: Compiled, rows: set[int]) -> Compiled:
    """Return the table with some impossible rows left out."""
    if table.without is None:
        raise RuntimeError("this table was made without the means to leave rows out")
    return table.without(frozenset(rows))


def _contradictions(draft: Draft, numbers: Sequence[int]) -> list[str]:
    """Word each contradiction once, with its reasons and a likely slip of units."""
    reasons: dict[tuple[str, ...], list[str]] = {}
    for number in numbers:
        row = draft.table.table["impossible"][number]
        names = tuple(name for name in row["when"] if name in draft.readings)
        if names:
            reasons.setdefault(names, []).append(row["why"].rstrip("."))
    found = []
    for names, whys in reasons.items():
        stated = all_of([say("case.stated", field=name, value=draft.worded(name)) for name in names])
        key = "case.do_not_fit" if len(names) > 1 else "case.does_not_fit"
        why = "; ".join(dict.fromkeys(whys))
        found.append(say(key, stated=stated, why=why, slip=_unit_slip(draft, names)))
    return found


def _unit_slip(draft: Draft, names: Sequence[str]) -> str:
    """Say what a length would be in the other unit, when that would fit."""
    for name in names:
        shown = draft.shown(name)
        if draft.readers[name].unit != MILLIMETRE or not isinstance(shown, int | float):
            continue
        slips = ((10, "case.centimetres"), (1 / 10, "case.tenths"))[shown >= _MOST_CM :]
        for factor, unit in slips:
            other: Number = round(shown * factor, 6)
            other = int(other) if other == int(other) else other
            domain = draft.readers[name].domain
            if domain.low <= other <= domain.high:
                place = draft.table.index[name]
                masks = list(draft.masks)
                masks[place] = draft.table.space.cells[place].mask(parse_entry(other, domain))
                if possible(draft.table, [tuple(masks)]):
                    return say("case.slip", value=shown, unit=say(unit), field=name, other=other)
    return ""
