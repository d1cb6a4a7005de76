"""A batch of a queue's messages as Lambda hands it to a function, and which of them the function has not done.

Must never take for done what the function's answer does not say clearly.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from moto.events.models import EventPattern

from tradai_sandbox.workloads.invocations import Answer

_PARTLY: Final = "ReportBatchItemFailures"


def event(queue: Any, messages: Sequence[Any]) -> dict[str, Any]:
    """What the function is given."""
    return {"Records": [_record(queue, message) for message in messages]}


def is_wanted(message: Any, mapping: Any) -> bool:
    """Whether a filter takes the message; without filters every message is taken."""
    filters = (mapping.filter_criteria or {}).get("Filters", [])
    try:
        told: Any = {"body": json.loads(message.body)}
    except ValueError:
        told = {"body": message.body}
    patterns = [each["Pattern"] for each in filters]
    return not patterns or any(EventPattern.load(pattern).matches_event(told) for pattern in patterns)


def left(answer: Answer, mapping: Any, messages: Sequence[Any]) -> frozenset[str]:
    """The ids of the messages that the function did not take."""
    every = frozenset(message.id for message in messages)
    if answer.failed:
        return every
    if _PARTLY not in (mapping.function_response_types or []):
        return frozenset()
    try:
        said = (json.loads(answer.payload or "null") or {}).get("batchItemFailures") or []
        named = frozenset(item["itemIdentifier"] for item in said)
    except (AttributeError, KeyError, TypeError, ValueError):
        return every
    return named if named <= every else every


def _record(queue: Any, message: Any) -> dict[str, Any]:
    of_fifo = {
        "MessageGroupId": message.group_id,
        "MessageDeduplicationId": message.deduplication_id,
        "SequenceNumber": message.sequence_number,
    }
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
            "SenderId": message.sender_id,
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
            **(of_fifo if queue.fifo_queue else {}),
        },
        "messageAttributes": {name: _attribute(said) for name, said in message.message_attributes.items()},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": queue.region,
    }


def _attribute(said: Mapping[str, Any]) -> dict[str, Any]:
    kinds = (("stringValue", "StringValue"), ("binaryValue", "BinaryValue"))
    values = {ours: _text(said[theirs]) for ours, theirs in kinds if said.get(theirs)}
    return {**values, "stringListValues": [], "binaryListValues": [], "dataType": said["DataType"]}


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
