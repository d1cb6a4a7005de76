"""Whether a process lives, by more than its pid: pids are reused. Must never load anything but the standard library."""

from pathlib import Path


def process_start(pid: int) -> int | None:
    """When process `pid` started, in clock ticks since boot; None where none lives (zombies do not)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *rest = stat.rpartition(")")[2].split()
    return None if state in {"Z", "X"} else int(rest[18])
