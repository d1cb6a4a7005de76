"""Whether a run goes on, and its whole request."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from check_retraining_needed.logic import CheckRetrainingNeeded, completed, need, refused
from shared import clock
from shared.drift import ASKED_BY_DRIFT, Drift, Finding, Verdict, after
from shared.entry import RefusedError
from shared.retraining import Standing

AT = datetime(2026, 11, 29, 10, tzinfo=UTC)
TODAY = AT.date()
FAMILY = "arn:aws:ecs:eu-central-1:123456789012:task-definition/tradai-strategy-dev"
DEFAULTS = {
    "config_path": "/freqtrade/user_data/config.json",
    "experiment_name": "default",
    "task_definition": FAMILY,
}
REQUEST = {
    "run_id": "r1",
    "job_id": "r1",
    "trace_id": "t1",
    "model_name": "pascal",
    "strategy": "PascalStrategy",
    "strategy_id": "pascal-btc",
    "timeframe": "1h",
    "timerange": "20260101-20260201",
    "pairs": "BTC/USDT,ETH/USDT",
}


def event(**changes: Any) -> CheckRetrainingNeeded:
    said = {key: value for key, value in (REQUEST | changes).items() if value is not None}
    return CheckRetrainingNeeded(request=said, defaults=DEFAULTS, execution_arn="arn")


def drift(verdict: Verdict) -> Drift:
    return after(None, "pascal", Finding(model_version="7", verdict=verdict), clock.text(AT))


def test_what_a_request_may_leave_out_is_filled_in_and_all_is_text() -> None:
    assert completed(event(), TODAY) == REQUEST | DEFAULTS


def test_what_a_request_says_is_taken_before_the_defaults() -> None:
    said = {"experiment_name": "autumn", "task_definition": f"{FAMILY}:7", "reason": "by hand"}
    assert completed(event(**said), TODAY) == REQUEST | DEFAULTS | said


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"model_name": None}, "model_name"),
        ({"job_id": "no good id"}, "job_id"),
        ({"strategy": None}, "strategy"),
        ({"timerange": "20260201-20260101"}, "timerange"),
        ({"timerange": "20260101-20270101"}, "timerange"),
        ({"pairs": ""}, "pairs"),
        ({"pairs": ",".join(f"COIN{at}/USDT" for at in range(2000))}, "pairs"),
        ({"task_definition": FAMILY.replace("tradai", "other")}, "task_definition"),
    ],
)
def test_a_request_that_cannot_be_trained_is_refused_by_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(RefusedError, match=field):
        completed(event(**changes), TODAY)


def test_a_range_may_end_today() -> None:
    assert completed(event(timerange="20260101-20261129"), date(2026, 11, 29))


@pytest.mark.parametrize(
    ("standing", "goes_on"),
    [(Standing.FREE, True), (Standing.OURS, True), (Standing.BUSY, False), (Standing.OVER, False)],
)
def test_only_the_run_that_has_the_model_goes_on(standing: Standing, goes_on: bool) -> None:
    found = refused(standing)
    assert (found is None) is goes_on and not (found and found.needed)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_run_that_drift_asked_for_is_needed_while_there_is_some(verdict: Verdict) -> None:
    found = need(f"{ASKED_BY_DRIFT}1", drift(verdict), verdict)
    assert found.needed is (verdict is Verdict.SIGNIFICANT)
    assert found.reason == f"the drift of version 7 is {verdict.value}"


def test_unknown_drift_is_no_need() -> None:
    assert not need(f"{ASKED_BY_DRIFT}1", None, Verdict.UNKNOWN).needed


def test_what_a_person_asks_for_is_needed_whatever_the_drift() -> None:
    assert need("r1", drift(Verdict.NONE), Verdict.NONE).needed
