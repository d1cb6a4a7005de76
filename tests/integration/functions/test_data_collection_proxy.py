"""data-collection-proxy against a service of HTTP: an answer only where all candles are there."""

import json
from typing import Any

import pytest

from data_collection_proxy import handler
from data_collection_proxy.logic import DataMissingError, DataPendingError, DataRefusedError
from shared import http
from shared.entry import RefusedError
from shared.http import UnansweredError
from shared.settings import SettingsError

REQUEST = {"pairs": "ETH/USDT,BTC/USDT", "timeframe": "1h", "timerange": "20240101-20240201", "job_id": "j"}
EVENT = {"request": REQUEST}
GAP = {"pair": "ETH/USDT", "timerange": "20240103-20240105", "reason": "none"}


def sync(status: str, **more: Any) -> tuple[int, Any]:
    return 202, {"sync_id": "s/1", "status": status, **more}


@pytest.fixture
def service(web: Any, deployed: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """data-collection as a test tells it; time passes only by waiting."""
    handler.ENTRY.reset()
    monkeypatch.setattr(http, "_PAUSE_S", 0.001)
    deployed.set(DATA_COLLECTION_URL=web.url)
    return web


@pytest.fixture
def waited(service: Any, context: Any, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses so far, which take their time from the invocation's."""
    pauses: list[float] = []
    context.milliseconds = 180_000

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        context.milliseconds -= int(seconds * 1000)

    monkeypatch.setattr(handler.ENTRY.ground.collection, "_sleep", sleep)
    return pauses


def test_candles_that_are_there_are_asked_for_once(service: Any, waited: list[float], context: Any) -> None:
    service.answers(sync("complete"))
    assert handler.handle(EVENT, context) == {"sync_id": "s/1", "pairs": 2}
    ((method, path, headers, body),) = service.asked
    assert (method, path) == ("POST", "/api/v1/data/sync")
    assert json.loads(body) == {
        "pairs": ["BTC/USDT", "ETH/USDT"], "timeframe": "1h", "timerange": "20240101-20240201"
    }  # fmt: skip
    assert headers["Idempotency-Key"]
    assert waited == []


def test_candles_that_are_being_collected_are_waited_for(service: Any, waited: list[float], context: Any) -> None:
    service.answers(sync("running"), sync("running"), sync("complete"))
    handler.handle(EVENT, context)
    assert [(method, path) for method, path, *_ in service.asked] == [
        ("POST", "/api/v1/data/sync"),
        ("GET", "/api/v1/data/sync/s%2F1"),
        ("GET", "/api/v1/data/sync/s%2F1"),
    ]
    assert waited == [1.0, 1.5]


def test_a_second_call_places_the_same_order(service: Any, waited: list[float], context: Any) -> None:
    service.answers(sync("complete"))
    handler.handle(EVENT, context)
    handler.handle({"request": REQUEST | {"pairs": "BTC/USDT,ETH/USDT"}}, context)
    first, second = (headers["Idempotency-Key"] for _, _, headers, _ in service.asked)
    assert first == second


@pytest.mark.parametrize(
    "answers", [[sync("complete", missing=[GAP])], [sync("running"), sync("failed", missing=[GAP])]]
)
def test_a_gap_is_no_success(service: Any, waited: list[float], context: Any, answers: list[Any]) -> None:
    service.answers(*answers)
    with pytest.raises(DataMissingError, match="ETH/USDT 1h 20240103-20240105"):
        handler.handle(EVENT, context)


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_a_refusal_is_told_and_not_repeated(service: Any, waited: list[float], context: Any, status: int) -> None:
    service.answers((status, {"detail": "ETH/USDT is no market"}))
    with pytest.raises(DataRefusedError, match=r"refuses BTC/USDT, ETH/USDT 1h .*: ETH/USDT is no market"):
        handler.handle(EVENT, context)
    assert len(service.asked) == 1


def test_time_that_is_over_says_that_it_still_collects(service: Any, waited: list[float], context: Any) -> None:
    service.answers(sync("running"))
    with pytest.raises(DataPendingError, match="still being collected"):
        handler.handle(EVENT, context)
    assert 160 < sum(waited) <= 175
    assert context.milliseconds >= 5000


def test_a_service_that_has_forgotten_the_order_is_given_it_again(
    service: Any, waited: list[float], context: Any
) -> None:
    service.answers(sync("running"), (404, {}), sync("running"), sync("complete"))
    handler.handle(EVENT, context)
    assert [method for method, *_ in service.asked] == ["POST", "GET", "POST", "GET"]


@pytest.mark.parametrize("trouble", [(500, {}), (429, {}), (401, {}), (200, {"status": "fine"}), (200, b"<html>")])
def test_trouble_of_a_moment_is_lived_through(service: Any, waited: list[float], context: Any, trouble: Any) -> None:
    service.answers(trouble, sync("running"), trouble, trouble, sync("complete"))
    assert handler.handle(EVENT, context)["sync_id"] == "s/1"


def test_trouble_that_lasts_is_no_word_about_data(service: Any, waited: list[float], context: Any) -> None:
    service.answers((500, {}))
    with pytest.raises(UnansweredError, match="answered 500"):
        handler.handle(EVENT, context)
    assert len(service.asked) == 4


def test_trouble_at_the_end_of_the_time_is_told_as_such(service: Any, waited: list[float], context: Any) -> None:
    context.milliseconds = 8_000
    service.answers((503, {}))
    with pytest.raises(UnansweredError, match="answered 503"):
        handler.handle(EVENT, context)
    assert waited == [1.0, 1.5]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({}, "request: Field required"),
        ({"request": {}}, r"request\.pairs"),
        ({"request": REQUEST | {"pairs": " , "}}, r"request\.pairs"),
        ({"request": REQUEST | {"pairs": 7}}, r"request\.pairs"),
        ({"request": REQUEST | {"timerange": ""}}, r"request\.timerange"),
    ],
)
def test_what_is_no_event_is_refused_by_its_fields(service: Any, context: Any, wrong: Any, named: str) -> None:
    with pytest.raises(RefusedError, match=rf"not an event of DataCollection: .*{named}"):
        handler.handle(wrong, context)
    assert service.asked == []


def test_a_missing_variable_is_named(deployed: Any, context: Any) -> None:
    handler.ENTRY.reset()
    with pytest.raises(SettingsError, match="DATA_COLLECTION_URL"):
        handler.handle(EVENT, context)
