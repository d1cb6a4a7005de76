"""trading-heartbeat-check on a deployed table."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared import clients, clock
from shared.entry import RefusedError
from shared.trading import Status, TradingState
from trading_heartbeat_check import handler
from trading_heartbeat_check.logic import RULE

START = datetime(2026, 11, 29, 10, tzinfo=UTC)
LOOK = timedelta(minutes=5)


class Time:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    found = Time()
    monkeypatch.setattr(clock, "now", found)
    return found


@pytest.fixture
def heard(deployed: Any) -> Any:
    return deployed.topic("alerts")


@pytest.fixture
def table(deployed: Any, heard: Any, time: Time) -> Any:
    handler.ENTRY.reset()
    deployed.set(STANDING_SERVICES="backend-api,mlflow")
    return deployed.table("trading-state")


@pytest.fixture
def state(table: Any) -> TradingState:
    return TradingState(table.name)


def beats(table: Any, at: datetime, strategy: str = "s", **more: Any) -> None:
    """What a trading container writes: by an update, of its own attributes alone."""
    said = {"mode": "live", "status": "running", "heartbeat_at": clock.text(at), "task_arn": "t", "fence": 1, **more}
    sets = ", ".join(f"#{name} = :{name}" for name in said)
    table.update_item(
        Key={"strategy_id": strategy},
        UpdateExpression=f"SET {sets}",
        ExpressionAttributeNames={f"#{name}": name for name in said},
        ExpressionAttributeValues={f":{name}": value for name, value in said.items()},
    )


def look(time: Time, context: Any, call: str = "") -> Any:
    time.now += LOOK
    return handler.handle({"id": call}, context)


def kinds(deployed: Any, heard: Any) -> list[str]:
    return [message["MessageAttributes"]["kind"]["Value"] for message in deployed.heard(heard)]


def metrics(text: str) -> dict[str, float]:
    """The metrics of the last call, as CloudWatch reads them out of the log; their dimension is the environment."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        said = json.loads(line) if line.startswith("{") else {}
        for shape in said.get("_aws", {}).get("CloudWatchMetrics", []):
            assert (shape["Namespace"], shape["Dimensions"], said["Environment"]) == (
                "tradai",
                [["Environment"]],
                "dev",
            )
            found |= {one["Name"]: said[one["Name"]][0] for one in shape["Metrics"]}
    return found


def test_people_are_told_once_when_it_goes_silent_and_once_when_it_beats_again(
    table: Any, time: Time, context: Any, deployed: Any, heard: Any
) -> None:
    beats(table, time.now)
    for _ in range(4):
        look(time, context)
    assert kinds(deployed, heard) == ["heartbeat-stale"]
    for _ in range(RULE.successes + 1):
        beats(table, time.now + LOOK)
        look(time, context)
    assert kinds(deployed, heard) == ["heartbeat-recovered"]


def test_both_metrics_are_written_at_each_call(
    table: Any, time: Time, context: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    beats(table, time.now + LOOK, "a")
    beats(table, time.now, "b")
    assert look(time, context) == {"stale": 0, "live": 2}
    beats(table, time.now + LOOK, "a")
    capsys.readouterr()
    assert look(time, context) == {"stale": 1, "live": 1}
    assert metrics(capsys.readouterr().out) == {"StaleHeartbeats": 1, "LiveStrategies": 1}


def test_a_platform_at_rest_counts_no_live_strategies(
    table: Any, time: Time, context: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    look(time, context)
    assert metrics(capsys.readouterr().out) == {"StaleHeartbeats": 0}


def test_where_live_trading_is_meant_to_run_none_is_zero(
    table: Any, time: Time, context: Any, deployed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.set(STANDING_SERVICES="backend-api,live-trading")
    look(time, context)
    assert metrics(capsys.readouterr().out) == {"StaleHeartbeats": 0, "LiveStrategies": 0}


def test_a_container_and_the_watcher_do_not_touch_what_is_the_others(
    table: Any, state: TradingState, time: Time, context: Any
) -> None:
    beats(table, time.now)
    look(time, context)
    beats(table, time.now)
    found = state.get("s")
    assert found and (found.fence, found.seen.looked_at) == (1, clock.text(time.now))


def test_one_that_is_stopped_is_told_of_no_more(
    table: Any, state: TradingState, time: Time, context: Any, deployed: Any, heard: Any
) -> None:
    beats(table, time.now)
    beats(table, time.now, status=Status.STOPPED.value)
    for _ in range(4):
        look(time, context)
    assert kinds(deployed, heard) == []


def test_an_event_that_comes_twice_tells_once(table: Any, time: Time, context: Any, deployed: Any, heard: Any) -> None:
    beats(table, time.now)
    for call in ("a", "b", "b", "b"):
        look(time, context, call)
    assert kinds(deployed, heard) == ["heartbeat-stale"]


def test_who_could_not_be_told_is_told_by_the_next_call(
    table: Any, time: Time, context: Any, deployed: Any, heard: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    beats(table, time.now)
    look(time, context)
    refused: list[bool] = []

    def refuse(**_: Any) -> None:
        if not refused:
            refused.append(True)
            raise ConnectionError("throttled")

    clients.client("sns").meta.events.register("before-call", refuse)
    capsys.readouterr()
    with pytest.raises(handler.UnfinishedError, match=r": s$"):
        look(time, context, "a")
    assert metrics(capsys.readouterr().out) == {"StaleHeartbeats": 1}
    look(time, context, "a")
    look(time, context, "b")
    assert kinds(deployed, heard) == ["heartbeat-stale"]


def test_an_item_of_no_known_shape_hinders_no_other_and_is_told(
    table: Any, time: Time, context: Any, deployed: Any, heard: Any
) -> None:
    table.put_item(Item={"strategy_id": "odd", "mode": "paper", "status": "running"})
    table.put_item(Item={"strategy_id": "never", "mode": "live", "status": "running", "heartbeat_at": "soon"})
    beats(table, time.now)
    for _ in range(2):
        with pytest.raises(handler.UnfinishedError, match="never, odd"):
            look(time, context)
    assert kinds(deployed, heard) == ["heartbeat-stale"]


def test_a_listing_that_fails_writes_no_metric(
    table: Any, time: Time, context: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    table.delete()
    with pytest.raises(Exception, match="ResourceNotFound"):
        look(time, context)
    assert metrics(capsys.readouterr().out) == {}


def test_more_strategies_than_a_page_holds_are_all_looked_at(
    table: Any, time: Time, context: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(12):
        beats(table, time.now + LOOK, f"s{number}", note="x" * 120_000)
    assert look(time, context) == {"stale": 0, "live": 12}


def test_an_item_stays_while_its_strategy_is_meant_to_trade(
    table: Any, state: TradingState, time: Time, context: Any
) -> None:
    beats(table, time.now, ttl=1)
    look(time, context)
    renewed = state.table.get("s")
    assert renewed and isinstance(renewed["ttl"], int) and renewed["ttl"] > 1
    beats(table, time.now, ttl=1, status=Status.STOPPED.value)
    look(time, context)
    stopped = state.table.get("s")
    assert stopped and stopped["ttl"] == 1


def registration(version: str, at: datetime, **more: Any) -> dict[str, Any]:
    """An event as SNS hands it to a function."""
    said = {
        "event_id": f"e{version}",
        "kind": "model.promoted",
        "environment": "dev",
        "at": clock.text(at),
        "strategy": "S",
        "version": version,
        "model_name": "m",
        "by": "promote-model",
        **more,
    }
    sns = {"Type": "Notification", "MessageId": "1", "Message": json.dumps(said), "MessageAttributes": {}}
    return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": sns}]}


def test_a_strategy_that_keeps_an_old_version_is_told_of_once_and_once_when_it_has_the_new_one(
    table: Any, time: Time, context: Any, deployed: Any, heard: Any
) -> None:
    beats(table, time.now, model_name="m", model_version="3")
    assert handler.handle(registration("4", time.now), context) == {"noted": ["s"]}
    assert handler.handle(registration("4", time.now), context) == {"noted": []}
    assert handler.handle(registration("2", time.now - LOOK), context) == {"noted": []}
    for version in ("3", "3", "3", "4", "4"):
        beats(table, time.now + LOOK, model_version=version)
        look(time, context)
    assert kinds(deployed, heard) == ["version-behind", "version-taken-up"]


def test_a_registration_that_an_item_of_no_known_shape_may_need_comes_again(
    table: Any, state: TradingState, time: Time, context: Any
) -> None:
    table.put_item(Item={"strategy_id": "odd", "mode": "paper", "status": "running"})
    beats(table, time.now, "s", model_name="m")
    with pytest.raises(handler.UnfinishedError, match="odd"):
        handler.handle(registration("4", time.now), context)
    found = state.get("s")
    assert found and found.wanted_version == "4"
    beats(table, time.now, "odd", model_name="m")
    assert handler.handle(registration("4", time.now), context) == {"noted": ["odd"]}


def test_what_is_no_registration_is_refused(table: Any, context: Any) -> None:
    event = registration("4", START, kind="model.forgotten")
    with pytest.raises(RefusedError, match="kind: Input should be"):
        handler.handle(event, context)
