"""CPU time of a process that hardly uses any.

Must never round down to nothing: an idle operator spends less than the clock's tick, which alone would say zero.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import psutil

TICK_SECONDS: Final = 1 / os.sysconf("SC_CLK_TCK")
_NANOSECONDS = 1e9

#: What a process of a layer run is: Pulumi's engine, the runner with the stack program, the `aws` provider.
Kind = Literal["engine", "program", "provider"]
KINDS: Final[tuple[Kind, ...]] = ("engine", "program", "provider")


@dataclass(frozen=True)
class CpuClock:
    """CPU seconds of one process so far, by two clocks.

    `ticks` knows threads that have ended, `exact` (the scheduler's nanoseconds) what lies below a tick.
    """

    ticks: float = 0.0
    exact: float = 0.0

    @classmethod
    def of(cls, process: psutil.Process) -> "CpuClock":
        """What the process has spent; raises psutil.NoSuchProcess."""
        spent = process.cpu_times()
        threads = Path(f"/proc/{process.pid}/task").glob("*/schedstat")
        return cls(float(spent.user + spent.system), sum(map(_nanoseconds, threads)) / _NANOSECONDS)

    def since(self, before: "CpuClock") -> float:
        """Seconds spent since `before`: what the clock says that saw more."""
        return max(self.ticks - before.ticks, self.exact - before.exact)


def _nanoseconds(thread: Path) -> int:
    """What one thread has spent; nothing where it has just ended, which the ticks still know."""
    try:
        return int(thread.read_text().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0
