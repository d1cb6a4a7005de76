"""A folder of the cache in which one job works alone, and that goes with it.

Must never be left half-made for anybody: what a killed job left is removed before the next one begins.
"""

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tools.provision import children
from tools.provision.say import ProvisionError, say

_POLL_SECONDS = 0.2


@contextlib.contextmanager
def alone(cache: Path, job: str, title: str) -> Iterator[Path]:
    """An empty folder on the cache's file system; two bootstraps at once do the same job once."""
    home = cache / "jobs" / job
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        if not _taken(lock):
            say(f"{title}: another process is making it, waiting")
            while not _taken(lock):
                if children.stopping.wait(_POLL_SECONDS):
                    raise ProvisionError(f"stopped waiting for {title}")
        room = home / "room"
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir()
        try:
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
