"""retraining-scheduler and check-retraining-needed on deployed tables, a queue and executions."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from check_retraining_needed import handler as check
from retraining_scheduler import handler as scheduler
from shared import clients, clock
from shared.drift import Drifts, Finding, Verdict, after
from shared.entry import RefusedError
from shared.requests import RetrainingRequest
from shared.retraining import Outcome, Retraining, Retrainings, Standing

FAMILY = "arn:aws:ecs:eu-central-1:123456789012:task-definition/tradai-strategy-dev"
DEFAULTS = {"config_path": "/freqtrade/user_data/config.json", "experiment_name": "default", "task_definition": FAMILY}
REQUEST = {
    "strategy": "PascalStrategy",
    "strategy_id": "pascal-btc",
    "timeframe": "1h",
    "timerange": "20260101-20260201",
    "pairs": "BTC/USDT",
}
NOW = datetime.now(UTC)
LEASE = timedelta(hours=11)
#: Ends as its input says: `end` is failed, no, kept or promoted; else it waits.
MACHINE = {
    "StartAt": "How",
    "States": {
        "How": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.end", "StringEquals": "failed", "Next": "Failed"},
                {"Variable": "$.end", "StringEquals": "waits", "Next": "Waits"},
            ],
            "Default": "Done",
        },
        "Failed": {"Type": "Fail", "Error": "RetrainingFailed", "Cause": "broken"},
        "Waits": {"Type": "Wait", "Seconds": 3600, "End": True},
        "Done": {"Type": "Succeed"},
    },
}


class Estate:
    """Tables, queue and workflow of one test."""

    def __init__(self, deployed: Any) -> None:
        self.drifts = Drifts(deployed.table("drift-state").name)
        self.runs = Retrainings(deployed.table("retraining-state").name)
        self.before = Retrainings(self.runs.table._table.name, lambda: NOW - timedelta(days=30))
        self.sqs, self.states = deployed("sqs"), deployed("stepfunctions")
        fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        self.queue = self.sqs.create_queue(QueueName=f"{deployed.mark}.fifo", Attributes=fifo)["QueueUrl"]
        role = "arn:aws:iam::123456789012:role/workflow"
        self.workflow = self.states.create_state_machine(
            name=f"retraining-{deployed.mark}", definition=json.dumps(MACHINE), roleArn=role
        )["stateMachineArn"]
        deployed.set(RETRAINING_QUEUE_URL=self.queue, RETRAINING_WORKFLOW_ARN=self.workflow)

    def drifted(self, model: str, verdict: Verdict = Verdict.SIGNIFICANT, seen: datetime = NOW) -> None:
        known = self.drifts.get(model)
        assert self.drifts.save(after(known, model, Finding(model_version="7", verdict=verdict), clock.text(seen)))

    def trained(self, model: str, run: str = "r0") -> None:
        """A run that ended a month ago."""
        assert self.before.take(model, run, REQUEST, LEASE) is Standing.FREE
        assert self.before.release(model, run, Outcome.KEPT)

    def runs_now(self, model: str, end: str, **output: Any) -> None:
        """A run whose execution ends so."""
        assert self.runs.take(model, "r1", REQUEST, LEASE) is Standing.FREE
        started = self.states.start_execution(
            stateMachineArn=self.workflow, name=f"{model}-r1", input=json.dumps({"end": end, **output})
        )["executionArn"]
        assert self.runs.note(model, "r1", execution_arn=started)
        while end != "waits" and self.states.describe_execution(executionArn=started)["status"] == "RUNNING":
            pass

    def known(self, model: str) -> Retraining:
        found = self.runs.get(model)
        assert found
        return found

    def sent(self) -> list[RetrainingRequest]:
        """What lies in the queue, as the consumer reads it, each message's group being its model."""
        found = []
        while messages := self.sqs.receive_message(
            QueueUrl=self.queue, MaxNumberOfMessages=10, AttributeNames=["All"]
        ).get("Messages"):
            for message in messages:
                body = RetrainingRequest.model_validate_json(message["Body"])
                assert message["Attributes"]["MessageGroupId"] == body.model_name
                found.append(body)
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    def check(self, model: str, run: str, context: Any) -> Any:
        """What the workflow's first function answers."""
        ids = {"run_id": run, "job_id": run, "trace_id": "t", "model_name": model}
        return check.handle({"request": {**REQUEST, **ids}, "defaults": DEFAULTS, "execution_arn": "arn"}, context)


@pytest.fixture
def estate(deployed: Any) -> Estate:
    scheduler.ENTRY.reset()
    check.ENTRY.reset()
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


def test_a_run_that_drift_asked_for_goes_on_while_there_is_some(estate: Estate, context: Any) -> None:
    estate.drifted("m")
    found = estate.check("m", "drift-1", context)
    assert (found["needed"], found["reason"]) == (True, "the drift of version 7 is significant")
    ids = {"run_id": "drift-1", "job_id": "drift-1", "trace_id": "t", "model_name": "m"}
    assert found["request"] == {**REQUEST, **DEFAULTS, **ids}
    held = estate.known("m")
    assert held.has("drift-1") and held.execution_arn == "arn"
    assert estate.check("m", "drift-1", context) == found


def test_a_run_without_need_gives_its_model_back_and_stays_unneeded(estate: Estate, context: Any) -> None:
    estate.drifted("m", Verdict.MODERATE)
    assert estate.check("m", "drift-1", context)["needed"] is False
    assert (estate.known("m").running_until, estate.known("m").outcome) == (None, Outcome.KEPT)
    estate.drifted("m")
    assert estate.check("m", "drift-1", context)["needed"] is False


def test_a_run_without_the_model_does_not_go_on(estate: Estate, context: Any) -> None:
    assert estate.check("m", "r1", context)["needed"] is True
    answer = estate.check("m", "r2", context)
    assert (answer["needed"], answer["reason"]) == (False, "another run has the model")
    assert estate.known("m").has("r1")


def test_a_table_that_could_not_be_read_is_no_answer(
    estate: Estate, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "GetItem")

    monkeypatch.setattr(Drifts, "get", refuse)
    with pytest.raises(ClientError):
        estate.check("m", "drift-1", context)


@pytest.mark.parametrize("wrong", [{}, {"request": {}}, {"request": [], "defaults": {}, "execution_arn": "a"}])
def test_what_is_no_event_is_refused(estate: Estate, context: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match=r"request|defaults|execution_arn"):
        check.handle(wrong, context)


def test_a_request_without_a_model_is_refused_by_its_field(estate: Estate, context: Any) -> None:
    with pytest.raises(RefusedError, match="model_name: Field required"):
        check.handle({"request": REQUEST, "defaults": DEFAULTS, "execution_arn": "arn"}, context)
