"""What people are told of a run's end."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify_completion.causes import LINE, line
from notify_completion.logic import NotifyCompletion, kept, sentences, subject
from shared import clock
from shared.notifications import Delivery, Notification

REQUEST = {
    "job_id": "j1",
    "trace_id": "t",
    "strategy": "Momentum",
    "pairs": "BTC/USDT",
    "timerange": "20240101-20240201",
}
EVENT = {"request": REQUEST, "execution_arn": "arn:e", "workflow": "backtest", "outcome": "completed"}
LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(LEAF, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)
KEYS = st.sampled_from(["error", "errors", "Error", "Cause", "task_arn", "cleanup_error", "promotion"])
STOPPED = {
    "StoppedReason": "Essential container exited",
    "Containers": [{"Name": "strategy", "ExitCode": 3}],
    "Overrides": {"ContainerOverrides": [{"Environment": [{"Name": "WORD", "Value": "hidden"}]}]},
}


def event(**changes: Any) -> NotifyCompletion:
    return NotifyCompletion.model_validate(EVENT | changes)


def failed(detail: dict[str, Any], **changes: Any) -> str:
    return "\n".join(sentences(event(outcome="failed", detail=detail, **changes)))


def test_a_success_says_what_ran_and_where() -> None:
    told = event(detail={"task_arn": "arn:task"})
    assert subject(told) == "backtest completed: Momentum (job j1)"
    assert sentences(told) == [
        "The backtest has completed.",
        "",
        "Strategy: Momentum",
        "Pairs: BTC/USDT",
        "Range (UTC): 20240101-20240201",
        "Job: j1",
        "Trace: t",
        "Task: arn:task",
        "Execution: arn:e",
    ]
    assert kept(told) == {"execution_arn": "arn:e", "kind": "backtest-completed", "job_id": "j1"}


@pytest.mark.parametrize(
    ("detail", "says"),
    [
        (
            {"valid": False, "errors": ["strategy: unknown", "pairs: none"]},
            "has failed: strategy: unknown; pairs: none",
        ),
        ({"error": {"Error": "States.Timeout", "Cause": ""}}, "has failed: it took longer than its limit"),
        (
            {"error": {"Error": "DataMissingError", "Cause": '{"errorMessage": "no candles"}'}},
            "DataMissingError: no candles",
        ),
        ({"error": {"Error": "States.TaskFailed", "Cause": json.dumps(STOPPED)}}, "exited; strategy ended with 3"),
        ({"error": "plain"}, "has failed: plain"),
        ({}, "has failed: see the execution."),
        ({"cleanup_error": {}}, "may still be up and cost money"),
        ({"status_error": {}}, "could not be written down"),
    ],
)
def test_a_failure_says_why(detail: dict[str, Any], says: str) -> None:
    assert says in failed(detail)


def test_a_task_s_variables_are_not_told() -> None:
    assert "hidden" not in failed({"error": {"Error": "States.TaskFailed", "Cause": json.dumps(STOPPED)}})


@pytest.mark.parametrize(("detail", "says"), [({"promotion": {}}, "is the champion now"), ({}, "the champion stays")])
def test_a_retraining_says_who_is_champion(detail: dict[str, Any], says: str) -> None:
    told = event(workflow="retraining", detail=detail, request=REQUEST | {"model_name": "m"})
    assert says in sentences(told)[0]
    assert subject(told) == "retraining completed: m (job j1)"


@pytest.mark.parametrize("request_", [None, "text", [], {}, {"job_id": 7, "strategy": None}])
def test_a_request_that_was_refused_for_its_shape_is_told_all_the_same(request_: Any) -> None:
    told = event(outcome="failed", request=request_)
    assert subject(told).startswith("backtest failed: an unnamed request")
    assert sentences(told)[-1] == "Execution: arn:e"


@given(JSON, st.dictionaries(KEYS | st.text(), JSON))
def test_whatever_an_execution_says_becomes_lines_that_a_mail_takes(request: Any, detail: dict[str, Any]) -> None:
    told = event(outcome="failed", request=request, detail=detail)
    lines = sentences(told)
    assert all(each.isprintable() for each in lines)
    assert len("\n".join(lines)) < 16_000


@given(st.text())
def test_a_line_is_short_and_one(text: str) -> None:
    assert len(line(text)) <= LINE
    assert line(line(text)) == line(text)


def test_one_end_of_one_execution_is_one_notification() -> None:
    assert event().notification_id == event(request=None, detail={"a": 1}).notification_id
    assert event().notification_id != event(outcome="failed").notification_id


AT = datetime(2026, 12, 1, tzinfo=UTC)
LEASE = timedelta(seconds=45)


@pytest.mark.parametrize(
    ("age_s", "status", "free"),
    [
        (0, "claimed", False),
        (44, "claimed", False),
        (45, "claimed", True),
        (-3600, "claimed", True),
        (999, "delivered", False),
    ],
)
def test_a_claim_passes_and_one_of_a_wrong_clock_holds_nobody(age_s: int, status: str, free: bool) -> None:
    at = clock.text(AT - timedelta(seconds=age_s))
    item = Notification(notification_id="n", status=Delivery(status), token="t", claimed_at=at, attempts=1)
    assert item.free(AT, LEASE) is free
