"""Which model is trained anew, and how the end of a run is found."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retraining_scheduler.logic import PAUSE, PAUSE_AFTER_FAILURE, decide, job_id, message, moved
from shared import clock
from shared.drift import FRESH, Drift, Finding, Verdict, after
from shared.executions import Ended, Still, ended
from shared.requests import RetrainingRequest
from shared.retraining import Outcome, Retraining

AT = datetime(2026, 11, 29, 10, tzinfo=UTC)
REQUEST = {"strategy": "S", "timerange": "20260101-20260201"}
HOURS = st.integers(0, 24 * 40)


def drift(verdict: Verdict = Verdict.SIGNIFICANT, seen: datetime = AT, version: str = "7") -> Drift:
    return after(None, "pascal", Finding(model_version=version, verdict=verdict), clock.text(seen))


def run(ended_at: datetime | None = None, until: datetime | None = None, **more: Any) -> Retraining:
    times = {"ended_at": ended_at and clock.text(ended_at), "running_until": until and clock.text(until)}
    return Retraining(model_name="pascal", run_id="r1", **{"request": REQUEST, **times, **more})


@pytest.mark.parametrize("verdict", sorted(set(Verdict) - {Verdict.SIGNIFICANT}))
def test_only_significant_drift_asks_for_a_training(verdict: Verdict) -> None:
    assert not decide(drift(verdict), run(), AT).due


def test_drift_that_was_seen_long_ago_is_unknown_and_asks_for_nothing() -> None:
    found = decide(drift(seen=AT - FRESH), run(), AT)
    assert (found.due, found.why) == (False, "its drift is unknown")


def test_a_model_that_nobody_has_trained_yet_has_no_request_to_repeat() -> None:
    assert "send a first one" in decide(drift(), None, AT).why
    assert "send a first one" in decide(drift(), run(request={}), AT).why


@given(HOURS, HOURS, HOURS, st.sampled_from(Outcome), st.booleans())
def test_a_model_is_due_only_without_a_run_after_a_pause_and_on_a_new_look(
    seen: int, over: int, now: int, outcome: Outcome, held: bool
) -> None:
    at, end = AT + timedelta(hours=now), AT + timedelta(hours=over)
    found = run(until=end) if held else run(ended_at=end, outcome=outcome)
    pause = PAUSE_AFTER_FAILURE if outcome is Outcome.FAILED and not held else PAUSE
    due = decide(drift(seen=AT + timedelta(hours=seen)), found, at).due
    fresh = at < AT + timedelta(hours=seen) + FRESH
    assert due == (fresh and seen > over and at >= end + pause)


def test_one_look_asks_for_one_run_however_often_it_is_asked() -> None:
    assert job_id(drift()) == job_id(drift())
    others = {job_id(drift(seen=AT + timedelta(hours=12))), job_id(drift(version="8")), job_id(drift())}
    assert len(others) == 3


@given(
    st.dates(date(2010, 1, 1), date(2026, 1, 1)),
    st.integers(1, 3000),
    st.dates(date(2026, 1, 1), date(2040, 1, 1)),
)
def test_a_range_is_as_long_as_the_last_one_and_ends_today(start: date, days: int, today: date) -> None:
    last = f"{start:%Y%m%d}-{start + timedelta(days=days):%Y%m%d}"
    first, _, end = moved(last, today).partition("-")
    assert end == f"{today:%Y%m%d}"
    assert datetime.strptime(end, "%Y%m%d") - datetime.strptime(first, "%Y%m%d") == timedelta(days=days)


def test_a_message_is_one_that_the_consumer_takes() -> None:
    body = message(drift(), REQUEST, AT)
    taken = RetrainingRequest.model_validate_json(json.dumps(body))
    assert (taken.model_name, taken.timerange) == ("pascal", "20261029-20261129")
    assert taken.reason == "significant drift of version 7 since 2026-11-29T10:00:00.000000Z"


ANSWER = {"challenger_wins": False, "verdict": "not_enough", "reason": "12 days, and it takes 30"}


@pytest.mark.parametrize(
    ("described", "found"),
    [
        ({"status": "RUNNING"}, Still.RUNNING),
        ({"status": "PENDING_REDRIVE"}, Still.RUNNING),
        ({"status": "FAILED", "error": "E", "cause": "c"}, Ended(Outcome.FAILED, "FAILED: E: c")),
        ({"status": "TIMED_OUT"}, Ended(Outcome.FAILED, "TIMED_OUT")),
        ({"status": "ABORTED", "cause": "a person"}, Ended(Outcome.FAILED, "ABORTED: a person")),
        ({"status": "SUCCEEDED", "output": "{"}, Ended(Outcome.KEPT, "the champion stays")),
        (
            {"status": "SUCCEEDED", "output": json.dumps({"comparison": {"answer": ANSWER}})},
            Ended(Outcome.KEPT, "12 days, and it takes 30"),
        ),
        (
            {"status": "SUCCEEDED", "output": json.dumps({"needed": False, "reason": "no drift"})},
            Ended(Outcome.KEPT, "no drift"),
        ),
        (
            {"status": "SUCCEEDED", "output": json.dumps({"comparison": {}, "promotion": {"answer": {}}})},
            Ended(Outcome.PROMOTED, "the challenger took over"),
        ),
    ],
)
def test_how_an_execution_ended(described: dict[str, str], found: object) -> None:
    assert ended(described) == found


KEY = st.sampled_from(["comparison", "answer", "reason", "needed"])
JSON = st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(KEY, inner) | st.lists(inner))


@given(st.text() | JSON.map(json.dumps))
def test_any_output_of_an_execution_that_succeeded_is_an_end(output: str) -> None:
    assert isinstance(ended({"status": "SUCCEEDED", "output": output}), Ended)
