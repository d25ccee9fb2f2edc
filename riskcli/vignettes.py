"""A smallest set of cases that touches everything a table decides by. Pure, no I/O.

What is to be touched: every likelihood row (deciding alone), every criterion of every option and of every
entry that is not supported, and the value on either side of every threshold. Cases come from the table's
examples and from walks over its diagrams, which know exactly what can be reached together; nothing is
sampled. Every case is definite: one level, no option that depends, nothing contradictory, nothing assumed
but the premises.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from riskcli.compiled import Compiled
from riskcli.finder import Finder
from riskcli.goals import Goal, Record, Vignette


@dataclass(frozen=True)
class Covering:
    """Cases that together touch what can be touched."""

    cancer: str
    cases: tuple[Vignette, ...]
    """In an order that tells nothing about the answers."""
    untouched: tuple[Goal, ...]
    """What none of the cases touches: the rest after `most` cases, or what no definite case reaches."""
    goals: int
    """How many things there are to touch."""
    limited: bool = False
    """Whether cases were left out because `most` of them are enough."""


def covering(table: Compiled, most: int | None = None) -> Covering:
    """Return a smallest set of cases that touches everything, or the `most` cases that touch most.

    Rows decide alone, so there are never fewer cases than rows. Costs about a second for a large table.

    Example:
        >>> from riskcli.loader import load_rules
        >>> found = covering(load_rules().get("other_solid"))
        >>> len(found.cases), found.untouched
        (11, ())
    """
    finder = Finder(table)
    built = finder.built()
    pool = [*finder.examples(), *built]
    chosen = min((needed(_greedy(pool)), needed(built)), key=len)
    limited = most is not None and most < len(chosen)
    if limited:
        chosen = _greedy(pool)[:most]
    touched = frozenset().union(*(case.touches for case in chosen))
    return Covering(
        table.name,
        tuple(sorted(chosen, key=lambda case: _shuffled(case.record))),
        tuple(goal for goal in finder.goals if goal not in touched),
        len(finder.goals),
        limited,
    )


# ---- choosing cases


def _greedy(pool: Sequence[Vignette]) -> list[Vignette]:
    """Return cases that touch everything the pool touches, those that add most first."""
    left = set().union(*(case.touches for case in pool))
    chosen = []
    while left:
        best = max(pool, key=lambda case: len(case.touches & left))
        chosen.append(best)
        left -= best.touches
    return chosen


def needed(cases: Sequence[Vignette]) -> list[Vignette]:
    """Drop cases, the poorest first, whose goals others touch too."""
    counts = Counter(goal for case in cases for goal in case.touches)
    kept = list(cases)
    for case in sorted(cases, key=lambda case: len(case.touches)):
        if all(counts[goal] > 1 for goal in case.touches):
            kept.remove(case)
            counts.subtract(case.touches)
    return kept


def _shuffled(record: Record) -> str:
    """Return a key that orders cases without regard to their answers, and the same every time."""
    return hashlib.sha256(json.dumps(record).encode()).hexdigest()
