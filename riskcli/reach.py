"""What the cases of one box reach in the diagrams of a store: walks that take nothing apart.

Every answer is exact. Leaf 0 stands for cases that cannot be. Knows no medicine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, reduce
from operator import or_

from riskcli.cells import Box, bits
from riskcli.diagram import Diagram


@lru_cache(maxsize=65536)
def cells_of(mask: int) -> tuple[int, ...]:
    """Return the cells of a mask."""
    return tuple(bits(mask))


def union_of(boxes: Sequence[Box]) -> Box:
    """Return the smallest box that holds several."""
    return boxes[0] if len(boxes) == 1 else tuple(reduce(or_, masks) for masks in zip(*boxes, strict=True))


class Reach:
    """What the cases of one box reach, found without taking any diagram apart.

    What lies below a place is remembered, so that questions about many diagrams of a store share it.

    Example:
        >>> store = Diagram([2, 2])
        >>> root = store.box({0: 0b10, 1: 0b10})
        >>> reach = Reach(store, (0b10, 0b11))
        >>> bin(reach.ends(root)), bin(reach.ends_moved(root, {0: 0b01})), reach.tested(root)
        ('0b11', '0b1', {0, 1})
    """

    __slots__ = ("_box", "_cell", "_children", "_fields", "_known", "open_fields")

    def __init__(self, store: Diagram, box: Box) -> None:
        """Look at `store` through one box."""
        self._fields = store.fields
        self._children = store.children
        self._box = box
        self._cell = [-1 if mask & (mask - 1) else mask.bit_length() - 1 for mask in box]
        self._known: dict[int, int] = {}
        self.open_fields = self._cell.count(-1)
        """How many fields may have several cells."""

    def ends(self, ref: int) -> int:
        """Return the leaves below a place, as a bit mask by leaf value; leaf 0 too."""
        fields, children, known_cell = self._fields, self._children, self._cell
        while ref >= 0:
            cell = known_cell[fields[ref]]
            if cell < 0:
                break
            ref = children[ref][cell]
        else:
            return 1 << (-1 - ref)
        found = self._known.get(ref)
        if found is None:
            kids = children[ref]
            found = 0
            for cell in cells_of(self._box[fields[ref]]):
                found |= self.ends(kids[cell])
            self._known[ref] = found
        return found

    def ends_each(self, refs: Sequence[int]) -> list[int]:
        """Return the leaves below each of several places, never leaf 0."""
        fields, children, known_cell = self._fields, self._children, self._cell
        found = []
        for root in refs:
            ref = root
            while ref >= 0:
                cell = known_cell[fields[ref]]
                if cell < 0:
                    break
                ref = children[ref][cell]
            found.append((self.ends(ref) if ref >= 0 else 1 << (-1 - ref)) & ~1)
        return found

    def ends_below(self, node: int, cell: int) -> int:
        """Return the leaves below a node once its field has one cell; leaf 0 too."""
        return self.ends(self._children[node][cell])

    def ends_given(self, node: int, mask: int) -> int:
        """Return the leaves below a node once its field has other cells than the box's; leaf 0 too."""
        kids = self._children[node]
        found = 0
        for cell in cells_of(mask):
            found |= self.ends(kids[cell])
        return found

    def ends_moved(self, ref: int, moved: Mapping[int, int]) -> int:
        """Return the leaves below a place once some fields have other cells than the box's; leaf 0 too."""
        return self._moved(ref, moved, max(moved), {})

    def _moved(self, ref: int, moved: Mapping[int, int], last: int, memo: dict[int, int]) -> int:
        """Walk down to the last field that moved; below it nothing changes."""
        fields, children, box = self._fields, self._children, self._box
        while ref >= 0 and fields[ref] <= last:
            field = fields[ref]
            mask = moved[field] if field in moved else box[field]
            if mask & (mask - 1):
                break
            ref = children[ref][mask.bit_length() - 1]
        else:
            return self.ends(ref)
        found = memo.get(ref)
        if found is None:
            kids = children[ref]
            found = 0
            for cell in cells_of(mask):
                found |= self._moved(kids[cell], moved, last, memo)
            memo[ref] = found
        return found

    def trunk(self, root: int) -> dict[int, int]:
        """Return the nodes that every case passes before the cases part, by the field they test.

        A question about such a field may be put to its node instead of the root.
        """
        found: dict[int, int] = {}
        ref = root
        while ref >= 0:
            field = self._fields[ref]
            found[field] = ref
            cell = self._cell[field]
            if cell < 0:
                break
            ref = self._children[ref][cell]
        return found

    def tested(self, root: int) -> set[int]:
        """Return the fields that a diagram tests for some case of the box."""
        fields, children = self._fields, self._children
        found: set[int] = set()
        seen: set[int] = set()
        stack = [root]
        while stack:
            ref = stack.pop()
            while ref >= 0 and ref not in seen:
                field = fields[ref]
                seen.add(ref)
                found.add(field)
                cell = self._cell[field]
                if cell < 0:
                    stack.extend([children[ref][other] for other in cells_of(self._box[field])])
                    break
                ref = children[ref][cell]
        return found
