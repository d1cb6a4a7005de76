"""One answer for all who ask at the same time, begun after the last of them has asked.

Must never give an answer that is older than the question, nor keep one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Rounds(Generic[_T]):
    """Asks for all of them; a round begins when the one before is over."""

    def __init__(self, ask: Callable[[], Awaitable[_T]]) -> None:
        self._ask = ask
        self._next: asyncio.Task[_T] | None = None
        self._under_way: asyncio.Task[_T] | None = None

    async def answer(self) -> _T:
        """What the next round says; raises what it raises."""
        if self._next is None:
            self._next = asyncio.create_task(self._round(self._under_way))
            self._next.add_done_callback(_heard)
        return await asyncio.shield(self._next)

    async def _round(self, before: "asyncio.Task[_T] | None") -> _T:
        if before:
            await asyncio.wait({before})
        self._under_way, self._next = self._next, None
        try:
            return await self._ask()
        finally:
            self._under_way = None  # the next round waits for this one


def _heard(done: "asyncio.Task[_T]") -> None:
    """Who asked hears of an error; nobody may be left to."""
    if not done.cancelled():
        done.exception()
