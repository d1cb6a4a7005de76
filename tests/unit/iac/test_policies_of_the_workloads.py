"""What holds for everything that runs, logs or raises an alarm, in every environment (DESIGN's stack programs)."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.unit.iac.whole_graph import ENVIRONMENTS, graph, of_type
from tradai_blueprints.tradai.config import settings_for

every_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)

#: Actions that are allowed on every resource, and why no resource could be named.
UNBOUND = {
    **dict.fromkeys(
        (
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:UnassignPrivateIpAddresses",
        ),
        "Lambda's own work in a VPC, denied to the function's code: the interfaces are not there yet",
    ),
    **dict.fromkeys(
        (
            "ec2:DescribeAddresses",
            "ec2:DescribeInstances",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeRouteTables",
            "ec2:DescribeSubnets",
            "ecs:DescribeTaskDefinition",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "route53:ListHostedZonesByName",
            "servicediscovery:GetOperation",
        ),
        "a reading action for which AWS knows no resource",
    ),
    **dict.fromkeys(
        (
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
        ),
        "Step Functions sets up the delivery of its log, for which AWS knows no resource",
    ),
    **dict.fromkeys(
        (
            "ssm:UpdateInstanceInformation",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ),
        "the Systems Manager agent's channel, by which people reach an instance without a key; AWS knows no resource",
    ),
    **dict.fromkeys(
        (
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        ),
        "traces, for which AWS knows no resource",
    ),
    "ecr:GetAuthorizationToken": "a token of the account's registry; the repositories are bound on their own",
}

#: Actions that are allowed on every resource under a condition, and the key that binds them.
BOUND = {
    "cloudwatch:PutMetricData": "cloudwatch:namespace",
    "ecs:DescribeTasks": "ecs:cluster",
    "ecs:ListServices": "ecs:cluster",
    "ecs:ListTasks": "ecs:cluster",
    "ecs:StopTask": "ecs:cluster",
    "servicediscovery:GetInstance": "servicediscovery:ServiceArn",
    "sts:GetServiceBearerToken": "sts:AWSServiceName",
}

#: Which input of what runs names its role.
ROLES = {
    "aws:lambda/function:Function": "role",
    "aws:ecs/taskDefinition:TaskDefinition": "taskRoleArn",
    "aws:sfn/stateMachine:StateMachine": "roleArn",
    "aws:iam/instanceProfile:InstanceProfile": "role",
    "aws:ec2/flowLog:FlowLog": "iamRoleArn",
    "aws:cloudtrail/trail:Trail": "cloudWatchLogsRoleArn",
    "aws:apigatewayv2/integration:Integration": "credentialsArn",
}


def everywhere(environment: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(who, action, condition) of what is allowed on every resource."""
    for placed in graph(environment):
        text = placed.resource.inputs.get("policy")
        for statement in json.loads(text).get("Statement", []) if isinstance(text, str) else ():
            if statement["Effect"] == "Allow" and "*" in many(statement.get("Resource")):
                for action in many(statement["Action"]):
                    yield str(placed), action, statement.get("Condition") or {}


def many(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


@every_environment
def test_what_is_allowed_on_every_resource_is_listed_with_its_reason(environment: str) -> None:
    unlisted = [
        (who, action)
        for who, action, condition in everywhere(environment)
        if action not in UNBOUND
        and BOUND.get(action) not in {key for operator in condition.values() for key in operator}
    ]
    assert unlisted == []


def test_the_list_has_nothing_that_no_environment_needs() -> None:
    used = {action for environment in ENVIRONMENTS for _, action, _ in everywhere(environment)}
    assert used == UNBOUND.keys() | BOUND.keys()


@every_environment
def test_no_two_workloads_share_a_role(environment: str) -> None:
    users = Counter(
        placed.resource.inputs[key].rsplit(":", 1)[-1]
        for placed in graph(environment)
        if (key := ROLES.get(placed.resource.type)) and placed.resource.inputs.get(key)
    )
    assert len(users) > 25
    assert [role for role, count in users.items() if count > 1] == []


@every_environment
def test_tasks_share_only_the_role_with_which_ecs_starts_them(environment: str) -> None:
    definitions = of_type(environment, "aws:ecs/taskDefinition:TaskDefinition")
    starting = {placed.resource.inputs["executionRoleArn"] for placed in definitions}
    assert len(starting) == 1
    assert not starting & {placed.resource.inputs["taskRoleArn"] for placed in definitions}


@every_environment
def test_every_log_group_is_kept_as_long_as_the_environment_says(environment: str) -> None:
    groups = of_type(environment, "aws:cloudwatch/logGroup:LogGroup")
    days = settings_for(environment).stage.log_retention_days
    assert {int(placed.resource.inputs["retentionInDays"]) for placed in groups} == {days}


@every_environment
def test_everything_that_writes_a_log_writes_to_a_group_of_the_stack(environment: str) -> None:
    names = {placed.resource.inputs["name"] for placed in of_type(environment, "aws:cloudwatch/logGroup:LogGroup")}
    for function in of_type(environment, "aws:lambda/function:Function"):
        assert function.resource.inputs["loggingConfig"]["logGroup"] in names
    for definition in of_type(environment, "aws:ecs/taskDefinition:TaskDefinition"):
        for container in json.loads(definition.resource.inputs["containerDefinitions"]):
            assert container["logConfiguration"]["options"]["awslogs-group"] in names


@every_environment
def test_every_function_in_the_vpc_stands_in_both_private_subnets(environment: str) -> None:
    for function in of_type(environment, "aws:lambda/function:Function"):
        network = function.resource.inputs.get("vpcConfig")
        assert network is None or network["subnetIds"] == ["private-1-id", "private-2-id"], function


@every_environment
def test_no_task_has_a_public_address(environment: str) -> None:
    for service in of_type(environment, "aws:ecs/service:Service"):
        assert service.resource.inputs["networkConfiguration"]["assignPublicIp"] is False
        assert service.resource.inputs["networkConfiguration"]["subnets"] == ["private-1-id", "private-2-id"]
    started = [
        inner
        for machine in of_type(environment, "aws:sfn/stateMachine:StateMachine")
        for inner in re.findall(r'"AssignPublicIp": *"(\w+)"', machine.resource.inputs["definition"])
    ]
    assert set(started) == {"DISABLED"}


@every_environment
def test_no_instance_but_the_nat_has_a_public_address_and_none_answers_the_old_metadata_protocol(
    environment: str,
) -> None:
    templates = {
        p.resource.name: p.resource.inputs for p in of_type(environment, "aws:ec2/launchTemplate:LaunchTemplate")
    }
    public = {
        name
        for name, inputs in templates.items()
        if any(interface["associatePublicIpAddress"] != "false" for interface in inputs["networkInterfaces"])
    }
    assert public == {"nat"}
    assert {inputs["metadataOptions"]["httpTokens"] for inputs in templates.values()} == {"required"}


@every_environment
def test_every_state_machine_logs_and_traces(environment: str) -> None:
    for machine in of_type(environment, "aws:sfn/stateMachine:StateMachine"):
        logging = machine.resource.inputs["loggingConfiguration"]
        assert logging["level"] == "ALL" and logging["logDestination"].endswith(":*")
        assert machine.resource.inputs["tracingConfiguration"]["enabled"] is True


@every_environment
def test_every_alarm_tells_somebody_or_is_part_of_one_that_does(environment: str) -> None:
    (composite,) = of_type(environment, "aws:cloudwatch/compositeAlarm:CompositeAlarm")
    parts = set(re.findall(r'ALARM\("([^"]+)"\)', composite.resource.inputs["alarmRule"]))
    alarms = of_type(environment, "aws:cloudwatch/metricAlarm:MetricAlarm")
    assert composite.resource.inputs["alarmActions"]
    assert parts <= {placed.resource.inputs["name"] for placed in alarms}
    silent = [
        str(placed)
        for placed in alarms
        if not placed.resource.inputs.get("alarmActions") and placed.resource.inputs["name"] not in parts
    ]
    assert silent == []


@every_environment
def test_every_bucket_with_a_policy_refuses_what_is_not_encrypted_on_the_way(environment: str) -> None:
    policies = of_type(environment, "aws:s3/bucketPolicy:BucketPolicy")
    open_ = [
        str(placed)
        for placed in policies
        if not any(
            statement["Effect"] == "Deny" and "aws:SecureTransport" in json.dumps(statement.get("Condition", {}))
            for statement in json.loads(placed.resource.inputs["policy"])["Statement"]
        )
    ]
    assert open_ == []
