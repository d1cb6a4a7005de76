"""Cuts the deep ring into slices of a few minutes each, so that every commit plays one and all are played in turn.

Pure: the same units and seconds give the same slices everywhere. Must never leave a unit out, nor play one twice.
"""

import heapq
from collections.abc import Collection, Sequence

from tests.rings.budget import Budget, cost

#: What a slice may take, in seconds, by this many workers side by side.
SLICE_SECONDS = 240.0
WORKERS = 3


def makespan(seconds: Sequence[float], workers: int = WORKERS) -> float:
    """How long the workers take, dearest first."""
    busy = [0.0] * workers
    for each in sorted(seconds, reverse=True):
        heapq.heapreplace(busy, busy[0] + each)
    return max(busy)


def slices(units: Collection[str], budget: Budget) -> tuple[tuple[str, ...], ...]:
    """The fewest slices of which none takes longer than it may, or than its dearest unit by itself."""
    cut: tuple[tuple[str, ...], ...] = ((),)
    for number in range(1, len(units) + 1):
        cut = _cut(units, budget, number)
        if all(_fits([cost(unit, budget) for unit in part]) for part in cut):
            break
    return cut


def _fits(seconds: Sequence[float]) -> bool:
    return makespan(seconds) <= max([SLICE_SECONDS, *seconds])


def _cut(units: Collection[str], budget: Budget, number: int) -> tuple[tuple[str, ...], ...]:
    """Dearest first into the slice that has least so far; names decide between equals."""
    parts: list[list[str]] = [[] for _ in range(number)]
    spent = [(0.0, at) for at in range(number)]
    for unit in sorted(units, key=lambda unit: (-cost(unit, budget), unit)):
        so_far, at = heapq.heappop(spent)
        parts[at].append(unit)
        heapq.heappush(spent, (so_far + cost(unit, budget), at))
    return tuple(tuple(sorted(part)) for part in parts)
