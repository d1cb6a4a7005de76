"""The `Markers` port over the state bucket, in threads, since boto3 blocks.

Only a bucket or an object that AWS says is not there counts as absent. Must never block the event loop, nor take an
answer that did not come for one.
"""

import asyncio
import json
from collections.abc import Callable, Collection, Mapping
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Final, TypeVar

from tradai_iac.runner.contract import Owner
from tradai_operator.reconcile.ports import MarkerSeen, MarkersError, Shelf

if TYPE_CHECKING:
    from tradai_iac.runner.store import Store

_T = TypeVar("_T")
_PATIENCE_SECONDS: Final = 30.0
_NO_BUCKET: Final = "NoSuchBucket"
#: A state takes megabytes while it is read: so many at a time, however many environments an operator finds.
_AT_ONCE: Final = 4


class BucketMarkers:
    """The state buckets of all environments."""

    def __init__(self) -> None:
        self._making = Lock()
        self._reading = BoundedSemaphore(_AT_ONCE)

    async def look(
        self, shelf: Shelf, projects: Mapping[str, str], states: Collection[str]
    ) -> Mapping[str, MarkerSeen]:
        """What the bucket has; raises MarkersError."""
        return await self._asked(shelf, lambda: self._look(shelf, projects, frozenset(states)))

    async def mark(self, shelf: Shelf, project: str, owner: Owner) -> None:
        """Writes the marker; raises MarkersError."""
        await self._asked(shelf, lambda: self._mark(shelf, project, owner))

    async def _asked(self, shelf: Shelf, ask: Callable[[], _T]) -> _T:
        try:
            return await asyncio.wait_for(asyncio.to_thread(ask), _PATIENCE_SECONDS)
        except TimeoutError:
            raise MarkersError(f"{shelf.backend_url} did not answer within {_PATIENCE_SECONDS:.0f} s") from None

    def _look(self, shelf: Shelf, projects: Mapping[str, str], states: frozenset[str]) -> dict[str, MarkerSeen]:
        from botocore.exceptions import BotoCoreError, ClientError  # boto3 takes memory that not every operator needs

        with self._reading:
            try:
                store = self._store(shelf)
                return {
                    layer: _seen(store, project, shelf.environment, state=layer in states)
                    for layer, project in projects.items()
                }
            except ClientError as error:
                if error.response["Error"]["Code"] == _NO_BUCKET:
                    return {}
                raise MarkersError(f"{shelf.backend_url}: {error}") from error
            except (BotoCoreError, OSError, ValueError, KeyError) as error:
                raise MarkersError(f"{shelf.backend_url}: {type(error).__name__}: {error}") from error

    def _mark(self, shelf: Shelf, project: str, owner: Owner) -> None:
        from botocore.exceptions import BotoCoreError, ClientError  # as above

        from tradai_iac.runner.owner import write_owner

        try:
            write_owner(self._store(shelf), project, shelf.environment, owner)
        except (ClientError, BotoCoreError, OSError) as error:
            raise MarkersError(f"{shelf.backend_url}: {error}") from error

    def _store(self, shelf: Shelf) -> "Store":
        from tradai_iac.runner.store import open_store  # as above

        with self._making:  # boto3's own session is not for two threads
            store = open_store(shelf.backend_url, shelf.region, shelf.endpoint_url)
        if store is None:
            raise MarkersError(f"{shelf.backend_url} is no bucket")
        return store


def _seen(store: "Store", project: str, stack: str, *, state: bool) -> MarkerSeen:
    """A marker without a state may be a state that was lost: the run that comes to it decides."""
    from tradai_iac.runner.checkpoint import parse_checkpoint
    from tradai_iac.runner.owner import read_owner
    from tradai_iac.runner.snapshots import read_state

    owner = read_owner(store, project, stack)
    if not state:
        return MarkerSeen(owner, stands=owner is not None)
    body = read_state(store, project, stack)
    if body is None:
        return MarkerSeen(owner, stands=owner is not None)
    checkpoint = parse_checkpoint(json.loads(body))
    return MarkerSeen(owner, stands=checkpoint.stands or bool(checkpoint.interrupted))
