"""Cases that show something: a path through a diagram, and a record that follows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from riskcli.cells import Cells, Space
from riskcli.compiled import IMPOSSIBLE, NONE, Compiled
from riskcli.diagram import Diagram, leaf_value

Cell = dict[int, int]
"""A case: the cell by field number; fields left out may be anything."""


def reached(store: Diagram, root: int) -> int:
    """Return the leaves a diagram reaches, as a bit mask by leaf value."""
    found, seen, stack = 0, set[int](), [root]
    while stack:
        ref = stack.pop()
        if ref < 0:
            found |= 1 << leaf_value(ref)
        elif ref not in seen:
            seen.add(ref)
            stack.extend(store.children[ref])
    return found


def lower_end(store: Diagram, one: int, other: int, seen: set[tuple[int, int]]) -> Cell | None:
    """Return a case in which the second diagram ends lower than the first.

    Both ends have to be possible and answered. `seen` holds the pairs already known to have none.
    """
    if one == other or (one, other) in seen or {IMPOSSIBLE, NONE} & {one, other}:
        return None
    if one < 0 and other < 0:
        return {} if leaf_value(other) < leaf_value(one) else None
    seen.add((one, other))
    field = min(store.fields[ref] for ref in (one, other) if ref >= 0)
    columns = [
        store.children[ref] if ref >= 0 and store.fields[ref] == field else (ref,) * store.counts[field]
        for ref in (one, other)
    ]
    for cell, (a, b) in enumerate(zip(*columns, strict=True)):
        found = lower_end(store, a, b, seen)
        if found is not None:
            return {field: cell, **found}
    return None


def drop(store: Diagram, root: int, place: int, pair: tuple[int, int]) -> Cell | None:
    """Return a case in which the second cell of a field ends lower than the first."""
    pairs: set[tuple[int, int]] = set()
    seen: set[int] = set()

    def search(ref: int) -> Cell | None:
        if ref < 0 or ref in seen or store.fields[ref] > place:
            return None
        seen.add(ref)
        kids = store.children[ref]
        if store.fields[ref] == place:
            return lower_end(store, kids[pair[0]], kids[pair[1]], pairs)
        for cell, kid in enumerate(kids):
            found = search(kid)
            if found is not None:
                return {store.fields[ref]: cell, **found}
        return None

    return search(root)


def path_to(store: Diagram, root: int, wanted: Callable[[int], bool]) -> Cell | None:
    """Return a case that ends in a wanted leaf, or None."""
    seen: set[int] = set()

    def search(ref: int) -> Cell | None:
        if ref < 0:
            return {} if wanted(leaf_value(ref)) else None
        if ref in seen:
            return None
        seen.add(ref)
        for cell, kid in enumerate(store.children[ref]):
            found = search(kid)
            if found is not None:
                return {store.fields[ref]: cell, **found}
        return None

    return search(root)


def witness(compiled: Compiled, root: int, value: int) -> dict[str, Any] | None:
    """Return a case, as a record, that ends in a leaf; None when no case does."""
    found = path_to(compiled.store, root, lambda leaf_here: leaf_here == value)
    return None if found is None else case_of(compiled.space, found)


def case_of(space: Space, cells: Cell) -> dict[str, Any]:
    """Return a record whose fields lie in the given cells."""
    return {
        space.cells[place].field: value_in(space.cells[place], cell) for place, cell in sorted(cells.items())
    }


def value_in(cells: Cells, cell: int) -> Any:
    """Return a plain value inside a cell: its lowest whole number or word, else a number in it.

    Example:
        >>> from riskcli.conditions import Domain, parse_entry
        >>> size = Domain(low=0, high=400)
        >>> value_in(Cells.cut("size", size, [parse_entry(">20..50", size)]), 1)
        50
    """
    if cell >= len(cells.spans):
        return cells.names[cell]
    (low, after), (high, upto) = cells.spans[cell]
    if not after:
        return low
    return high if upto else round((low + high) / 2, 6)
