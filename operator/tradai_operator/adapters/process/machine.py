"""What this machine has for runs: memory and cores, as its container limits them. Must never decide."""

import ctypes
import gc
import os
import time
from pathlib import Path

_MIB = 1024 * 1024
#: New objects until Python looks for rings among them, some twenty bodies; its own 700 are less than one.
_BETWEEN_COLLECTIONS = 10_000
#: Of CPU: several times what a minute of renewals and watches takes.
_WORK_SECONDS = 0.5


def memory_mib(proc: Path = Path("/proc"), cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """The memory that processes here may take, in MiB; raises OSError where the host tells none."""
    lines = (proc / "meminfo").read_text().splitlines()
    total = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemTotal:"))
    limits = (cgroup / "memory.max", cgroup / "memory" / "memory.limit_in_bytes")  # of the second and first kind
    found = [int(text) for path in limits if path.is_file() and (text := path.read_text().strip()).isdecimal()]
    return min([total, *found]) // _MIB


def give_back() -> None:
    """Gives memory that this process has freed back to the machine, where the C library can."""
    gc.collect()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


class Worked:
    """Whether this process has worked since it was asked last; who has not, has freed nothing worth a look."""

    def __init__(self) -> None:
        self._spent = 0.0

    def __call__(self) -> bool:
        """Whether it has."""
        before, self._spent = self._spent, time.process_time()
        return self._spent - before > _WORK_SECONDS


def spare_the_collector() -> None:
    """What was imported lives to the end, and a thousand bodies that are read in one go are no garbage either.

    A start over a thousand environments spent a third of its CPU on looking for some.
    """
    gc.freeze()
    gc.set_threshold(_BETWEEN_COLLECTIONS)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))
