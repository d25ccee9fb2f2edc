"""Questions put to diagrams: which ends a set of cases can reach, and which fields decide between them.

Every answer is exact. Leaf 0 stands for cases that cannot be and is never an end. Knows no medicine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from riskcli.cells import Box
from riskcli.diagram import NO, YES, Diagram, leaf, leaf_value
from riskcli.reach import cells_of, union_of


class View:
    """What a set of cases leaves of a table's diagrams.

    The cases are one box, or several disjoint ones. Diagrams taken into the view have lost everything
    the cases rule out: a field that is still tested there can still change the answer.

    Example:
        >>> store = Diagram([2, 2])
        >>> rows = [(store.box({0: 0b10}), leaf(2)), (store.box({1: 0b10}), leaf(3))]
        >>> root = store.first_hit(rows, leaf(4))
        >>> view = View(store, [(0b01, 0b11)])
        >>> bin(view.ends(view.take(root))), view.tested(view.take(root))
        ('0b11000', {1})
    """

    def __init__(self, store: Diagram, boxes: Sequence[Box]) -> None:
        """Look at `store` through `boxes`, which must be disjoint and not empty."""
        self.store = store
        self.bounds = union_of(boxes)
        self.choices = [cells_of(mask) for mask in self.bounds]
        self.inner = Diagram([len(cells) for cells in self.choices])
        self._region = YES if len(boxes) == 1 else self._union(boxes)
        self._taken: dict[int, int] = {}
        self._ends: dict[int, int] = {}

    def _union(self, boxes: Sequence[Box]) -> int:
        """Return, in the view's own cells, the diagram that is YES inside the boxes."""
        root = NO
        for box in boxes:
            masks = {
                field: sum(1 << i for i, cell in enumerate(cells) if box[field] >> cell & 1)
                for field, cells in enumerate(self.choices)
                if box[field] != self.bounds[field]
            }
            root = self.inner.either(self.inner.box(masks), root)
        return root

    def take(self, root: int) -> int:
        """Return a diagram of the store as the cases leave it."""
        taken = self._restrict(root, self._taken)
        return taken if self._region == YES else self.inner.choose(self._region, taken, leaf(0))

    def _restrict(self, ref: int, memo: dict[int, int]) -> int:
        """Keep only the cells the bounds allow."""
        fields, children, choices = self.store.fields, self.store.children, self.choices
        while ref >= 0:
            cells = choices[fields[ref]]
            if len(cells) > 1:
                break
            ref = children[ref][cells[0]]
        if ref < 0:
            return ref
        found = memo.get(ref)
        if found is None:
            kids = children[ref]
            field = fields[ref]
            found = self.inner.node(field, tuple([self._restrict(kids[i], memo) for i in choices[field]]))
            memo[ref] = found
        return found

    def merge(self, ref: int, label: Callable[[int], int]) -> int:
        """Return a taken diagram with its leaves renamed."""
        return self.inner.relabel(ref, label)

    def ends(self, ref: int) -> int:
        """Return the leaves a taken diagram can reach, as a bit mask by leaf value; never leaf 0."""
        return self._reached(ref) & ~1

    def _reached(self, ref: int) -> int:
        """Return every leaf below, leaf 0 too."""
        if ref < 0:
            return 1 << leaf_value(ref)
        found = self._ends.get(ref)
        if found is None:
            found = 0
            for kid in self.inner.children[ref]:
                found |= self._reached(kid)
            self._ends[ref] = found
        return found

    def tested(self, ref: int) -> set[int]:
        """Return the fields that a taken diagram still tests."""
        seen: set[int] = set()
        fields: set[int] = set()
        stack = [ref]
        while stack:
            here = stack.pop()
            if here >= 0 and here not in seen:
                seen.add(here)
                fields.add(self.inner.fields[here])
                stack.extend(self.inner.children[here])
        return fields

    def ends_given(self, ref: int, field: int) -> list[int]:
        """Return, for each cell of an open field, the leaves reached once that cell is known.

        A cell that no possible case has gives 0.
        """
        return [self._given(ref, field, i, {}) & ~1 for i in range(len(self.choices[field]))]

    def _given(self, ref: int, field: int, cell: int, memo: dict[int, int]) -> int:
        """Return the leaves below with one field fixed; below that field nothing changes."""
        if ref < 0 or self.inner.fields[ref] > field:
            return self._reached(ref)
        if self.inner.fields[ref] == field:
            return self._reached(self.inner.children[ref][cell])
        found = memo.get(ref)
        if found is None:
            found = 0
            for kid in self.inner.children[ref]:
                found |= self._given(kid, field, cell, memo)
            memo[ref] = found
        return found

    def deciding(self, ref: int) -> list[int]:
        """Return the fields that matter to a taken diagram, in order.

        A field matters when two possible cases that differ in it alone have different ends, or when
        knowing it can rule an end out.
        """
        tested = sorted(self.tested(ref))
        if not self._reached(ref) & 1:
            return tested
        return [field for field in tested if self._matters(ref, field)]

    def _matters(self, ref: int, field: int) -> bool:
        """Say whether a field that is tested decides between ends that can be."""
        every = self.ends(ref)
        if any(ends not in (0, every) for ends in self.ends_given(ref, field)):
            return True
        memo: dict[tuple[int, int], bool] = {}
        return any(
            self._differ(one, other, memo)
            for node in self._nodes_of(ref, field)
            for n, one in enumerate(self.inner.children[node])
            for other in self.inner.children[node][:n]
        )

    def _nodes_of(self, ref: int, field: int) -> Iterable[int]:
        """Give the nodes below that test a field."""
        seen: set[int] = set()
        stack = [ref]
        while stack:
            here = stack.pop()
            if here < 0 or here in seen or self.inner.fields[here] > field:
                continue
            seen.add(here)
            if self.inner.fields[here] == field:
                yield here
            else:
                stack.extend(self.inner.children[here])

    def _differ(self, one: int, other: int, memo: dict[tuple[int, int], bool]) -> bool:
        """Say whether some case ends differently in two diagrams, both ends being possible."""
        if one == other or leaf(0) in (one, other):
            return False
        if one < 0 or other < 0:
            return (self.ends(one) | self.ends(other)).bit_count() > 1
        key = (one, other) if one < other else (other, one)
        found = memo.get(key)
        if found is None:
            field = min(self.inner.fields[one], self.inner.fields[other])
            columns = [
                self.inner.children[ref]
                if self.inner.fields[ref] == field
                else (ref,) * len(self.choices[field])
                for ref in key
            ]
            found = memo[key] = any(
                self._differ(a, b, memo) for a, b in zip(columns[0], columns[1], strict=True)
            )
        return found

    def settles(self, ref: int, known: frozenset[int]) -> bool:
        """Say whether knowing these fields always leaves one end."""
        return self._settled(frozenset((ref,)), known, {})

    def _settled(self, refs: frozenset[int], known: frozenset[int], memo: dict[frozenset[int], bool]) -> bool:
        """Walk a set of places at once: known fields branch, the others widen the set."""
        open_refs = [ref for ref in refs if ref >= 0]
        certain = {ref for ref in refs if ref < 0 and ref != leaf(0)}
        if len(certain) > 1:
            return False
        if not open_refs:
            return True
        found = memo.get(refs)
        if found is not None:
            return found
        field = min(self.inner.fields[ref] for ref in open_refs)
        columns = [
            self.inner.children[ref]
            if ref >= 0 and self.inner.fields[ref] == field
            else (ref,) * len(self.choices[field])
            for ref in refs
        ]
        steps = [frozenset(step) for step in zip(*columns, strict=True)]
        if field not in known:
            steps = [frozenset().union(*steps)]
        found = memo[refs] = all(self._settled(step, known, memo) for step in steps)
        return found

    def settling_set(self, ref: int) -> list[int]:
        """Return a smallest set of fields that always leaves one end, in order.

        Without impossible cases it is exactly the fields that matter; with them no field of the set can
        be left out, the later fields being dropped first.
        """
        tested = sorted(self.tested(ref))
        if not self._reached(ref) & 1 or self.ends(ref).bit_count() < 2:
            return tested if self.ends(ref).bit_count() > 1 else []
        kept = frozenset(tested)
        for field in reversed(tested):
            if self.settles(ref, kept - {field}):
                kept -= {field}
        return sorted(kept)
