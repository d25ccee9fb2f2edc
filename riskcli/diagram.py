"""Decision diagrams over cells: building them and combining them. Knows no YAML and no medicine.

A node tests one field and has one child per cell of it; a leaf is a small number. Equal nodes are shared
and a node whose children are all the same is never made, so two diagrams over the same fields answer
alike exactly when their roots are the same number. Every question about a table is a walk over one of
these (`riskcli.walk`); there is no other form of the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence


def leaf(value: int) -> int:
    """Return the reference to the leaf `value` (0 or more): leaves are the negative numbers.

    Example:
        >>> leaf(0), leaf(3), leaf_value(leaf(3))
        (-1, -4, 3)
    """
    return -1 - value


def leaf_value(ref: int) -> int:
    """Return the value of a leaf reference."""
    return -1 - ref


NO = leaf(0)
YES = leaf(1)


class Diagram:
    """A store of shared nodes over one list of fields.

    `fields[ref]` is the field a node tests and `children[ref]` its child per cell. Thread-safe for
    reading; building is not.

    Example:
        >>> store = Diagram([2, 3])
        >>> root = store.box({1: 0b110})
        >>> store.children[root] == (NO, YES, YES)
        True
    """

    def __init__(
        self,
        counts: Sequence[int],
        fields: Iterable[int] = (),
        children: Iterable[Sequence[int]] = (),
    ) -> None:
        """Start over fields with `counts` cells each; `fields` and `children` restore a saved store."""
        self.counts = tuple(counts)
        self.fields = list(fields)
        self.children = [tuple(kids) for kids in children]
        self._known = {
            (field, kids): ref
            for ref, (field, kids) in enumerate(zip(self.fields, self.children, strict=True))
        }

    def node(self, field: int, kids: tuple[int, ...]) -> int:
        """Return the node that tests `field` with these children, sharing an equal one."""
        first = kids[0]
        if kids.count(first) == len(kids):
            return first
        key = (field, kids)
        ref = self._known.get(key)
        if ref is None:
            ref = self._known[key] = len(self.fields)
            self.fields.append(field)
            self.children.append(kids)
        return ref

    def box(self, masks: Mapping[int, int]) -> int:
        """Return the diagram that is YES inside a box (masks by field number) and NO outside."""
        root = YES
        for field in sorted(masks, reverse=True):
            mask = masks[field]
            kids = tuple(root if mask >> i & 1 else NO for i in range(self.counts[field]))
            root = self.node(field, kids)
        return root

    def choose(self, condition: int, yes: int, no: int) -> int:
        """Return the diagram that answers `yes` where `condition` is YES and `no` elsewhere."""
        return self._choose(condition, yes, no, {})

    def _choose(self, condition: int, yes: int, no: int, memo: dict[tuple[int, int, int], int]) -> int:
        """Descend on the first field that any of the three tests."""
        if condition < 0:
            return no if condition == NO else yes
        if yes == no:
            return yes
        key = (condition, yes, no)
        found = memo.get(key)
        if found is not None:
            return found
        parts = (condition, yes, no)
        field = min(self.fields[part] for part in parts if part >= 0)
        columns = [
            self.children[part] if part >= 0 and self.fields[part] == field else (part,) * self.counts[field]
            for part in parts
        ]
        kids = tuple(self._choose(a, b, c, memo) for a, b, c in zip(*columns, strict=True))
        memo[key] = found = self.node(field, kids)
        return found

    def both(self, one: int, other: int) -> int:
        """Return the diagram that is YES where both are."""
        return self.choose(one, other, NO)

    def either(self, one: int, other: int) -> int:
        """Return the diagram that is YES where one of the two is."""
        return self.choose(one, YES, other)

    def first_hit(self, rows: Sequence[tuple[int, int]], otherwise: int) -> int:
        """Return the diagram that gives the answer of the first row whose condition is YES.

        `rows` are pairs (condition, answer diagram); `otherwise` answers where no row holds.
        """
        root = otherwise
        for condition, answer in reversed(rows):
            root = self.choose(condition, answer, root)
        return root

    def relabel(self, root: int, label: Callable[[int], int]) -> int:
        """Return the diagram whose leaves are `label` of the old leaf values."""
        memo: dict[int, int] = {}

        def visit(ref: int) -> int:
            if ref < 0:
                return leaf(label(leaf_value(ref)))
            if ref not in memo:
                memo[ref] = self.node(self.fields[ref], tuple(map(visit, self.children[ref])))
            return memo[ref]

        return visit(root)

    def sum(self, parts: Mapping[int, Sequence[int]]) -> int:
        """Return the diagram whose leaves are points summed over fields.

        `parts` gives, by field number, the points of each of its cells.
        """
        fields = sorted(parts)
        memo: dict[tuple[int, int], int] = {}

        def visit(place: int, total: int) -> int:
            if place == len(fields):
                return leaf(total)
            if (place, total) not in memo:
                field = fields[place]
                kids = tuple(visit(place + 1, total + points) for points in parts[field])
                memo[place, total] = self.node(field, kids)
            return memo[place, total]

        return visit(0, 0)

    def compact(self, roots: Mapping[str, int]) -> tuple[Diagram, dict[str, int]]:
        """Return a store of only the nodes that the roots reach, and the roots in it."""
        store = Diagram(self.counts)
        memo: dict[int, int] = {}

        def visit(ref: int) -> int:
            if ref < 0:
                return ref
            if ref not in memo:
                memo[ref] = store.node(self.fields[ref], tuple(map(visit, self.children[ref])))
            return memo[ref]

        return store, {name: visit(root) for name, root in roots.items()}
