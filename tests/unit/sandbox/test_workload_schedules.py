"""Rules with a rate fire where that was asked for, and only as long."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tradai_sandbox.workloads import schedules
from tradai_sandbox.workloads.running import TOLD
from tradai_sandbox.workloads.schedules import Schedules, period
from tradai_sandbox.workloads.words import Manners

RULE = SimpleNamespace(arn="arn:rule", account_id="1", region_name="eu-central-1")


@pytest.fixture
def fired(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Semaphore]:
    monkeypatch.setattr(schedules, "_rules", lambda: [(RULE, 0)])
    monkeypatch.setattr(schedules, "_LOOK_S", 0.01)
    yield threading.Semaphore(0)
    TOLD.manners = Manners()


def clocks() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "schedules"]


def test_nothing_fires_until_it_is_asked_for(fired: threading.Semaphore) -> None:
    Schedules(lambda _rule, _event: fired.release()).changed()
    assert clocks() == []


def test_a_rule_fires_again_and_again_until_nobody_wants_it(fired: threading.Semaphore) -> None:
    events: list[Any] = []

    def fire(rule: Any, event: Any) -> None:
        events.append((rule, event))
        fired.release()

    made = Schedules(fire)
    TOLD.manners = Manners(schedules=True)
    made.changed()
    made.changed()
    assert len(clocks()) == 1
    assert fired.acquire(timeout=10)
    assert fired.acquire(timeout=10)
    rule, event = events[0]
    assert (rule, event["detail-type"], event["resources"]) == (RULE, "Scheduled Event", ["arn:rule"])
    (clock,) = clocks()
    TOLD.manners = Manners()
    made.changed()
    clock.join(timeout=10)
    assert not clock.is_alive()


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("rate(5 minutes)", 300),
        ("rate(1 hour)", 3600),
        ("rate(1 day)", 86400),
        ("cron(0 1 * * ? *)", None),
        (None, None),
    ],
)
def test_a_rate_has_a_period(expression: str | None, seconds: int | None) -> None:
    assert period(expression) == seconds
