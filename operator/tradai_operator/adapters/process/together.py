"""Runs what belongs together: when one ends, all end.

Must never let a part die unseen: what it raised is raised.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any


async def together(*parts: Coroutine[Any, Any, Any], ending: Callable[[], None]) -> None:
    """Until the first of them ends; the others are cancelled, and what ended it is raised.

    `ending` is called before they are: one of them may not let go.
    """
    tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(part) for part in parts]
    try:
        ended = await _ended(tasks, ending)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()


async def _ended(tasks: Sequence["asyncio.Future[Any]"], ending: Callable[[], None]) -> list["asyncio.Future[Any]"]:
    """Those that were the first to end by themselves.

    A part that was cancelled says only that another one ends: kopf, asked to stop, takes tasks along that others began.
    """
    done: set[asyncio.Future[Any]]
    pending = set(tasks)
    try:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ending()
    while pending and all(task.cancelled() for task in done):
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    return [task for task in done if not task.cancelled()]
