"""The processes that a bootstrap starts, known so that all of them can be ended.

Must never leave one behind: whoever stops a bootstrap stops its compilers too.
"""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_GRACE_SECONDS = 10.0
#: Set while everything is being ended: nothing new is started, and who waits for somebody else gives up.
stopping = threading.Event()

_live: set["subprocess.Popen[str]"] = set()
_guard = threading.Lock()


@contextlib.contextmanager
def started(
    command: Sequence[str], environment: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Iterator["subprocess.Popen[str]"]:
    """A process in a group of its own whose output and errors come as one text; it has ended when the block is left."""
    with _guard:
        if stopping.is_set():
            raise InterruptedError("stopped")
        process = subprocess.Popen(
            list(command),
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        _live.add(process)
    try:
        yield process
        process.wait()
    finally:
        end(process)
        with _guard:
            _live.discard(process)
        if process.stdout:
            process.stdout.close()


def stop_all() -> None:
    """End every process that is under way, and start none before `resume`."""
    with _guard:
        stopping.set()
        under_way = list(_live)
    for process in under_way:
        _signal(process, signal.SIGINT)
    for process in under_way:
        end(process)


def resume() -> None:
    """Processes may be started again."""
    stopping.clear()


def end(process: "subprocess.Popen[str]") -> None:
    """Ask the process as ctrl-C would, so that Go and pip tidy up; kill it when it does not heed."""
    _signal(process, signal.SIGINT)
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        _signal(process, signal.SIGKILL)
        process.wait()


def _signal(process: "subprocess.Popen[str]", number: signal.Signals) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
