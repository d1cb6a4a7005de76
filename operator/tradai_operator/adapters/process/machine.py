"""What this machine has for runs: memory and cores, as its container limits them. Must never decide."""

import ctypes
import os
from pathlib import Path

_MIB = 1024 * 1024


def memory_mib(proc: Path = Path("/proc"), cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """The memory that processes here may take, in MiB; raises OSError where the host tells none."""
    lines = (proc / "meminfo").read_text().splitlines()
    total = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemTotal:"))
    limits = (cgroup / "memory.max", cgroup / "memory" / "memory.limit_in_bytes")  # of the second and first kind
    found = [int(text) for path in limits if path.is_file() and (text := path.read_text().strip()).isdecimal()]
    return min([total, *found]) // _MIB


def give_back() -> None:
    """Gives memory that this process has freed back to the machine, where the C library can."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))
