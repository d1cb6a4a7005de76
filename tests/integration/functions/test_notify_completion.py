"""notify-completion on a deployed table and topic: told once, never not at all."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from botocore.exceptions import ClientError

from notify_completion import handler
from shared import clients
from shared.entry import RefusedError
from shared.notifications import Claim, Delivery, Notifications
from shared.settings import SettingsError
from shared.tables import Table

EVENT = {
    "request": {"job_id": "j1", "strategy": "Momentum"},
    "execution_arn": "arn:e",
    "workflow": "backtest",
    "outcome": "completed",
    "detail": {"task_arn": "arn:task"},
}
ID = "arn:e#completed"
DOWN = {"Error": {"Code": "InternalError", "Message": "down"}}


class Killed(BaseException):
    """The process ends."""


class Times:
    """A clock that is set."""

    def __init__(self) -> None:
        self.at = datetime(2026, 12, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def heard(deployed: Any) -> Any:
    """Gives what has been told since it was asked last."""
    handler.ENTRY.reset()
    deployed.table("notifications")
    url = deployed.topic("alerts")
    return lambda: deployed.heard(url)


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch, heard: Any) -> Times:
    found = Times()
    monkeypatch.setattr(handler.ENTRY.ground.notifications, "_now", found)
    return found


def dies(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, *, after: bool) -> None:
    """The next call of a method kills the process before it, or after it."""
    real = getattr(where, name)

    def once(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(where, name, real)
        if after:
            real(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(where, name, once)


def test_people_and_machines_can_read_it(heard: Any, context: Any) -> None:
    assert handler.handle(EVENT, context) == {"notification_id": ID, "result": "told"}
    (told,) = heard()
    assert told["Subject"] == "[dev] backtest completed: Momentum (job j1)"
    assert told["Message"].startswith("The backtest has completed.\n")
    attributes = {name: each["Value"] for name, each in told["MessageAttributes"].items()}
    assert attributes == {"kind": "backtest-completed", "environment": "dev", "notification_id": ID}


def test_the_table_says_that_it_was_delivered(heard: Any, context: Any) -> None:
    handler.handle(EVENT, context)
    item = handler.ENTRY.ground.notifications.table.get(ID)
    (told,) = heard()
    assert item and (item["status"], item["message_id"], item["job_id"]) == ("delivered", told["MessageId"], "j1")
    assert isinstance(item[handler.ENTRY.ground.notifications.table.shape.ttl or ""], int)


def test_a_repeated_event_is_told_once(heard: Any, context: Any) -> None:
    results = [handler.handle(EVENT, context)["result"] for _ in range(3)]
    assert results == ["told", "already", "already"]
    assert len(heard()) == 1


def test_the_same_event_twice_at_once_is_told_once(heard: Any, context: Any) -> None:
    start, results = Barrier(4), []

    def call() -> None:
        start.wait()
        try:
            results.append(handler.handle(EVENT, context)["result"])
        except handler.ClaimedError:
            results.append("claimed")

    threads = [Thread(target=call) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert results.count("told") == 1
    assert len(heard()) == 1


def test_each_end_is_told(heard: Any, context: Any) -> None:
    handler.handle(EVENT, context)
    handler.handle(EVENT | {"outcome": "failed"}, context)
    handler.handle(EVENT | {"execution_arn": "arn:f"}, context)
    assert len(heard()) == 3


def test_a_topic_that_refuses_is_asked_again_by_the_next_event(
    heard: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(**_: Any) -> Any:
        raise ClientError(DOWN, "Publish")

    with monkeypatch.context() as broken:
        broken.setattr(clients.client("sns"), "publish", refuses)
        with pytest.raises(ClientError, match="down"):
            handler.handle(EVENT, context)
    assert handler.handle(EVENT, context)["result"] == "told"
    assert len(heard()) == 1


@pytest.mark.parametrize(
    ("where", "name", "after", "told"),
    [
        (Table, "create", False, 1),
        (Table, "create", True, 1),
        (handler, "_published", False, 1),
        (handler, "_published", True, 2),  # SNS has it, nobody knows: twice rather than never
        (Table, "update", False, 2),
        (Table, "update", True, 1),
    ],
)
def test_a_process_that_dies_anywhere_leaves_it_to_the_next_event(
    heard: Any,
    times: Times,
    context: Any,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    name: str,
    after: bool,
    told: int,
) -> None:
    dies(monkeypatch, where, name, after=after)
    with pytest.raises(Killed):
        handler.handle(EVENT, context)
    times.at += timedelta(seconds=60)  # Lambda repeats an event after a minute
    handler.handle(EVENT, context)
    times.at += timedelta(seconds=120)
    assert handler.handle(EVENT, context)["result"] == "already"
    assert len(heard()) == told


def test_who_comes_while_another_tells_it_does_not_and_says_so(heard: Any, times: Times, context: Any) -> None:
    assert isinstance(handler.ENTRY.ground.notifications.claim(ID, {}), Claim)
    times.at += timedelta(seconds=30)
    with pytest.raises(handler.ClaimedError, match="another call"):
        handler.handle(EVENT, context)
    assert heard() == []


def test_a_clock_that_steps_back_hides_nothing(heard: Any, times: Times, context: Any) -> None:
    handler.ENTRY.ground.notifications.claim(ID, {})
    times.at -= timedelta(hours=1)
    assert handler.handle(EVENT, context)["result"] == "told"
    assert len(heard()) == 1


def test_who_was_slow_does_not_unsay_what_the_next_has_said(heard: Any, times: Times, context: Any) -> None:
    notifications: Notifications = handler.ENTRY.ground.notifications
    slow = notifications.claim(ID, {})
    assert isinstance(slow, Claim)
    times.at += timedelta(seconds=60)
    handler.handle(EVENT, context)
    before = notifications.table.get(ID)
    notifications.release(slow)
    assert notifications.delivered(slow, "other") is False
    assert notifications.table.get(ID) == before
    found = notifications.get(ID)
    assert found and found.status is Delivery.DELIVERED and found.attempts == 2


def test_an_item_that_expires_between_two_calls_is_claimed_anew(heard: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    notifications: Notifications = handler.ENTRY.ground.notifications
    notifications.claim(ID, {})
    real = notifications.get

    def forgets(notification_id: str) -> Any:
        notifications.table._table.delete_item(Key={"notification_id": notification_id})
        monkeypatch.setattr(notifications, "get", real)
        return real(notification_id)

    monkeypatch.setattr(notifications, "get", forgets)
    assert isinstance(notifications.claim(ID, {}), Claim)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({}, "execution_arn: Field required"),
        (EVENT | {"outcome": "maybe"}, "outcome"),
        (EVENT | {"workflow": ""}, "workflow"),
        (EVENT | {"detail": []}, "detail"),
        (EVENT | {"execution_arn": "x" * 5000}, "execution_arn"),
    ],
)
def test_what_is_no_event_is_refused_by_its_fields(heard: Any, context: Any, wrong: Any, named: str) -> None:
    with pytest.raises(RefusedError, match=rf"not an event of NotifyCompletion: .*{named}"):
        handler.handle(wrong, context)


def test_missing_variables_are_named(deployed: Any, context: Any) -> None:
    handler.ENTRY.reset()
    with pytest.raises(SettingsError, match=r"NOTIFICATIONS_TABLE: .*SNS_ALERTS_TOPIC_ARN"):
        handler.handle(EVENT, context)
