"""A figure with its target, and the arithmetic behind the ratios.

Pure. Must never hide a sample: whatever a figure was made from goes into the report beside it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Figure:
    """One measured value; `target` is a bound that `sense` reads, None where the value is only told."""

    scenario: str
    name: str
    value: float
    unit: str
    target: float | None = None
    sense: Literal["at most", "at least"] = "at most"

    @property
    def holds(self) -> bool | None:
        """Whether the target is met, None without one."""
        if self.target is None:
            return None
        return self.value <= self.target if self.sense == "at most" else self.value >= self.target

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return asdict(self) | {"holds": self.holds}


#: What a scenario gives: figures, and the samples behind them as JSON has them.
Report = tuple[list[Figure], dict[str, Any]]


def critical_path(seconds: Mapping[str, float], reads: Mapping[str, frozenset[str]]) -> float:
    """The longest chain of layers that wait for each other."""
    ends: dict[str, float] = {}

    def end(layer: str) -> float:
        if layer not in ends:
            ends[layer] = seconds[layer] + max((end(up) for up in reads[layer]), default=0.0)
        return ends[layer]

    return max(end(layer) for layer in seconds)


def longest_chain(reads: Mapping[str, frozenset[str]]) -> int:
    """How many layers the longest chain has."""
    return round(critical_path(dict.fromkeys(reads, 1.0), reads))


def waited_for_images(
    pushed: float, finished: Mapping[str, float], reads: Mapping[str, frozenset[str]], with_images: frozenset[str]
) -> float:
    """Seconds from when the first layer with images could have started to when they were there; all on one clock."""
    could_start = [max((finished[up] for up in reads[layer]), default=0.0) for layer in with_images]
    return max(0.0, pushed - min(could_start)) if could_start else 0.0


def percentile(samples: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; raises ValueError for no samples."""
    if not samples:
        raise ValueError("a percentile needs samples")
    ranked = sorted(samples)
    return ranked[max(1, math.ceil(share * len(ranked))) - 1]
