"""Diagrams over three small fields, built from the answers to all twelve cases."""

from __future__ import annotations

from itertools import product

from riskcli.diagram import leaf

COUNTS = (2, 3, 2)
CASES = list(product(*map(range, COUNTS)))


def build(store, values):
    """Return the diagram that has these leaf values for the cases, in order."""

    def below(field, part):
        if field == len(store.counts):
            return leaf(part[0])
        step = len(part) // store.counts[field]
        kids = [below(field + 1, part[n * step : (n + 1) * step]) for n in range(store.counts[field])]
        return store.node(field, tuple(kids))

    return below(0, values)
