"""What content-based deduplication makes of backtest requests, in the queue as the stacks declare it (002 §6)."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest

from tests.integration.provider_server import moto_server
from tradai_blueprints.tradai.config.messaging import MESSAGING

REQUEST = {"strategy": "PascalStrategy", "timeframe": "1h"}


@pytest.fixture(scope="module")
def sqs() -> Iterator[Any]:
    with moto_server() as url:
        keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
        yield boto3.client("sqs", "eu-central-1", endpoint_url=url, **keys)  # type: ignore[call-overload]


@pytest.fixture
def queue(sqs: Any) -> str:
    declared = MESSAGING.backtest_queue
    said = {"FifoQueue": declared.fifo, "ContentBasedDeduplication": declared.content_based_deduplication}
    attributes = {name: str(value).lower() for name, value in said.items()}
    return str(sqs.create_queue(QueueName=f"{uuid4()}.fifo", Attributes=attributes)["QueueUrl"])


def send(sqs: Any, queue: str, subject: str = "me", **more: str) -> str:
    """As the integration does: a group a request, the caller as an attribute."""
    sent = sqs.send_message(
        QueueUrl=queue,
        MessageBody=json.dumps({**REQUEST, **more}),
        MessageGroupId=str(uuid4()),
        MessageAttributes={"subject": {"DataType": "String", "StringValue": subject}},
    )
    return str(sent["MessageId"])


def received(sqs: Any, queue: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while batch := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
        "Messages"
    ):
        found += batch
    return found


def test_the_same_body_within_five_minutes_is_one_request_whoever_sends_it(sqs: Any, queue: str) -> None:
    assert send(sqs, queue)
    assert send(sqs, queue, subject="somebody else")
    (message,) = received(sqs, queue)
    assert message["MessageAttributes"]["subject"]["StringValue"] == "me"


def test_with_another_job_id_the_same_backtest_is_another_request(sqs: Any, queue: str) -> None:
    for job_id in ("one", "two", "one"):
        send(sqs, queue, job_id=job_id)
    assert [json.loads(each["Body"])["job_id"] for each in received(sqs, queue)] == ["one", "two"]


def test_a_duplicate_is_known_after_the_first_has_been_taken_away(sqs: Any, queue: str) -> None:
    send(sqs, queue)
    (message,) = received(sqs, queue)
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    send(sqs, queue)
    assert received(sqs, queue) == []
