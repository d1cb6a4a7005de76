"""Which engines this machine has started: what proves that a lock's holder was one of ours and lives no more.

A lock tells user, host and pid, and host names and pids are reused. So each engine is noted in memory, which goes with
the machine or the container, by pid and start in clock ticks, before it can lock (`launch`); who holds a stack without
an engine notes itself. Clocks that are set prove nothing: a time can only let a lock stay. Must never outlive a boot.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from tradai_iac.base import Frozen
from tradai_runner.process.alive import process_start
from tradai_runner.process.writes import point

_HOLDERS: Final = "holders"
_KEPT: Final = 40
_SLACK_SECONDS: Final = 2.0
#: No run lasts longer: what one that was killed has left is not from later.
_LONGEST_SECONDS: Final = 12 * 3600.0
#: No engine locks later than that after its start, whatever its bucket keeps it waiting for.
_SOON_SECONDS: Final = 900.0
_N = TypeVar("_N", bound=Frozen)


class OldNote(Frozen):
    """One run as versions before this one noted it, without its engines; read alone, while such runs may be left."""

    run_id: str
    pid: int
    started: int
    table: str
    since: float
    until: float | None = None

    def covers(self, moment: float) -> bool:
        """Whether the run was under way then."""
        return _within(moment, self.since, self.until)


class Holder(Frozen):
    """One process that may lock a stack: pid and start in clock ticks, where those mean something, and its span."""

    run_id: str
    pid: int
    started: int
    place: str
    since: float
    until: float | None = None

    def took(self, pid: int, moment: float) -> bool:
        """Whether a lock of that pid and time may be this process's: to lock is the first thing that an engine does."""
        return pid == self.pid and moment <= self.since + _SOON_SECONDS and _within(moment, self.since, self.until)


def _within(moment: float, since: float, until: float | None) -> bool:
    end = since + _LONGEST_SECONDS if until is None else until
    return since - _SLACK_SECONDS <= moment <= end + _SLACK_SECONDS


def _key(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def _memory() -> Path:
    shared = Path("/dev/shm")  # noqa: S108 - memory, so that it goes with the machine
    return (shared if shared.is_dir() else Path("/tmp")) / f"tradai-{os.getuid()}"  # noqa: S108 - as above


@dataclass(frozen=True)
class RunRegistry:
    """The notes of one stack on this machine; in `earlier` versions before this one have kept them."""

    folder: Path
    earlier: Path | None = None

    @staticmethod
    def of(backend_url: str, project: str, stack: str, endpoint_url: str | None) -> "RunRegistry":
        """Those of that stack in that backend; a bucket of the same name at another endpoint is another one."""
        runs, named = _memory() / "runs", f"{backend_url}\n{project}\n{stack}"
        if endpoint_url is None:
            return RunRegistry(runs / _key(named))
        return RunRegistry(runs / _key(f"{named}\n{endpoint_url}"), earlier=runs / _key(named))

    def begin(self, run_id: str, pid: int) -> Holder:
        """Notes that a process may lock the stack from now on; raises OSError, also where it lives no more."""
        started = process_start(pid)
        if started is None:
            raise ProcessLookupError(f"process {pid} ended before it could begin")
        own = Holder(run_id=run_id, pid=pid, started=started, place=place(), since=time.time())
        self._write(own)
        self._sweep()
        return own

    def end(self, own: Holder, *, released: bool) -> None:
        """The process is through; `released`: it said that all went well, so that it has left no lock."""
        if not released:
            return self._write(own.model_copy(update={"until": time.time()}))
        with point("presence.swept"):
            self._path(own).unlink(missing_ok=True)
        return None

    @contextmanager
    def holding(self, run_id: str) -> Iterator[None]:
        """While this process itself may lock the stack."""
        own = self.begin(run_id, os.getpid())
        yield
        self.end(own, released=True)  # not where it failed: its lock may be left

    def saw(self, pid: int, moment: float) -> bool:
        """Whether a lock of that pid and time is of a process that was noted here."""
        here, table = place(), process_table()
        folders = [folder for folder in (self.folder, self.earlier) if folder]
        holders = (found for folder in folders for found in self._all(folder / _HOLDERS, Holder))
        if any(found.place == here and found.took(pid, moment) for found in holders):
            return True
        old = (found for folder in folders for found in self._all(folder, OldNote))
        return any(found.table == table and found.covers(moment) for found in old)

    @property
    def writer(self) -> Path:
        """The file by whose lock this machine has one writer of the stack's state."""
        return self.folder / "writer.lock"

    @property
    def _holders(self) -> Path:
        return self.folder / _HOLDERS

    def _path(self, own: Holder) -> Path:
        return self._holders / f"{own.pid}-{own.started}.json"

    def _write(self, own: Holder) -> None:
        self._holders.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(own)
        staged = path.with_suffix(".tmp")
        with point("presence.note"):
            staged.write_text(own.model_dump_json())
            staged.replace(path)

    def _sweep(self) -> None:
        """All but the newest notes of the dead; whoever lives keeps his."""
        dead = [path for path in self._holders.glob("*.json") if not _lives(path)]
        for old in sorted(dead, key=_age)[:-_KEPT]:
            with point("presence.swept"):
                old.unlink(missing_ok=True)

    def _all(self, folder: Path, kind: type[_N]) -> Iterator[_N]:
        for path in folder.glob("*.json"):
            try:
                yield kind.model_validate_json(path.read_text())
            except (OSError, ValidationError):
                continue


def _lives(path: Path) -> bool:
    pid, _, started = path.stem.partition("-")
    return pid.isdecimal() and started == str(process_start(int(pid)))


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def process_table() -> str:
    """Which process table a pid of this process belongs to: a container has its own."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return "unknown"


def place() -> str:
    """This process table in this boot of the host, in eight digits: where a pid and its start time mean something."""
    return sha256(f"{_boot()}\n{process_table()}".encode()).hexdigest()[:8]


def may_live(pid: int) -> bool:
    """Whether any process has that pid here, or none can be told; one that has ended and was not collected has not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def _boot() -> str:
    """Names this boot of the host."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown"
