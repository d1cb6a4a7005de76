"""Rules and targets of EventBridge; needs `awslambda`, `sqs` and `sfn`."""

import json
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _pattern(source: str) -> str:
    return json.dumps({"source": [source], "detail-type": ["case"]})


def _rule(aws: Aws, state: Props) -> Any:
    found = aws("events").describe_rule(Name=state["name"])
    return [found["State"], json.loads(found["EventPattern"])["source"][0], found["Description"]]


def _target(aws: Aws, state: Props) -> Any:
    return [target["InputTransformer"]["InputTemplate"] for target in _those(aws, state)]


def _those(aws: Aws, state: Props) -> Any:
    found = aws("events").list_targets_by_rule(Rule=state["rule"])["Targets"]
    return [target for target in found if target["Id"] == state["targetId"]]


def _ecs(count: int, *, public: bool) -> Props:
    return {
        "task_definition_arn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/case",
        "task_count": count,
        "launch_type": "FARGATE",
        "platform_version": "LATEST",
        "propagate_tags": "TASK_DEFINITION",
        "enable_ecs_managed_tags": True,
        "tags": {"a": str(count)},
        "network_configuration": {
            "subnets": [Ref("ec2.subnet"), Ref("ec2.subnet-b")],
            "security_groups": [Ref("ec2.group")],
            "assign_public_ip": public,
        },
    }


def _task(aws: Aws, state: Props) -> Any:
    asked = [target["EcsParameters"] for target in _those(aws, state)]
    places = [each["NetworkConfiguration"]["awsvpcConfiguration"] for each in asked]
    return [
        [each["TaskCount"], each["Tags"], len(place["Subnets"]), place["AssignPublicIp"]]
        for each, place in zip(asked, places, strict=True)
    ]


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
    Case(
        "events.target-with-input",
        "aws:cloudwatch/eventTarget:EventTarget",
        {
            "rule": Ref("events.rule", "name"),
            "target_id": "case-input",
            "arn": Ref("lambda.function", "arn"),
            "input": json.dumps({"says": "one"}),
            "retry_policy": {"maximum_event_age_in_seconds": 60, "maximum_retry_attempts": 0},
            "dead_letter_config": {"arn": Ref("sqs.queue", "arn")},
        },
        lambda aws, state: [[t["Input"], t["RetryPolicy"]["MaximumRetryAttempts"]] for t in _those(aws, state)],
        [['{"says": "one"}', 0]],
        update={"input": json.dumps({"says": "two"})},
        updated=[['{"says": "two"}', 0]],
        import_id=lambda state: f"{state['rule']}/{state['targetId']}",
    ),
    Case(
        "events.target-queue",
        "aws:cloudwatch/eventTarget:EventTarget",
        {
            "rule": Ref("events.rule", "name"),
            "target_id": "case-queue",
            "arn": Ref("sqs.dead", "arn"),
            "sqs_target": {"message_group_id": "one"},
        },
        lambda aws, state: [t["SqsParameters"]["MessageGroupId"] for t in _those(aws, state)],
        ["one"],
        update={"sqs_target": {"message_group_id": "two"}},
        updated=["two"],
        import_id=lambda state: f"{state['rule']}/{state['targetId']}",
    ),
    Case(
        "events.target-machine",
        "aws:cloudwatch/eventTarget:EventTarget",
        {
            "rule": Ref("events.rule", "name"),
            "target_id": "case-machine",
            "arn": Ref("sfn.machine", "arn"),
            "role_arn": Ref("iam.role", "arn"),
        },
        lambda aws, state: [t["Arn"].rpartition(":")[2] for t in _those(aws, state)],
        ["case-machine"],
        import_id=lambda state: f"{state['rule']}/{state['targetId']}",
    ),
    Case(
        "events.target-task",
        "aws:cloudwatch/eventTarget:EventTarget",
        {
            "rule": Ref("events.rule", "name"),
            "target_id": "case-task",
            "arn": "arn:aws:ecs:eu-central-1:123456789012:cluster/any",
            "role_arn": Ref("iam.role", "arn"),
            "ecs_target": _ecs(1, public=False),
        },
        _task,
        [[1, [{"Key": "a", "Value": "1"}], 2, "DISABLED"]],
        update={"ecs_target": _ecs(2, public=True)},
        updated=[[2, [{"Key": "a", "Value": "2"}], 2, "ENABLED"]],
        import_id=lambda state: f"{state['rule']}/{state['targetId']}",
    ),
)
