"""Functions of a whole environment at work: a request in the queue, and what becomes of it.

The environment is built by the operator, its functions are the project's own, under the roles that stacks gave them.
Where services would answer, two stand-ins do, under the names of Service Discovery; the strategy's task runs nothing.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import pytest

from tests.e2e.environment import Deployed, example
from tests.standins.answering import answering
from tools.bootstrap import CHECKOUT
from tools.provision import worlds
from tradai_sandbox.workloads.places import Places

STRATEGIES: Final = 8003
DATA: Final = 8002
REQUEST: Final = {
    "strategy": "PascalStrategy",
    "timeframe": "1h",
    "timerange": "20240101-20240601",
    "pairs": ["BTC/USDT", "ETH/USDT"],
}


@dataclass
class Platform:
    """An environment that is Ready, and its stand-ins: `missing` are candles that nobody has."""

    sandbox: Deployed
    missing: list[dict[str, str]] = field(default_factory=list)

    def ask(self, body: Any, **attributes: str) -> str:
        """Puts a request into the queue as the API does; gives the message's id."""
        sqs = self.sandbox.clients("sqs")
        url = sqs.get_queue_url(QueueName="tradai-backtest-queue-dev.fifo")["QueueUrl"]
        text = body if isinstance(body, str) else json.dumps(body)
        said = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        sent = sqs.send_message(QueueUrl=url, MessageBody=text, MessageGroupId=str(uuid4()), MessageAttributes=said)
        return str(sent["MessageId"])

    def job(self, run_id: str) -> dict[str, Any]:
        """The item of a job, with plain values; empty before there is one."""
        key = {"run_id": {"S": run_id}}
        item = self.sandbox.clients("dynamodb").get_item(TableName="tradai-workflow-state-dev", Key=key).get("Item", {})
        return {name: next(iter(value.values())) for name, value in item.items()}

    def ended(self, run_id: str) -> dict[str, Any]:
        """The job once it is over."""
        over = {"completed", "failed", "timed_out", "cancelled"}
        found: dict[str, Any] = self.sandbox.until(
            f"job {run_id} to end, which is {self.job(run_id)}",
            lambda: self.job(run_id) if self.job(run_id).get("status") in over else None,
            120,
        )
        return found


@pytest.fixture(scope="module")
def platform(new_sandbox: Callable[[], Deployed]) -> Iterator[Platform]:
    worlds.ensure(CHECKOUT, "lambdas")
    sandbox = new_sandbox()
    manifest = example("dev")
    manifest["spec"]["layers"].setdefault("compute", {}).setdefault("config", {})["launchMode"] = "stepfunctions"
    sandbox.apply(manifest)
    sandbox.push_images("dev")
    sandbox.ready("dev")
    made = Platform(sandbox)
    address = Places().address("dev")
    candles = answering(lambda *_: _candles(made.missing), address, DATA)
    with answering(lambda _method, path, _body: _strategies(path), address, STRATEGIES), candles:
        yield made


def _strategies(path: str) -> tuple[int, Any]:
    name = path.rpartition("/")[2]
    return (200, {"name": name}) if name == "PascalStrategy" else (404, {"detail": "no such strategy"})


def _candles(missing: list[dict[str, str]]) -> tuple[int, Any]:
    return 200, {"sync_id": "s1", "status": "failed" if missing else "complete", "missing": missing}


def test_a_request_becomes_a_completed_job_that_knows_whose_it_is(platform: Platform) -> None:
    message = platform.ask(REQUEST, subject="user-1", request_id="r-1")
    job = platform.ended(message)
    assert (job["status"], job["job_id"], job["subject"]) == ("completed", message, "user-1")
    assert job["execution_arn"].rpartition(":")[2] == message


def test_a_job_has_the_id_that_the_client_names_and_runs_once(platform: Platform) -> None:
    named = REQUEST | {"job_id": "mine-1"}
    platform.ask(named, subject="user-1", request_id="r-2")
    assert platform.ended("mine-1")["status"] == "completed"
    platform.ask(named | {"experiment_name": "again"}, subject="user-1", request_id="r-3")
    machine = platform.sandbox.clients("stepfunctions")
    arn = platform.job("mine-1")["execution_arn"].replace(":execution:", ":stateMachine:").rpartition(":")[0]
    names = [each["name"] for each in machine.list_executions(stateMachineArn=arn)["executions"]]
    assert names.count("mine-1") == 1


def test_a_strategy_that_nobody_knows_fails_its_job_with_the_reason(platform: Platform) -> None:
    job = platform.ended(platform.ask(REQUEST | {"strategy": "Unknown"}, subject="user-1", request_id="r-4"))
    assert job["status"] == "failed"
    assert "strategy" in json.dumps(job["errors"])


def test_candles_that_nobody_has_fail_the_job_with_pair_and_range(platform: Platform) -> None:
    platform.missing.append({"pair": "ETH/USDT", "timerange": "20240101-20240110"})
    try:
        another = REQUEST | {"experiment_name": "gaps"}  # the first one's body again would be a duplicate
        job = platform.ended(platform.ask(another, subject="user-1", request_id="r-5"))
    finally:
        platform.missing.clear()
    assert job["status"] == "failed"
    assert "ETH/USDT" in json.dumps(job["error"])


def test_what_is_no_request_lies_among_the_dead_letters_with_the_reason(platform: Platform) -> None:
    platform.ask('{"strategy": "S"', subject="user-1", request_id="r-6")
    sqs = platform.sandbox.clients("sqs")
    url = sqs.get_queue_url(QueueName="tradai-backtest-dlq-dev.fifo")["QueueUrl"]

    def reasons() -> list[str]:
        found = sqs.receive_message(
            QueueUrl=url, MessageAttributeNames=["All"], MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [each["MessageAttributes"]["reason"]["StringValue"] for each in found.get("Messages", [])]

    platform.sandbox.until(
        f"a dead letter that is no JSON, beside {reasons()}", lambda: any("JSON" in one for one in reasons()), 60
    )


def test_no_call_of_theirs_was_refused_by_their_roles(platform: Platform) -> None:
    logs = platform.sandbox.clients("logs")
    for function in ("backtest-consumer", "validate-strategy", "data-collection-proxy", "update-status"):
        group = f"tradai-{function}-dev"
        streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
        said = [
            event["message"]
            for stream in streams
            for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
        ]
        assert said, function
        assert not [line for line in said if "AccessDenied" in line]
