"""Detached processes, known by pid and start time.

Must never signal a process by name, nor by a pid whose start time differs from the recorded one.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Container, Iterable, Mapping
from pathlib import Path

import psutil

from tradai_runner.journal.local import ProcessMark, is_alive
from tradai_runner.process.alive import process_start

#: Set in the environment of everything that a sandbox starts, and inherited by what that starts in turn.
MARKER = "TRADAI_SANDBOX"

_POLL_SECONDS = 0.05


def spawn(command: Iterable[str], environment: Mapping[str, str], log: Path, cwd: Path) -> ProcessMark:
    """Start a process in a session of its own, its output added to `log`. Raises OSError."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=dict(environment),
            cwd=cwd,
        )
    _CHILDREN.append(child)
    return ProcessMark(pid=child.pid, started=process_start(child.pid) or 0)


#: Keeps the handles of our children alive: a collected handle of a running process warns.
_CHILDREN: list["subprocess.Popen[bytes]"] = []


def reap() -> None:
    """Let children that ended go, so that they do not stay as zombies while this process lives."""
    _CHILDREN[:] = [child for child in _CHILDREN if child.poll() is None]


def stop(marks: Iterable[ProcessMark], grace: float) -> None:
    """End processes together: ask each, wait at most `grace` seconds for all, then kill the rest."""
    alive = [mark for mark in marks if is_alive(mark)]
    _signal(alive, signal.SIGTERM)
    if not wait(lambda: not _alive(alive), grace):
        _signal(_alive(alive), signal.SIGKILL)
        wait(lambda: not _alive(alive), grace)
    _collect({mark.pid for mark in alive}, grace)


def stragglers(marker: str) -> list[ProcessMark]:
    """Processes of this user that carry `marker` in their environment, this one and its ancestors aside."""
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        try:
            carries = process.pid not in mine and process.environ().get(MARKER) == marker
        except (psutil.Error, OSError):
            continue
        if carries and (started := process_start(process.pid)):
            found.append(ProcessMark(pid=process.pid, started=started))
    return found


def wait(condition: Callable[[], bool], timeout: float) -> bool:
    """Whether `condition` came true within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _collect(ended: Container[int], grace: float) -> None:
    """A process with threads looks dead a moment before its parent may collect it."""
    for child in _CHILDREN:
        if child.pid in ended:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(grace)
    reap()


def _alive(marks: Iterable[ProcessMark]) -> list[ProcessMark]:
    reap()
    return [mark for mark in marks if is_alive(mark)]


def _signal(marks: Iterable[ProcessMark], number: signal.Signals) -> None:
    for mark in marks:
        try:
            os.kill(mark.pid, number)
        except ProcessLookupError:
            continue
