"""The engine that a plugin belongs to: notices when it is gone, however it went.

The engine holds the other end of the plugin's standard input, and is its parent. Either is enough: the pipe tells at
once, the parent where standard input is no pipe. PR_SET_PDEATHSIG is not used: it tells of the end of a thread.
Must never end anything itself.
"""

import os
import select
import stat
import sys
import threading
from collections.abc import Callable
from typing import Final

#: How soon a parent that is gone is noticed where no pipe tells.
_POLL_SECONDS: Final = 0.5


def watch_engine(gone: Callable[[], None]) -> threading.Thread:
    """Calls `gone` once, from a thread of its own, when the engine that started this process is no more."""
    watcher = threading.Thread(target=_watch, args=(os.getppid(), gone), name="engine", daemon=True)
    watcher.start()
    return watcher


def _watch(engine: int, gone: Callable[[], None]) -> None:
    pipe = _pipe()
    while os.getppid() == engine and not _closed(pipe):
        pass
    gone()


def _pipe() -> int | None:
    """Standard input where it is a pipe that somebody may close, else None."""
    try:
        descriptor = sys.stdin.fileno()
        return descriptor if stat.S_ISFIFO(os.fstat(descriptor).st_mode) else None
    except (AttributeError, OSError, ValueError):  # there is none
        return None


def _closed(pipe: int | None) -> bool:
    """Waits a moment; whether the pipe came to its end meanwhile. What is written to it is thrown away."""
    waiting = [] if pipe is None else [pipe]
    readable, _, _ = select.select(waiting, [], [], _POLL_SECONDS)
    return pipe is not None and bool(readable) and os.read(pipe, 4096) == b""
