"""Rules and targets of EventBridge; needs `awslambda` and `sqs`."""

import json
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _pattern(source: str) -> str:
    return json.dumps({"source": [source], "detail-type": ["case"]})


def _rule(aws: Aws, state: Props) -> Any:
    found = aws("events").describe_rule(Name=state["name"])
    return [found["State"], json.loads(found["EventPattern"])["source"][0], found["Description"]]


def _target(aws: Aws, state: Props) -> Any:
    found = aws("events").list_targets_by_rule(Rule=state["rule"])["Targets"]
    return [t["InputTransformer"]["InputTemplate"] for t in found if t["Id"] == state["targetId"]]


def _transformer(text: str) -> Props:
    return {"input_paths": {"source": "$.source"}, "input_template": f'"{text} <source>"'}


CASES: Final = (
    Case(
        "events.rule",
        "aws:cloudwatch/eventRule:EventRule",
        {
            "name": "case-rule",
            "description": "one",
            "event_pattern": _pattern("aws.autoscaling"),
            "tags": {"a": "1"},
        },
        _rule,
        ["ENABLED", "aws.autoscaling", "one"],
        update={"description": "two", "event_pattern": _pattern("aws.ec2"), "tags": {"a": "2"}},
        updated=["ENABLED", "aws.ec2", "two"],
        meddle=lambda aws, state: aws("events").disable_rule(Name=state["name"]),
        drifted=frozenset({"state"}),
        import_id=lambda state: f"default/{state['name']}",
    ),
    Case(
        "events.schedule",
        "aws:cloudwatch/eventRule:EventRule",
        {"name": "case-schedule", "schedule_expression": "rate(5 minutes)", "state": "DISABLED"},
        lambda aws, state: aws("events").describe_rule(Name=state["name"])["ScheduleExpression"],
        "rate(5 minutes)",
        replace={"name": "case-schedule-2"},
        import_id=lambda state: f"default/{state['name']}",
    ),
    Case(
        "events.target",
        "aws:cloudwatch/eventTarget:EventTarget",
        {
            "rule": Ref("events.rule", "name"),
            "target_id": "case-target",
            "arn": Ref("lambda.function", "arn"),
            "input_transformer": _transformer("one"),
            "retry_policy": {"maximum_event_age_in_seconds": 60, "maximum_retry_attempts": 3},
        },
        _target,
        ['"one <source>"'],
        update={"input_transformer": _transformer("two")},
        updated=['"two <source>"'],
        meddle=lambda aws, state: aws("events").remove_targets(Rule=state["rule"], Ids=[state["targetId"]]),
        replace={"target_id": "case-target-2"},
        import_id=lambda state: f"{state['rule']}/{state['targetId']}",
    ),
)
