"""Which runs this machine has seen: what proves that a lock's holder was one of ours and lives no more.

A lock tells user, host and pid, and host names and pids are reused. So each run leaves a note in memory, which goes
with the machine or the container: a holder is judged only by who shares its process table. Must never outlive a boot.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from tradai_iac.base import Frozen
from tradai_iac.runner.journal import process_start
from tradai_iac.runner.writes import point

_KEPT: Final = 20
_SLACK_SECONDS: Final = 2.0


class Presence(Frozen):
    """One run: its process (pid and start in clock ticks), the process table it is in, and its span in seconds."""

    run_id: str
    pid: int
    started: int
    table: str
    since: float
    until: float | None = None

    def covers(self, moment: float) -> bool:
        """Whether the run was under way then."""
        end = float("inf") if self.until is None else self.until
        return self.since - _SLACK_SECONDS <= moment <= end + _SLACK_SECONDS


def _memory() -> Path:
    shared = Path("/dev/shm")  # noqa: S108 - memory, so that it goes with the machine
    return (shared if shared.is_dir() else Path("/tmp")) / f"tradai-{os.getuid()}"  # noqa: S108 - as above


@dataclass(frozen=True)
class Presences:
    """The notes of all runs of one stack on this machine."""

    folder: Path

    @staticmethod
    def of(backend_url: str, project: str, stack: str) -> "Presences":
        """Those of that stack in that backend."""
        key = sha256(f"{backend_url}\n{project}\n{stack}".encode()).hexdigest()[:32]
        return Presences(_memory() / "runs" / key)

    def begin(self, run_id: str) -> Presence:
        """Notes that this process works on the stack from now on; raises OSError."""
        pid = os.getpid()
        own = Presence(
            run_id=run_id, pid=pid, started=process_start(pid) or 0, table=process_table(), since=time.time()
        )
        self._write(own)
        for old in sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
            with point("presence.swept"):
                old.unlink(missing_ok=True)
        return own

    def end(self, own: Presence) -> None:
        """Notes that it is through."""
        self._write(own.model_copy(update={"until": time.time()}))

    def saw(self, moment: float) -> bool:
        """Whether a run in this process table was under way at that time (seconds since the epoch)."""
        return any(found.table == process_table() and found.covers(moment) for found in self._all())

    def _write(self, own: Presence) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        staged = self.folder / f"{own.pid}-{own.started}.tmp"
        with point("presence.note"):
            staged.write_text(own.model_dump_json())
            staged.replace(staged.with_suffix(".json"))

    def _all(self) -> Iterator[Presence]:
        for path in self.folder.glob("*.json"):
            try:
                yield Presence.model_validate_json(path.read_text())
            except (OSError, ValidationError):
                continue


def process_table() -> str:
    """Which process table a pid of this process belongs to: a container has its own."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return "unknown"


def place() -> str:
    """This process table in this boot of the host, in eight digits: where a pid and its start time mean something."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        boot = "unknown"
    return sha256(f"{boot}\n{process_table()}".encode()).hexdigest()[:8]


def lived_at(pid: int, moment: float) -> bool:
    """Whether the process that now has that pid lived at that time already, so that it may be the one of then."""
    ticks = process_start(pid)
    if ticks is None:
        return False
    started = _boot() + ticks / os.sysconf("SC_CLK_TCK")
    return started <= moment + _SLACK_SECONDS


def _boot() -> float:
    """When the machine started, in seconds since the epoch."""
    lines = Path("/proc/stat").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("btime ")))
