"""Runs what belongs together: when one ends, all end.

Must never let a part die unseen: what it raised is raised.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


async def together(*parts: Coroutine[Any, Any, Any], ending: Callable[[], None]) -> None:
    """Until the first of them ends; the others are cancelled, and what ended it is raised.

    `ending` is called before they are: one of them may not let go.
    """
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ending()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
