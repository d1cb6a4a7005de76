"""Turns a request to stop into the engine's own graceful cancellation.

The first signal asks the engine to finish what is in flight, save its state and release its lock; a second makes it
stop at once. Must never kill: whoever cannot wait does that from outside.
"""

import os
import signal
from collections.abc import Callable
from types import FrameType

import psutil

from tradai_iac.failure import Failure
from tradai_runner.engine.launch import is_engine


class Interrupt:
    """Whether this run was asked to stop; hands the wish on to the engine's process."""

    def __init__(self, children: Callable[[], list[psutil.Process]] | None = None) -> None:
        self.requested = False
        self._children = children or psutil.Process(os.getpid()).children

    def install(self) -> None:
        """Takes SIGINT and SIGTERM from now on."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle)

    def handle(self, number: int, frame: FrameType | None) -> None:
        """A signal arrived."""
        del number, frame
        self.requested = True
        for child in self._children():
            try:
                if is_engine(child):
                    child.send_signal(signal.SIGINT)
            except psutil.NoSuchProcess:
                continue


def called_off(interrupt: Interrupt) -> Failure | None:
    """Why nothing more is begun; None as long as nobody has asked the run to stop.

    A signal reaches the processes that there are. Whoever is about to start one, or to take data away, asks first.
    """
    if not interrupt.requested:
        return None
    return Failure(
        kind="Cancelled",
        error="the run was asked to stop, and has begun nothing more",
        hint="What was done before stands in the state. The next run goes on from there.",
    )
