"""One writer of a stack's state on this machine: a file's lock that ends with whoever holds it.

An engine that was killed may leave a port that still sends its last state; who comes next waits for that. Must never
outlive its process, and says nothing of other machines: the stack's lock in the bucket does.
"""

import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_PAUSE_SECONDS: Final = 0.05


@dataclass
class HostLock:
    """The lock of one file; `take` twice is once."""

    path: Path
    _held: int | None = field(default=None, init=False)

    def take(self, seconds: float, now: Callable[[], float], pause: Callable[[float], object]) -> bool:
        """Whether it is held, waited for that long at most; raises OSError where there can be no such file."""
        until = now() + seconds
        while not (taken := self._try()) and now() < until:
            pause(_PAUSE_SECONDS)
        return taken

    def give_back(self) -> None:
        """Whoever waits may go on."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _try(self) -> bool:
        if self._held is not None:
            return True
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        opened = os.open(self.path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)  # nothing is ever written into it
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(opened)
            return False
        self._held = opened
        return True
