"""Agreement between two raters beyond chance, on levels in order. Pure arithmetic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_NORMAL_95 = 1.959964
"""The standard normal value that 2.5 in 100 exceed."""

UNWEIGHTED, LINEAR, QUADRATIC = 0, 1, 2


@dataclass(frozen=True)
class Kappa:
    """A kappa with its interval; None where the marks do not define it."""

    value: float | None
    """1 is full agreement, 0 what chance alone gives, below 0 less than that."""
    low: float | None = None
    """The lower end of the 95 % interval."""
    high: float | None = None


def kappa(counts: Sequence[Sequence[int]], power: int) -> Kappa:
    """Return Cohen's kappa with its 95 % interval.

    `counts[i][j]` is how many cases the first rater put at level i and the second at level j. `power`
    weighs a disagreement by its distance on k levels, w_ij = 1 - (|i - j| / (k - 1)) ** power: 1 linear,
    2 quadratic; 0 counts every disagreement alike.

    With p_ij the shares of the cases, p_i. and p_.j their sums, po = sum(w_ij p_ij) and
    pe = sum(w_ij p_i. p_.j), kappa is (po - pe) / (1 - pe) and its variance

        (sum(p_ij (w_ij - (wr_i + wc_j)(1 - kappa))**2) - (kappa - pe (1 - kappa))**2) / (n (1 - pe)**2)

    with wr_i = sum_j(w_ij p_.j) and wc_j = sum_i(w_ij p_i.). The interval is for large samples: rough
    under some 30 cases. It is None when every case agrees, for the formula then gives no width; kappa
    itself is None when both raters used one and the same level throughout, or there are no cases.

    Source:
        Cohen J. Psychol Bull 1968;70:213-220 (weighted kappa). Fleiss JL, Cohen J, Everitt BS. Large
        sample standard errors of kappa and weighted kappa. Psychol Bull 1969;72:323-327 (variance).
        Linear weights: Cicchetti DV, Allison T 1971; quadratic: Fleiss JL, Cohen J 1973.
    Example:
        >>> found = kappa([[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]], UNWEIGHTED)
        >>> [round(part, 4) for part in (found.value, found.low, found.high)]
        [0.3449, 0.203, 0.4868]
    """
    total = sum(map(sum, counts))
    if not total:
        return Kappa(None)
    size = range(len(counts))
    shares = [[count / total for count in row] for row in counts]
    rows = [sum(row) for row in shares]
    columns = [sum(row[j] for row in shares) for j in size]
    weights = [[_weight(abs(i - j), len(counts), power) for j in size] for i in size]
    observed = sum(weights[i][j] * shares[i][j] for i in size for j in size)
    expected = sum(weights[i][j] * rows[i] * columns[j] for i in size for j in size)
    if math.isclose(expected, 1):
        return Kappa(None)
    value = (observed - expected) / (1 - expected)
    if math.isclose(observed, 1):
        return Kappa(value)
    by_row = [sum(weights[i][j] * columns[j] for j in size) for i in size]
    by_column = [sum(weights[i][j] * rows[i] for i in size) for j in size]
    spread = sum(
        shares[i][j] * (weights[i][j] - (by_row[i] + by_column[j]) * (1 - value)) ** 2
        for i in size
        for j in size
    )
    variance = (spread - (value - expected * (1 - value)) ** 2) / (total * (1 - expected) ** 2)
    margin = _NORMAL_95 * math.sqrt(max(variance, 0))
    return Kappa(value, max(value - margin, -1), min(value + margin, 1))


def _weight(distance: int, size: int, power: int) -> float:
    """Return how much two levels at a distance agree, 0 to 1."""
    if power == UNWEIGHTED:
        return float(distance == 0)
    return float(1 - (distance / (size - 1)) ** power)
