"""Is the mean of paired differences above zero? A one-sided paired t-test, in plain Python.

Same figures in any order, and in any unit, give the same answer. Must never take few figures for many: whoever asks
has counted them before.
"""

import math
from collections.abc import Sequence
from typing import Final

from shared.base import Frozen

#: Figures that differ by less than this part of themselves differ by rounding alone.
_ROUNDING: Final = 1e-9
_STEPS: Final = 300
_TINY: Final = 1e-300


class Tested(Frozen):
    """`p_value`: how often a difference like this one, or a larger one, comes of chance where there is none."""

    mean: float
    p_value: float


def paired(challenger: Sequence[float], champion: Sequence[float]) -> Tested:
    """The test of the challenger's figures less the champion's; of two pairs at least. Raises ValueError for fewer."""
    differences = [_difference(one, other) for one, other in zip(challenger, champion, strict=True)]
    if (count := len(differences)) < 2:
        raise ValueError("a mean is tested by two figures at least")
    mean = math.fsum(differences) / count
    if not any(differences):
        return Tested(mean=0.0, p_value=0.5)
    deviation = math.sqrt(math.fsum((each - mean) ** 2 for each in differences) / (count - 1))
    if deviation <= _ROUNDING * abs(mean):
        return Tested(mean=mean, p_value=0.0 if mean > 0 else 1.0)
    return Tested(mean=mean, p_value=upper_tail(mean / (deviation / math.sqrt(count)), count - 1))


def upper_tail(t: float, freedom: int) -> float:
    """How likely a value of Student's distribution is above `t`."""
    half = _beta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
    return half if t >= 0 else 1 - half


def _difference(one: float, other: float) -> float:
    return 0.0 if math.isclose(one, other, rel_tol=_ROUNDING) else one - other


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by its continued fraction on the side where that is quick."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Lentz's way through the continued fraction."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
