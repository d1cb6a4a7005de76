"""How far two samples are apart: the population stability index of counts, and Kolmogorov and Smirnov's distance.

Pure, on the standard library alone. Must never give an infinite number.
"""

from collections.abc import Sequence
from math import exp, log, sqrt
from typing import Final

#: What an empty bin counts as, as a share: so that one bin adds no more than about 9.
FLOOR: Final = 1e-4
#: Below it the probability is 1 in all digits that a float has.
_SURELY: Final = 0.2
_TERMS: Final = 100


def shares(counts: Sequence[int]) -> list[float]:
    """Counts as shares of their sum, none below FLOOR. Raises ValueError where nothing was counted."""
    total = sum(counts)
    if total <= 0:
        raise ValueError("shares of nothing")
    raised = [max(count / total, FLOOR) for count in counts]
    together = sum(raised)
    return [share / together for share in raised]


def psi(expected: Sequence[int], actual: Sequence[int]) -> float:
    """The population stability index of counts in the same bins: 0 for equal shares, the same both ways round."""
    pairs = zip(shares(expected), shares(actual), strict=True)
    return sum((there - here) * log(there / here) for here, there in pairs if here != there)


def ks(first: Sequence[float], second: Sequence[float]) -> float:
    """The largest distance between the two samples' distributions, 0 to 1; both in ascending order, none empty."""
    n, m = len(first), len(second)
    at = there = 0
    widest = 0.0
    while at < n and there < m:
        value = min(first[at], second[there])
        while at < n and first[at] == value:
            at += 1
        while there < m and second[there] == value:
            there += 1
        widest = max(widest, abs(at / n - there / m))
    return widest


def p_value(distance: float, n: int, m: int) -> float:
    """How probable so large a distance is where both samples are of one distribution (asymptotic, Stephens' form)."""
    size = sqrt(n * m / (n + m))
    return kolmogorov((size + 0.12 + 0.11 / size) * distance)


def kolmogorov(scaled: float) -> float:
    """The probability that Kolmogorov's distribution is above this."""
    if scaled < _SURELY:
        return 1.0
    terms = ((1 if k % 2 else -1) * exp(-2.0 * (k * scaled) ** 2) for k in range(1, _TERMS))
    return min(1.0, max(0.0, 2.0 * sum(terms)))
