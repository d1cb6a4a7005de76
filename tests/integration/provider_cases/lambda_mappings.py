"""Which function a queue's messages go to; needs `awslambda`."""

import json
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _queue(name: str) -> Case:
    return Case(
        f"mapping.{name}",
        "aws:sqs/queue:Queue",
        {"name": f"case-{name}.fifo", "fifo_queue": True, "visibility_timeout_seconds": 900},
        lambda aws, state: len(aws("sqs").get_queue_attributes(QueueUrl=state["id"], AttributeNames=["All"])),
        2,
    )


def _mapping(aws: Aws, state: Props) -> Any:
    found = aws("lambda").get_event_source_mapping(UUID=state["id"])
    return {
        "is": found["State"],
        "batch": found["BatchSize"],
        "answers": found.get("FunctionResponseTypes", []),
        "at once": found.get("ScalingConfig", {}).get("MaximumConcurrency"),
        "filters": [f["Pattern"] for f in found.get("FilterCriteria", {}).get("Filters", [])],
        "tags": aws("lambda").list_tags(Resource=found["EventSourceMappingArn"])["Tags"],
    }


def _filter(kind: str) -> Props:
    return {"filters": [{"pattern": json.dumps({"body": {"kind": [kind]}})}]}


_FIRST: Final = {
    "is": "Enabled",
    "batch": 1,
    "answers": ["ReportBatchItemFailures"],
    "at once": 2,
    "filters": ['{"body": {"kind": ["one"]}}'],
    "tags": {"a": "1"},
}

CASES: Final = (
    _queue("source"),
    _queue("other-source"),
    Case(
        "lambda.mapping",
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        {
            "event_source_arn": Ref("mapping.source", "arn"),
            "function_name": Ref("lambda.function", "arn"),
            "batch_size": 1,
            "function_response_types": ["ReportBatchItemFailures"],
            "scaling_config": {"maximum_concurrency": 2},
            "filter_criteria": _filter("one"),
            "tags": {"a": "1"},
        },
        _mapping,
        _FIRST,
        update={
            "batch_size": 10,
            "enabled": False,
            "function_response_types": None,
            "scaling_config": None,
            "filter_criteria": _filter("two"),
            "tags": {"b": "2"},
        },
        updated={
            "is": "Disabled",
            "batch": 10,
            "answers": [],
            "at once": None,
            "filters": ['{"body": {"kind": ["two"]}}'],
            "tags": {"b": "2"},
        },
        meddle=lambda aws, state: aws("lambda").update_event_source_mapping(
            UUID=state["id"], Enabled=True, BatchSize=5
        ),
        drifted=frozenset({"enabled", "batchSize"}),
        replace={"event_source_arn": Ref("mapping.other-source", "arn")},
        import_id=lambda state: str(state["uuid"]),
    ),
    Case(
        "lambda.plain-mapping",
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        {"event_source_arn": Ref("mapping.other-source", "arn"), "function_name": Ref("lambda.image", "name")},
        lambda aws, state: aws("lambda").get_event_source_mapping(UUID=state["id"])["State"],
        "Enabled",
        meddle=lambda aws, state: aws("lambda").delete_event_source_mapping(UUID=state["id"]),
    ),
)
