"""data-collection over HTTP: an order is placed, and asked about until it is over.

    POST /api/v1/data/sync {pairs, timeframe, timerange}, Idempotency-Key → Sync
    GET  /api/v1/data/sync/{sync_id} → Sync, or 404 where it is forgotten

Must never take a service that does not answer for one that has no data.
"""

import time
from collections.abc import Callable
from typing import Final

from pydantic import ValidationError

from data_collection_proxy.logic import DataPendingError, Order, Sync, pauses, refusal
from shared import http
from shared.http import UnansweredError

_PATH: Final = "/api/v1/data/sync"
#: An order as it is will never do: everything else may be of the moment.
_REFUSALS: Final = frozenset({400, 404, 409, 413, 422})
_FORGOTTEN: Final = 404
#: How many questions one after the other may go unanswered; each is tried several times.
_TROUBLES: Final = 4
#: What must be left of the invocation to say how it went.
RESERVE_S: Final = 5.0

Left = Callable[[], float]


class Collection:
    """The service at an address."""

    def __init__(self, address: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._url = address.rstrip("/") + _PATH
        self._sleep = sleep

    def ensured(self, order: Order, left: Left) -> Sync:
        """The order, once it is over; `left` are the seconds of the invocation.

        Raises DataRefusedError, UnansweredError, and DataPendingError where the time is over first.
        """
        sync, troubles = None, 0
        for pause in pauses():
            trouble = None
            try:
                sync, troubles = self._asked(order, sync, left()), 0
            except UnansweredError as error:
                trouble, troubles = error, troubles + 1
            if sync and sync.status != "running":
                return sync
            if trouble and (troubles == _TROUBLES or left() < pause + RESERVE_S):
                raise trouble
            if left() < pause + RESERVE_S:
                break
            self._sleep(pause)
        raise DataPendingError(f"candles of {order} are still being collected: ask again")

    def _asked(self, order: Order, sync: Sync | None, left_s: float) -> Sync | None:
        """How the order is now; None where the service has forgotten it, which must be given it again."""
        within_s = max(left_s - RESERVE_S, 1.0)
        if sync:
            answer = http.call("GET", f"{self._url}/{http.segment(sync.sync_id)}", within_s=within_s)
            return None if answer.status == _FORGOTTEN else _read(answer)
        headers = {"Idempotency-Key": order.key}
        answer = http.call("POST", self._url, body=order.body, headers=headers, within_s=within_s)
        if answer.status in _REFUSALS:
            raise refusal(order, answer.status, _or_none(answer))
        return _read(answer)


def _read(answer: http.Answer) -> Sync:
    try:
        return Sync.model_validate(answer.must_be_good().json())
    except ValidationError:
        raise UnansweredError(f"{answer.asked} answered {answer.status} with what is no sync") from None


def _or_none(answer: http.Answer) -> object:
    try:
        return answer.json()
    except UnansweredError:
        return None
