"""The `Archive` port over the state bucket, in threads, since botocore blocks.

Must never block the event loop, nor keep more than the newest records.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

from tradai_operator.ports import ArchiveError, Shelf
from tradai_runner.bucket.keys import history_prefix

KEPT: Final = 100
_TIMEOUT_SECONDS: Final = 10.0


class BucketArchive:
    """The state buckets of all environments."""

    async def keep(self, shelf: Shelf, name: str, record: Mapping[str, Any]) -> None:
        """Puts one record; raises ArchiveError."""
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                await asyncio.to_thread(self._keep, shelf, name, record)
        except TimeoutError:
            raise ArchiveError(f"{shelf.backend_url} did not answer within {_TIMEOUT_SECONDS:.0f} s") from None

    def _keep(self, shelf: Shelf, name: str, record: Mapping[str, Any]) -> None:
        from tradai_runner.bucket.store import open_store  # botocore takes memory that not every operator needs

        prefix = history_prefix(shelf.system, shelf.environment)
        try:
            store = open_store(shelf.backend_url, shelf.region, shelf.endpoint_url)
            if store is None:
                raise ArchiveError(f"{shelf.backend_url} is not a bucket")
            store.put(prefix + name, json.dumps(dict(record), indent=1).encode())
            for old in sorted(store.keys(prefix))[:-KEPT]:
                store.delete(old)
        except Exception as error:  # whatever goes wrong here, the environment itself goes on
            raise ArchiveError(f"{shelf.backend_url}: {type(error).__name__}: {error}") from error
