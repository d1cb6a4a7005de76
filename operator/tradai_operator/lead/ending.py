"""Tasks that have to be over before anything else may be done: asked to end, asked again, and given up in time.

Must never wait without an end, nor go on beside a task that does not end.
"""

import asyncio
from collections.abc import Collection
from typing import Any, Final

#: A cancel can be lost in what the task waits for: it is asked so many times within its time.
_TIMES: Final = 5


class StuckError(Exception):
    """Something of this process does not end, so that the process has to."""


async def ended(tasks: Collection[asyncio.Task[Any]], within: float) -> None:
    """Cancels them and waits, `within` seconds at most; raises StuckError with the names of those that go on."""
    left = set(tasks)
    for _ in range(_TIMES):
        if not left:
            return
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=within / _TIMES)
    if left:
        names = ", ".join(sorted(task.get_name() for task in left)[:3])
        raise StuckError(f"{len(left)} of {len(tasks)} tasks do not end within {within:.0f} s: {names}")
