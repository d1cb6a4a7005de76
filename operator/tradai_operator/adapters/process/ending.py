"""The end of the process, which comes also where a task, a thread or a library does not let go.

Must never be called while the process has anything else to do: what it starts ends within it, whatever it is doing.
"""

import os
import threading

import structlog

_log = structlog.get_logger("tradai_operator")


def end_within(seconds: float) -> None:
    """From now on the process has so long to end by itself; then it ends all the same, with code 1."""
    timer = threading.Timer(seconds, _end)
    timer.daemon = True  # one that does end by itself does not wait for it
    timer.start()


def _end() -> None:
    _log.error("the operator does not end by itself, and is ended")
    os._exit(1)
