"""What the processes of a home take while nothing happens.

Must never count whoever looks at them from outside: health checks, the AWS endpoint, the database that RDS runs.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import psutil

from tools.bench.cpu import CpuClock
from tools.bench.figures import Figure

_MEGABYTE: Final = 1e6
_MOST_SECONDS: Final = 300.0
#: For what becoming Ready leaves to be done.
SETTLE_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Idle:
    """One process: resident MB at the end, and how much of one core in percent."""

    memory: float
    core: float


def look(processes: Mapping[str, psutil.Process], minutes: float) -> dict[str, Idle]:
    """Each of them for that long, five minutes at most; raises psutil.NoSuchProcess where one ends meanwhile."""
    time.sleep(SETTLE_SECONDS)
    before, began = {name: CpuClock.of(process) for name, process in processes.items()}, time.monotonic()
    time.sleep(min(minutes * 60, _MOST_SECONDS))
    lasted = time.monotonic() - began
    return {
        name: Idle(
            memory=process.memory_info().rss / _MEGABYTE,
            core=100 * CpuClock.of(process).since(before[name]) / lasted,
        )
        for name, process in processes.items()
    }


def together(found: Mapping[str, Idle]) -> Idle:
    """What they take as one."""
    return Idle(sum(each.memory for each in found.values()), sum(each.core for each in found.values()))


def figures(scenario: str, found: Mapping[str, Idle]) -> list[Figure]:
    """Two of each process, and two of all."""
    rows = {**found, "together": together(found)} if len(found) > 1 else found
    return [
        figure
        for name, idle in rows.items()
        for figure in (
            Figure(scenario, f"resident: {name}", idle.memory, "MB"),
            Figure(scenario, f"idle, of one core: {name}", idle.core, "%"),
        )
    ]


def ratios(scenario: str, found: Mapping[str, Idle], base: Mapping[str, Idle]) -> list[Figure]:
    """All of one home over all of the sandbox."""
    ours, theirs = together(found), together(base)
    return [
        Figure(scenario, "resident, over the sandbox's", ours.memory / theirs.memory, "x"),
        Figure(scenario, "idle CPU, over the sandbox's", ours.core / theirs.core, "x"),
    ]
