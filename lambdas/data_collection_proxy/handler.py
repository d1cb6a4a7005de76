"""The border of data-collection-proxy: a request in, and an answer only where all its candles are there.

Called twice, it places the same order. Must never answer where a candle is missing: the workflow would run on it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from data_collection_proxy.collection import Collection
from data_collection_proxy.logic import DataCollection
from data_collection_proxy.settings import DataCollectionProxySettings
from shared.entry import Entry


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    collection: Collection

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        return cls(Collection(DataCollectionProxySettings.read().data_collection))


ENTRY = Entry("data-collection-proxy", DataCollection, Ground.make)


@ENTRY
def handle(ground: Ground, event: DataCollection) -> dict[str, Any]:
    """`{"sync_id", "pairs"}`; raises DataMissingError, DataRefusedError, DataPendingError, UnansweredError."""
    order = event.request
    sync = ground.collection.ensured(order, _left(ENTRY.context))
    sync.must_be_whole(order)
    ENTRY.logger.info("candles are there", sync_id=sync.sync_id, pairs=len(order.pairs), timerange=order.timerange)
    return {"sync_id": sync.sync_id, "pairs": len(order.pairs)}


def _left(context: Any) -> Callable[[], float]:
    return lambda: context.get_remaining_time_in_millis() / 1000
