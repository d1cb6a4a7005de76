"""SQS: what arrives in a queue is handed to the functions that are mapped to it, a batch at a time.

A batch that fails is visible again at once, and handed out again when the next message arrives: there is no
poller. Must never hold the request that sends a message.
"""

import json
import threading
from typing import Any, Final

from moto.awslambda.utils import get_backend
from moto.events.models import EventPattern
from moto.sqs.models import Queue, sqs_backends

from tradai_sandbox.moto_ext.gaps.patching import wrap
from tradai_sandbox.workloads import invocations

_BATCH: Final = 10
_PARTLY: Final = "ReportBatchItemFailures"


def repair() -> None:
    """Let messages reach functions."""
    wrap(Queue, add_message=_also_to_functions)


def _also_to_functions(original: Any) -> Any:
    def add_message(self: Any, message: Any) -> None:
        original(self, message)
        mappings = get_backend(self.account_id, self.region)._event_source_mappings.values()
        for mapping in [m for m in mappings if m.enabled and m.event_source_arn == self.queue_arn]:
            threading.Thread(target=deliver, args=(self, mapping), name=mapping.uuid, daemon=True).start()

    return add_message


def deliver(queue: Any, mapping: Any) -> None:
    """One batch of what is visible: what the function takes, or the mapping's filters leave out, is deleted."""
    backend: Any = sqs_backends[queue.account_id][queue.region]
    count = min(mapping.batch_size, _BATCH)
    messages = backend.receive_message(queue.name, count, 0, int(queue.visibility_timeout))
    wanted = [m for m in messages if _is_wanted(m, mapping)]
    left = _left(queue, mapping, wanted) if wanted else frozenset()
    for message in messages:
        if message.id in left:
            backend.change_message_visibility(queue.name, message.receipt_handle, visibility_timeout=0)
        else:
            backend.delete_message(queue.name, message.receipt_handle)


def _is_wanted(message: Any, mapping: Any) -> bool:
    """Whether a filter takes the message; without filters every message is taken."""
    filters = (mapping.filter_criteria or {}).get("Filters", [])
    try:
        event: Any = {"body": json.loads(message.body)}
    except ValueError:
        event = {"body": message.body}
    patterns = [f["Pattern"] for f in filters]
    return not patterns or any(EventPattern.load(pattern).matches_event(event) for pattern in patterns)


def _left(queue: Any, mapping: Any, messages: list[Any]) -> frozenset[str]:
    """The ids of the messages that the function did not take."""
    function = get_backend(queue.account_id, queue.region).get_function(mapping.function_arn)
    answer = invocations.call(function, {"Records": [_record(queue, message) for message in messages]})
    if answer.failed:
        return frozenset(message.id for message in messages)
    if _PARTLY not in (mapping.function_response_types or []):
        return frozenset()
    said = json.loads(answer.payload) or {}
    return frozenset(item["itemIdentifier"] for item in said.get("batchItemFailures") or [])


def _record(queue: Any, message: Any) -> dict[str, Any]:
    of_fifo = {"MessageGroupId": message.group_id, "MessageDeduplicationId": message.deduplication_id}
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
            **(of_fifo if queue.fifo_queue else {}),
        },
        "messageAttributes": {},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": queue.region,
    }
