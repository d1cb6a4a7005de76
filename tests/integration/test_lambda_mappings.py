"""Queues on the local endpoint that hand their messages to functions, and the mappings between the two."""

import json
import time
from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.integration.lambda_estate import ACCOUNT, REGION, Functions, refusal, seen, until, writes
from tests.integration.provider_server import moto_server


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    with moto_server() as url:
        yield Functions(url)


def test_a_queue_hands_its_messages_to_the_function(functions: Functions) -> None:
    functions.from_code("consumes", writes("/consumed"), Timeout=30)
    url, arn = functions.queue("consumed")
    functions("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName="consumes")
    functions.send(url, {"job": 1})
    until(lambda: seen(functions, "/consumed") is not None)
    (record,) = seen(functions, "/consumed")["Records"]
    assert json.loads(record["body"]) == {"job": 1}
    assert record["attributes"]["MessageGroupId"] == "one"
    assert record["eventSourceARN"] == arn
    until(lambda: functions.waiting(url) == {"visible": 0, "in flight": 0})


def test_a_queue_keeps_its_policy_when_something_else_changes(functions: Functions) -> None:
    url, arn = functions.queue("policed")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    change, told = functions("sqs").set_queue_attributes, functions("sqs").get_queue_attributes
    change(QueueUrl=url, Attributes={"Policy": policy})
    change(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    assert json.loads(told(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]) == json.loads(policy)
    change(QueueUrl=url, Attributes={"Policy": ""})
    assert "Policy" not in told(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def test_a_message_whose_function_fails_stays_in_the_queue(functions: Functions) -> None:
    functions.from_image("fails", functions.push("tradai/fails-dev", "one", "1"))
    url, arn = functions.queue("failed", ReceiveMessageWaitTimeSeconds="20")
    functions("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName="fails")
    began = time.monotonic()
    for job in range(3):
        functions.send(url, {"job": job})
    assert time.monotonic() - began < 10, "sending waits for the functions"
    until(lambda: sum(functions.waiting(url).values()) == 3 and functions.waiting(url)["in flight"] > 0)


def test_only_what_a_function_did_not_report_as_failed_goes(functions: Functions) -> None:
    code = (
        "def handle(event, context):\n"
        "    bad = [r['messageId'] for r in event['Records'] if 'bad' in r['body']]\n"
        "    return {'batchItemFailures': [{'itemIdentifier': each} for each in bad]}"
    )
    functions.from_code("partly", code, Timeout=30)
    url, arn = functions.queue("partly")
    functions("lambda").create_event_source_mapping(
        EventSourceArn=arn, FunctionName="partly", FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    functions.send(url, "good", "one")
    functions.send(url, "bad", "two")
    until(lambda: functions.waiting(url) == {"visible": 0, "in flight": 1})


def test_what_a_filter_leaves_out_is_gone_without_an_invocation(functions: Functions) -> None:
    functions.from_code("filtered", writes("/filtered"), Timeout=30)
    url, arn = functions.queue("filtered")
    criteria = {"Filters": [{"Pattern": json.dumps({"body": {"kind": ["wanted"]}})}]}
    functions("lambda").create_event_source_mapping(
        EventSourceArn=arn, FunctionName="filtered", FilterCriteria=criteria
    )
    functions.send(url, {"kind": "other"})
    until(lambda: functions.waiting(url) == {"visible": 0, "in flight": 0})
    functions.send(url, {"kind": "wanted"})
    until(lambda: seen(functions, "/filtered") is not None)
    (record,) = seen(functions, "/filtered")["Records"]
    assert json.loads(record["body"]) == {"kind": "wanted"}


@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_a_disabled_or_deleted_mapping_hands_out_nothing(functions: Functions, how: str) -> None:
    functions.from_code(how, "def handle(event, context):\n    return None")
    url, arn = functions.queue(how)
    made = functions("lambda").create_event_source_mapping(
        EventSourceArn=arn, FunctionName=how, Enabled=how == "deleted"
    )
    if how == "deleted":
        functions("lambda").delete_event_source_mapping(UUID=made["UUID"])
    functions.send(url, {"number": 1})
    # a process takes far longer to start than a message to be handed out
    functions.invoke(how)
    assert functions.waiting(url) == {"visible": 1, "in flight": 0}


def test_a_mapping_that_is_enabled_again_hands_out_what_has_come_meanwhile(functions: Functions) -> None:
    functions.from_code("again", "def handle(event, context):\n    return None")
    url, arn = functions.queue("again")
    made = functions("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName="again", Enabled=False)
    functions.send(url, {"number": 1})
    functions("lambda").update_event_source_mapping(UUID=made["UUID"], Enabled=True)
    until(lambda: functions.waiting(url) == {"visible": 0, "in flight": 0})


@pytest.mark.parametrize(
    ("visible_s", "more", "said"),
    [
        (5, {}, "Queue visibility timeout: 5 seconds is less than Function timeout: 10 seconds"),
        (30, {"MaximumBatchingWindowInSeconds": 5}, "Batching window is not supported for FIFO queues"),
        (30, {"BatchSize": 11}, "BatchSize 11 exceeds the max of 10"),
    ],
    ids=["visibility", "window", "batch"],
)
def test_a_mapping_that_aws_refuses_is_refused(
    functions: Functions, request: pytest.FixtureRequest, visible_s: int, more: dict[str, int], said: str
) -> None:
    name = f"refused-{request.node.callspec.id}"
    functions.from_code(name, "", Timeout=10)
    _, arn = functions.queue(name, visible_s)
    make = functions("lambda").create_event_source_mapping
    assert said in refusal(lambda: make(EventSourceArn=arn, FunctionName=name, **more))


def test_a_queue_and_a_function_have_one_mapping(functions: Functions) -> None:
    functions.from_code("twice", "")
    _, arn = functions.queue("twice")
    make = functions("lambda").create_event_source_mapping
    first = make(EventSourceArn=arn, FunctionName="twice")["UUID"]
    text = refusal(lambda: make(EventSourceArn=arn, FunctionName="twice"))
    assert "ResourceConflictException" in text
    assert first in text
    whole = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:twice"
    (found,) = functions("lambda").list_event_source_mappings(FunctionName=whole)["EventSourceMappings"]
    assert found["UUID"] == first


def test_a_mapping_that_is_gone_is_not_found(functions: Functions) -> None:
    known, gone = functions("lambda"), str(UUID(int=0))
    for call in (known.get_event_source_mapping, known.delete_event_source_mapping, known.update_event_source_mapping):
        assert "ResourceNotFoundException" in refusal(lambda call=call: call(UUID=gone))  # type: ignore[misc]
