"""The `Stacks` port over the state bucket, in threads, since botocore blocks.

Only a bucket or an object that AWS says is not there counts as absent. Must never block the event loop, nor take an
answer that did not come for one.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final, TypeVar

from tradai_operator.decide.facts import StackSeen
from tradai_operator.ports import NoBucketError, Shelf, StacksError
from tradai_runner.contract import Owner
from tradai_runner.state.missing import Stack

if TYPE_CHECKING:
    from tradai_runner.bucket.store import Store

_T = TypeVar("_T")
_TIMEOUT_SECONDS: Final = 30.0
_NO_BUCKET: Final = "NoSuchBucket"
#: A state takes megabytes while it is read: so many at a time, however many environments an operator finds.
_AT_ONCE: Final = 4


class BucketStacks:
    """The state buckets of all environments."""

    def __init__(self) -> None:
        self._reading = BoundedSemaphore(_AT_ONCE)

    async def look(
        self, shelf: Shelf, projects: Mapping[str, str], states: Collection[str], known: Collection[str] = ()
    ) -> Mapping[str, StackSeen]:
        """What the bucket has; raises StacksError."""
        return await self._asked(shelf, lambda: self._look(shelf, projects, frozenset(states), frozenset(known)))

    async def mark(self, shelf: Shelf, project: str, owner: Owner) -> None:
        """Writes the marker; raises StacksError."""
        await self._asked(shelf, lambda: self._mark(shelf, project, owner))

    async def _asked(self, shelf: Shelf, ask: Callable[[], _T]) -> _T:
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                return await asyncio.to_thread(ask)
        except TimeoutError:
            raise StacksError(f"{shelf.backend_url} did not answer within {_TIMEOUT_SECONDS:.0f} s") from None

    def _look(
        self, shelf: Shelf, projects: Mapping[str, str], states: frozenset[str], known: frozenset[str]
    ) -> dict[str, StackSeen]:
        from botocore.exceptions import ClientError  # botocore takes memory that not every operator needs

        with self._reading:
            try:
                store = self._store(shelf)
                return {
                    layer: _read(store, Stack(project, shelf.environment), known=layer in known)
                    if layer in states
                    else _marked(store, Stack(project, shelf.environment))
                    for layer, project in projects.items()
                }
            except StacksError:
                raise
            except ClientError as error:
                kind = NoBucketError if error.response["Error"]["Code"] == _NO_BUCKET else StacksError
                raise kind(f"{shelf.backend_url}: {error}") from error
            except Exception as error:  # whatever it is, it is no answer
                raise StacksError(f"{shelf.backend_url}: {type(error).__name__}: {error}") from error

    def _mark(self, shelf: Shelf, project: str, owner: Owner) -> None:
        from botocore.exceptions import BotoCoreError, ClientError  # as above

        from tradai_runner.state.owner import write_owner

        try:
            write_owner(self._store(shelf), project, shelf.environment, owner)
        except (ClientError, BotoCoreError, OSError) as error:
            raise StacksError(f"{shelf.backend_url}: {error}") from error

    def _store(self, shelf: Shelf) -> "Store":
        from tradai_runner.bucket.store import open_store  # as above

        store = open_store(shelf.backend_url, shelf.region, shelf.endpoint_url)
        if store is None:
            raise StacksError(f"{shelf.backend_url} is not a bucket")
        return store


def _marked(store: "Store", stack: Stack) -> StackSeen:
    """By the marker alone: whoever asks for no more knows the rest."""
    from tradai_runner.state.owner import read_owner

    owner = read_owner(store, stack.project, stack.name)
    return StackSeen(owner, stands=owner is not None)


def _read(store: "Store", stack: Stack, *, known: bool) -> StackSeen:
    from tradai_runner.state.owner import read_owner
    from tradai_runner.state.reading import read_stack

    owner = read_owner(store, stack.project, stack.name)
    reading = read_stack(store, stack, known=known)
    return StackSeen(owner, reading.stands, reading.failure, reading.digest)
