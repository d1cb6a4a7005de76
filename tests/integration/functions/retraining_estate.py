"""Models with their drift and their runs, a queue and a workflow: what the two functions of retraining work on."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from check_retraining_needed import handler as check
from shared import clock
from shared.drift import Drifts, Finding, Verdict, after
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
