"""What data-collection is asked for, and what its answers come to."""

from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_collection_proxy.logic import DataCollection, DataMissingError, Order, Sync, pauses, refusal

REQUEST = {"pairs": "BTC/USDT,ETH/USDT", "timeframe": "1h", "timerange": "20240101-20240201"}
ORDER = DataCollection.model_validate({"request": REQUEST}).request


def sync(**said: Any) -> Sync:
    return Sync.model_validate({"sync_id": "s", "status": "complete", **said})


@given(st.permutations(["BTC/USDT", "ETH/USDT", "XRP/USDT", "BTC/USDT"]))
def test_the_same_candles_are_the_same_order(pairs: list[str]) -> None:
    order = Order.model_validate(REQUEST | {"pairs": ", ".join(pairs)})
    assert order.body["pairs"] == ["BTC/USDT", "ETH/USDT", "XRP/USDT"]
    assert order.key == Order.model_validate(REQUEST | {"pairs": "XRP/USDT,BTC/USDT,ETH/USDT"}).key


@pytest.mark.parametrize("change", [{"pairs": "BTC/USDT"}, {"timeframe": "4h"}, {"timerange": "20240101-20240202"}])
def test_other_candles_are_another_order(change: dict[str, str]) -> None:
    assert Order.model_validate(REQUEST | change).key != ORDER.key


def test_what_is_whole_passes() -> None:
    sync().must_be_whole(ORDER)


def test_what_is_missing_is_told_by_pair_and_range() -> None:
    gap = {"pair": "ETH/USDT", "timerange": "20240103-20240105", "reason": "the exchange has none"}
    with pytest.raises(DataMissingError) as caught:
        sync(missing=[gap]).must_be_whole(ORDER)
    assert str(caught.value) == "no candles of ETH/USDT 1h 20240103-20240105 (the exchange has none)"


def test_a_thousand_pairs_are_counted_and_not_told() -> None:
    gaps = [{"pair": f"P{at}/USDT", "timerange": "20240103-20240105"} for at in range(1000)]
    with pytest.raises(DataMissingError, match="and 990 more"):
        sync(missing=gaps).must_be_whole(ORDER)


def test_a_failure_says_which_order() -> None:
    with pytest.raises(DataMissingError, match="BTC/USDT, ETH/USDT 1h 20240101-20240201 were not collected: full"):
        sync(status="failed", detail="full").must_be_whole(ORDER)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"detail": "no such market"}, "no such market"),
        ({"title": "Bad"}, "Bad"),
        ({}, "it answered 422"),
        ([1], "422"),
    ],
)
def test_a_refusal_says_why(said: Any, why: str) -> None:
    assert str(refusal(ORDER, 422, said)).endswith(why)


def test_questions_come_soon_at_first_then_seldom() -> None:
    found = list(islice(pauses(), 20))
    assert found[0] == 1
    assert found == sorted(found)
    assert found[-1] == 10
