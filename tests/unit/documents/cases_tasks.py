"""For each kind of workload: make it by hand as the documents have it, then spoil one value."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import yaml

from tests.unit.documents.cases_compute_edge import SERVED, cluster
from tests.unit.documents.handmade import ENV, LOWER_PAIRS, PAIRS, TAGS, client, function, image, network, role, rule

CLUSTER = f"tradai-cluster-{ENV}"
LIVE = f"tradai-live-trading-{ENV}"
STRATEGY = f"tradai-strategy-container-{ENV}"
BACKTEST = f"tradai-backtest-workflow-{ENV}"
HEALTH_CHECK = f"tradai-health-check-{ENV}"
NAMESPACE = f"tradai-{ENV}.local"
NAMES = ("backend-api", "data-collection", "dry-run-trading", "live-trading", "mlflow", "strategy-service")
STATES = (
    *("ValidateStrategy", "EvaluateValidation", "EnsureData", "UpdateStatusRunning", "RunBacktest", "HandleTimeout"),
    *("CleanupResources", "HandleSuccess", "HandleFailure", "NotifySuccess", "NotifyFailure", "BacktestFailed"),
)
SCHEDULED = 6


def definition(name: str = LIVE, cpu: str = "1024", mode: str = "live", port: int = 8004) -> None:
    client("ecs").register_task_definition(
        family=name,
        cpu=cpu,
        memory="2048",
        requiresCompatibilities=["FARGATE"],
        tags=LOWER_PAIRS,
        containerDefinitions=[
            {
                "name": "one",
                "image": f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/tradai/live-trading-{ENV}@sha256:0",
                "portMappings": [{"containerPort": port}] if port else [],
                "environment": [{"name": "TRADING_MODE", "value": mode}],
            }
        ],
    )


def small_definition() -> None:
    definition(cpu="512")


def services() -> None:
    cluster()
    definition()
    definition(STRATEGY, mode="backtest", port=0)
    ecs = client("ecs")
    ecs.create_service(
        cluster=CLUSTER, serviceName=LIVE, taskDefinition=LIVE, desiredCount=0, launchType="FARGATE", tags=LOWER_PAIRS
    )
    spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    ecs.create_service(
        cluster=CLUSTER, serviceName=STRATEGY, taskDefinition=STRATEGY, desiredCount=0, capacityProviderStrategy=spot
    )


def live_trading_stands() -> None:
    client("ecs").update_service(cluster=CLUSTER, service=LIVE, desiredCount=1)


def consolidated() -> None:
    services()
    ids = network()
    _names(ids["vpc"])
    entries = [item for item in client("servicediscovery").list_services()["Services"] if item["Name"] in SERVED]
    script = f"readonly SERVICES=({' '.join(item['Id'] for item in entries)})\ncat << 'COMPOSE'\n{_compose()}COMPOSE\n"
    profile = f"tradai-consolidated-{ENV}"
    role(profile, "ec2.amazonaws.com", ["ecr:GetAuthorizationToken", "ecr:BatchGetImage"])
    client("iam").create_instance_profile(InstanceProfileName=profile)
    client("iam").add_role_to_instance_profile(InstanceProfileName=profile, RoleName=profile)
    data = {
        "ImageId": image(),
        "InstanceType": "t3.small",
        "UserData": base64.b64encode(script.encode()).decode(),
        "IamInstanceProfile": {"Name": profile},
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 30}}],
    }
    client("ec2").create_launch_template(LaunchTemplateName=profile, LaunchTemplateData=data)
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=profile,
        LaunchTemplate={"LaunchTemplateName": profile, "Version": "$Latest"},
        MinSize=1,
        MaxSize=1,
        DesiredCapacity=1,
        VPCZoneIdentifier=f"{ids['10.0.11.0/24']},{ids['10.0.12.0/24']}",
        TargetGroupARNs=[_target_group(ids["vpc"], service, port) for service, (port, _) in SERVED.items()],
        Tags=[{**pair, "PropagateAtLaunch": True} for pair in PAIRS],
    )


def _target_group(vpc: str, service: str, port: int) -> str:
    made = client("elbv2").create_target_group(Name=f"tradai-{service}-{ENV}", Protocol="HTTP", Port=port, VpcId=vpc)
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def _compose() -> str:
    variables = {"backend-api": ["S3_RESULTS_BUCKET", "BACKTEST_QUEUE_URL"], "mlflow": ["RDS_ENDPOINT"]}
    repositories = {"backend-api": "backend"}
    composed = {
        service: {
            "image": f"registry/tradai/{repositories.get(service, service)}-{ENV}@sha256:0",
            "ports": [f"{port}:{port}"],
            "environment": dict.fromkeys(variables.get(service, []), "x"),
        }
        for service, (port, _) in SERVED.items()
    }
    return yaml.safe_dump({"services": composed})


def two_instances() -> None:
    group = f"tradai-consolidated-{ENV}"
    client("autoscaling").update_auto_scaling_group(AutoScalingGroupName=group, MaxSize=2, DesiredCapacity=2)


def names() -> None:
    _names(network()["vpc"])


def _names(vpc: str) -> None:
    discovery = client("servicediscovery")
    discovery.create_private_dns_namespace(Name=NAMESPACE, Vpc=vpc, Tags=PAIRS)
    space = discovery.list_namespaces()["Namespaces"][0]["Id"]
    records = {"NamespaceId": space, "DnsRecords": [{"Type": "A", "TTL": 10}]}
    for name in NAMES:
        discovery.create_service(Name=name, DnsConfig=records)


def no_mlflow() -> None:
    discovery = client("servicediscovery")
    mine = next(item["Id"] for item in discovery.list_services()["Services"] if item["Name"] == "mlflow")
    discovery.delete_service(Id=mine)


def state_machine() -> None:
    _machine(STATES)


def short_machine() -> None:
    arn = client("stepfunctions").list_state_machines()["stateMachines"][0]["stateMachineArn"]
    client("stepfunctions").update_state_machine(stateMachineArn=arn, definition=_definition(STATES[:11]))


def _machine(states: Sequence[str]) -> None:
    acts_as = role(BACKTEST, "states.amazonaws.com", ["ecs:RunTask"])
    client("stepfunctions").create_state_machine(name=BACKTEST, definition=_definition(states), roleArn=acts_as)


def _definition(states: Sequence[str]) -> str:
    each: dict[str, Any] = {state: {"Type": "Pass", "End": True} for state in states}
    for state, called in (("ValidateStrategy", "validate-strategy"), ("UpdateStatusRunning", "update-status")):
        each[state] = {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": f"arn:aws:lambda:eu-central-1:123456789012:function:tradai-{called}-{ENV}"},
            "End": True,
        }
    each["RunBacktest"] = {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask.sync",
        "Parameters": {
            "Cluster": f"arn:aws:ecs:eu-central-1:123456789012:cluster/{CLUSTER}",
            "TaskDefinition": "any",
            "Overrides": {"ContainerOverrides": [{"Name": "one", "Environment": _variables()}]},
        },
        "End": True,
    }
    return json.dumps({"StartAt": "ValidateStrategy", "States": each})


def _variables() -> list[dict[str, str]]:
    asked = ("JOB_ID", "STRATEGY", "STRATEGY_ID", "TIMEFRAME", "TIMERANGE", "PAIRS")
    fixed = {"TRADING_MODE": "backtest", "MLFLOW_TRACKING_URI": f"http://mlflow.{NAMESPACE}:5000/mlflow"}
    dynamic = [{"Name": name, "Value.$": f"$.request.{name.lower()}"} for name in asked]
    return [*dynamic, *({"Name": name, "Value": value} for name, value in fixed.items())]


def image_function() -> None:
    ids = network()
    arn = from_image(HEALTH_CHECK, {"SubnetIds": [ids["10.0.11.0/24"]], "SecurityGroupIds": []})
    _schedule(HEALTH_CHECK, arn, 2)


def from_image(name: str, vpc: dict[str, list[str]]) -> str:
    """A function from an image, as 002 §7 has health-check; answers its ARN."""
    made = client("lambda").create_function(
        FunctionName=name,
        PackageType="Image",
        Code={"ImageUri": f"registry/tradai/{name.removeprefix('tradai-')}:latest"},
        Role=role(name, "lambda.amazonaws.com", ["logs:PutLogEvents"]),
        MemorySize=256,
        Timeout=60,
        VpcConfig=vpc,
        Tags=TAGS,
    )
    return str(made["FunctionArn"])


def _schedule(name: str, arn: str, minutes: int) -> None:
    client("events").put_rule(Name=name, ScheduleExpression=f"rate({minutes} minutes)")
    client("events").put_targets(Rule=name, Targets=[{"Id": "one", "Arn": arn}])


def slow_function() -> None:
    client("events").put_rule(Name=HEALTH_CHECK, ScheduleExpression="rate(5 minutes)")


def all_functions() -> None:
    made = {name: from_image(name, {}) for name in (f"tradai-number-{number}-{ENV}" for number in range(17))}
    for name, arn in list(made.items())[:SCHEDULED]:
        _schedule(name, arn, 5)
    rule("launching", "aws.autoscaling", function(f"tradai-update-nat-routes-{ENV}", ["ec2:CreateRoute"]))


def one_schedule_less() -> None:
    client("events").remove_targets(Rule=f"tradai-number-0-{ENV}", Ids=["one"])
