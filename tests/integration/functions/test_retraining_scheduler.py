"""retraining-scheduler on deployed tables, a queue and executions."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from retraining_estate import LEASE, NOW, REQUEST, Estate

from retraining_scheduler import handler as scheduler
from shared import clients
from shared.drift import Verdict
from shared.retraining import Outcome, Standing


@pytest.fixture
def estate(deployed: Any) -> Estate:
    scheduler.ENTRY.reset()
    return Estate(deployed)


def test_a_model_that_has_drifted_is_asked_for_once(estate: Estate, context: Any) -> None:
    for model in ("far", "calm", "dark", "untrained"):
        estate.drifted(model, {"calm": Verdict.NONE, "dark": Verdict.UNKNOWN}.get(model, Verdict.SIGNIFICANT))
        if model != "untrained":
            estate.trained(model)
    assert scheduler.handle({}, context) == {"settled": [], "asked": ["far"]}
    assert scheduler.handle({}, context) == {"settled": [], "asked": ["far"]}
    (message,) = estate.sent()
    assert (message.model_name, message.reason and message.reason[:31]) == ("far", "significant drift of version 7 ")
    assert message.timerange and message.timerange.endswith(f"{NOW:%Y%m%d}")


def test_a_model_that_a_run_has_is_not_asked_for(estate: Estate, context: Any) -> None:
    estate.drifted("m")
    estate.runs_now("m", "waits")
    assert scheduler.handle({}, context) == {"settled": [], "asked": []}
    assert estate.known("m").running(NOW)


@pytest.mark.parametrize(
    ("end", "output", "outcome", "reason"),
    [
        ("failed", {}, Outcome.FAILED, "FAILED: RetrainingFailed: broken"),
        ("no", {"needed": False, "reason": "no drift"}, Outcome.KEPT, "no drift"),
        ("kept", {"comparison": {"answer": {"reason": "not better"}}}, Outcome.KEPT, "not better"),
        ("promoted", {"promotion": {"answer": {"version": "8"}}}, Outcome.PROMOTED, "the challenger took over"),
    ],
)
def test_a_run_whose_execution_has_ended_gives_its_model_back(
    estate: Estate, context: Any, end: str, output: dict[str, Any], outcome: Outcome, reason: str
) -> None:
    estate.drifted("m")
    estate.runs_now("m", end, **output)
    assert scheduler.handle({}, context) == {"settled": ["m"], "asked": []}
    found = estate.known("m")
    assert (found.running_until, found.outcome, found.reason) == (None, outcome, reason)
    assert scheduler.handle({}, context) == {"settled": [], "asked": []}


def test_an_execution_that_somebody_stopped_gives_its_model_back(estate: Estate, context: Any) -> None:
    estate.runs_now("m", "waits")
    arn = estate.known("m").execution_arn
    estate.states.stop_execution(executionArn=arn, cause="a person")
    assert scheduler.handle({}, context)["settled"] == ["m"]
    assert estate.known("m").outcome is Outcome.FAILED


def test_a_run_that_nobody_speaks_of_lapses_with_its_time(estate: Estate, context: Any) -> None:
    assert estate.before.take("m", "r1", REQUEST, LEASE) is Standing.FREE
    assert estate.runs.take("held", "r1", REQUEST, LEASE) is Standing.FREE
    assert estate.runs.note("held", "r1", execution_arn="arn:aws:states:eu-central-1:123456789012:execution:other:x")
    assert scheduler.handle({}, context)["settled"] == ["m"]
    assert estate.known("m").outcome is Outcome.LAPSED


def test_an_execution_that_could_not_be_looked_at_still_has_its_model(estate: Estate, context: Any) -> None:
    estate.drifted("m")
    estate.drifted("other")
    estate.trained("other")
    estate.runs_now("m", "failed")

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "DescribeExecution")

    events = clients.client("stepfunctions").meta.events
    events.register("before-call.sfn.DescribeExecution", refuse)
    with pytest.raises(scheduler.UnfinishedError, match=r"^m could not"):
        scheduler.handle({}, context)
    assert estate.known("m").running(NOW)
    assert [message.model_name for message in estate.sent()] == ["other"]
    events.unregister("before-call.sfn.DescribeExecution", refuse)
    assert scheduler.handle({}, context)["settled"] == ["m"]
