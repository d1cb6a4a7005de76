"""What data-collection is asked for, and what its answers come to. Must never call it, or read the clock."""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, Final, Literal

from pydantic import Field, field_validator

from shared.base import Frozen
from shared.requests import sentence

#: How many of the missing are named; of a thousand pairs nobody reads the list.
_NAMED: Final = 10
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 10.0


class DataMissingError(Exception):
    """Candles that cannot be had: the sentence says of which pairs and range."""


class DataRefusedError(Exception):
    """data-collection will not collect this: the sentence says why."""


class DataPendingError(Exception):
    """It still collects when the function's time is over; asked again it goes on where it is."""


class Order(Frozen):
    """The candles of a request; the same ones are the same order, in whatever order its pairs are."""

    pairs: tuple[str, ...] = Field(min_length=1)
    timeframe: str = Field(min_length=1)
    timerange: str = Field(min_length=1)

    @field_validator("pairs", mode="before")
    @classmethod
    def _of_text(cls, value: Any) -> Any:
        """A request of an execution has them with commas."""
        return sorted({each.strip() for each in value.split(",")} - {""}) if isinstance(value, str) else value

    @property
    def body(self) -> dict[str, Any]:
        """What is sent."""
        return self.model_dump(mode="json")

    @property
    def key(self) -> str:
        """What makes sending it twice one order (Idempotency-Key)."""
        return sha256(json.dumps(self.body, sort_keys=True).encode()).hexdigest()

    def __str__(self) -> str:
        return f"{_few(self.pairs)} {self.timeframe} {self.timerange}"


class DataCollection(Frozen):
    """The event: the whole request of an execution, as far as it is about candles."""

    request: Order


class Missing(Frozen):
    """Candles of one pair that cannot be had."""

    pair: str
    timerange: str
    reason: str = "no reason given"


class Sync(Frozen):
    """What data-collection says of an order."""

    sync_id: str = Field(min_length=1)
    status: Literal["running", "complete", "failed"]
    missing: tuple[Missing, ...] = ()
    detail: str | None = None

    def must_be_whole(self, order: Order) -> None:
        """Raises DataMissingError where it is over, and not all candles are there."""
        if self.missing:
            told = [f"{each.pair} {order.timeframe} {each.timerange} ({each.reason})" for each in self.missing]
            raise DataMissingError(sentence(f"no candles of {_few(told)}"))
        if self.status == "failed":
            raise DataMissingError(sentence(f"candles of {order} were not collected: {self.detail or 'see its log'}"))


def refusal(order: Order, status: int, said: Any) -> DataRefusedError:
    """What a 4xx comes to; `said` is problem details (RFC 9457), or anything."""
    detail = said.get("detail") or said.get("title") if isinstance(said, dict) else None
    return DataRefusedError(sentence(f"data-collection refuses {order}: {detail or f'it answered {status}'}"))


def pauses() -> Iterator[float]:
    """Seconds between two questions, for ever: soon at first, then seldom."""
    pause = _FIRST_PAUSE_S
    while True:
        yield pause
        pause = min(pause * 1.5, _LONGEST_PAUSE_S)


def _few(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
