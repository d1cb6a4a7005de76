"""Queues."""

import json
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref

POLICY: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}],
}


def _attributes(*names: str) -> Any:
    def look(aws: Aws, state: Props) -> Any:
        url = state.get("queueUrl", state["id"])
        found = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return {name: found.get(name) for name in names}

    return look


CASES: Final = (
    Case(
        "sqs.dead",
        "aws:sqs/queue:Queue",
        {"name": "case-dead.fifo", "fifo_queue": True, "message_retention_seconds": 1209600},
        _attributes("FifoQueue", "MessageRetentionPeriod"),
        {"FifoQueue": "true", "MessageRetentionPeriod": "1209600"},
        replace={"name": "case-dead-2.fifo"},
    ),
    Case(
        "sqs.queue",
        "aws:sqs/queue:Queue",
        {
            "name": "case-queue",
            "visibility_timeout_seconds": 900,
            "receive_wait_time_seconds": 20,
            "tags": {"kind": "first", "going": "soon"},
        },
        _attributes("VisibilityTimeout", "ReceiveMessageWaitTimeSeconds"),
        {"VisibilityTimeout": "900", "ReceiveMessageWaitTimeSeconds": "20"},
        update={"visibility_timeout_seconds": 60, "tags": {"kind": "second"}},
        updated={"VisibilityTimeout": "60", "ReceiveMessageWaitTimeSeconds": "20"},
        meddle=lambda aws, state: aws("sqs").set_queue_attributes(
            QueueUrl=state["id"], Attributes={"VisibilityTimeout": "77"}
        ),
        drifted=frozenset({"visibilityTimeoutSeconds"}),
        replace={"name": "case-queue-2"},
    ),
    Case(
        "sqs.policy",
        "aws:sqs/queuePolicy:QueuePolicy",
        {"queue_url": Ref("sqs.queue", "url"), "policy": json.dumps(POLICY)},
        lambda aws, state: json.loads(_attributes("Policy")(aws, state)["Policy"])["Statement"][0]["Action"],
        "sqs:*",
        update={"policy": json.dumps(POLICY).replace("sqs:*", "sqs:SendMessage")},
        updated="sqs:SendMessage",
        meddle=lambda aws, state: aws("sqs").set_queue_attributes(
            QueueUrl=state["id"], Attributes={"Policy": json.dumps(POLICY).replace("sqs:*", "sqs:ReceiveMessage")}
        ),
        drifted=frozenset({"policy"}),
    ),
)
