"""The `States` port over the state bucket, in threads, since boto3 blocks.

Asks as the runs do: with the operator's own credentials. Must never block the event loop, write anything, or give an
answer where the bucket gave none.
"""

import asyncio
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Final

from tradai_operator.reconcile.facts import StackSeen
from tradai_operator.reconcile.ports import ArchiveError, NoBucketError, Shelf

if TYPE_CHECKING:
    from tradai_iac.runner.store import Store

_PATIENCE_SECONDS: Final = 20.0


class BucketStates:
    """The state buckets of all environments."""

    def __init__(self) -> None:
        self._making = Lock()

    async def look(self, shelf: Shelf, layers: Mapping[str, bool]) -> Mapping[str, StackSeen]:
        """Layer → its stack; raises ArchiveError."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await asyncio.to_thread(self._look, shelf, layers)
        except TimeoutError:
            raise ArchiveError(f"{shelf.backend_url} did not answer within {_PATIENCE_SECONDS:.0f} s") from None

    def _look(self, shelf: Shelf, layers: Mapping[str, bool]) -> Mapping[str, StackSeen]:
        from botocore.exceptions import ClientError  # boto3 takes memory that not every operator needs

        from tradai_iac.runner.store import open_store

        try:
            with self._making:  # boto3's own session is not for two threads
                store = open_store(shelf.backend_url, shelf.region, shelf.endpoint_url)
            if store is None:
                raise ArchiveError(f"{shelf.backend_url} is no bucket")
            return {layer: _seen(store, shelf, layer, known=known) for layer, known in layers.items()}
        except ArchiveError:
            raise
        except ClientError as error:
            kind = NoBucketError if error.response["Error"]["Code"] == "NoSuchBucket" else ArchiveError
            raise kind(f"{shelf.backend_url}: {error}") from error
        except Exception as error:  # whatever it is, it is no answer
            raise ArchiveError(f"{shelf.backend_url}: {type(error).__name__}: {error}") from error


def _seen(store: "Store", shelf: Shelf, layer: str, *, known: bool) -> StackSeen:
    from tradai_iac.runner.owner import read_owner  # as above
    from tradai_iac.runner.reading import read_stack
    from tradai_iac.runner.stood import Stack

    stack = Stack(f"{shelf.system}-{layer}", shelf.environment)
    owner = read_owner(store, stack.project, stack.name)
    reading = read_stack(store, stack, known=known)
    return StackSeen(reading.stands, reading.failure, reading.digest, owner)
