"""Addresses, launch templates, Auto Scaling; needs `ec2_network` and `iam`."""

import base64
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _address(aws: Aws, state: Props) -> Any:
    found = aws("ec2").describe_addresses(AllocationIds=[state["id"]])["Addresses"]
    return [[a["Domain"], {t["Key"]: t["Value"] for t in a["Tags"]}] for a in found]


def _template(aws: Aws, state: Props) -> Any:
    found = aws("ec2").describe_launch_template_versions(LaunchTemplateId=state["id"], Versions=["$Default"])
    version = found["LaunchTemplateVersions"][0]
    data = version["LaunchTemplateData"]
    return {
        "version": version["VersionNumber"],
        "type": data["InstanceType"],
        "says": base64.b64decode(data["UserData"]).decode(),
        "tokens": data["MetadataOptions"]["HttpTokens"],
        "public": data["NetworkInterfaces"][0]["AssociatePublicIpAddress"],
        "encrypted": data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"],
    }


def _groups(aws: Aws, name: str) -> Any:
    return aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]


def _group(aws: Aws, state: Props) -> Any:
    return [
        {
            "runs": len(g["Instances"]),
            "grace": g["HealthCheckGracePeriod"],
            "template": g["LaunchTemplate"]["Version"],
            "tags": {t["Key"]: [t["Value"], t["PropagateAtLaunch"]] for t in g["Tags"]},
        }
        for g in _groups(aws, state["id"])
    ]


def _hook(aws: Aws, state: Props) -> Any:
    found = aws("autoscaling").describe_lifecycle_hooks(
        AutoScalingGroupName=state["autoscalingGroupName"], LifecycleHookNames=[state["name"]]
    )
    return [[h["LifecycleTransition"], h["HeartbeatTimeout"], h["DefaultResult"]] for h in found["LifecycleHooks"]]


def _user_data(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


_EXPECTED: Final = {
    "version": 1,
    "type": "t4g.nano",
    "says": "one",
    "tokens": "required",
    "public": True,
    "encrypted": True,
}
_HOOK: Final = {
    "name": "case-launching",
    "lifecycle_transition": "autoscaling:EC2_INSTANCE_LAUNCHING",
    "default_result": "ABANDON",
    "heartbeat_timeout": 300,
}

CASES: Final = (
    Case(
        "ec2.address",
        "aws:ec2/eip:Eip",
        {"domain": "vpc", "tags": {"a": "1"}},
        _address,
        [["vpc", {"a": "1"}]],
        update={"tags": {"a": "2"}},
        updated=[["vpc", {"a": "2"}]],
        meddle=lambda aws, state: aws("ec2").create_tags(Resources=[state["id"]], Tags=[{"Key": "a", "Value": "3"}]),
        drifted=frozenset({"tags"}),
    ),
    Case(
        "ec2.template",
        "aws:ec2/launchTemplate:LaunchTemplate",
        {
            "name": "case-template",
            "description": "one",
            "image_id": "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
            "instance_type": "t4g.nano",
            "user_data": _user_data("one"),
            "iam_instance_profile": {"arn": Ref("iam.profile", "arn")},
            "metadata_options": {
                "http_endpoint": "enabled",
                "http_tokens": "required",
                "http_put_response_hop_limit": 1,
            },
            "network_interfaces": [
                {"device_index": 0, "associate_public_ip_address": "true", "delete_on_termination": "true"}
            ],
            "block_device_mappings": [
                {
                    "device_name": "/dev/xvda",
                    "ebs": {
                        "encrypted": "true",
                        "volume_type": "gp3",
                        "volume_size": 8,
                        "delete_on_termination": "true",
                    },
                }
            ],
            "tag_specifications": [{"resource_type": "instance", "tags": {"a": "1"}}],
            "update_default_version": True,
            "tags": {"a": "1"},
        },
        _template,
        _EXPECTED,
        update={"user_data": _user_data("two"), "tags": {"a": "2"}},
        updated={**_EXPECTED, "version": 2, "says": "two"},
        not_imported=frozenset({"updateDefaultVersion"}),
    ),
    Case(
        "ec2.spare-template",
        "aws:ec2/launchTemplate:LaunchTemplate",
        {"name": "case-spare", "instance_type": "t4g.nano"},
        lambda aws, state: len(
            aws("ec2").describe_launch_templates(LaunchTemplateIds=[state["id"]])["LaunchTemplates"]
        ),
        1,
        meddle=lambda aws, state: aws("ec2").create_launch_template_version(
            LaunchTemplateId=state["id"], LaunchTemplateData={"InstanceType": "t3.micro"}
        ),
        drifted=frozenset({"instanceType", "latestVersion"}),
        replace={"name": "case-spare-2"},
    ),
    Case(
        "autoscaling.group",
        "aws:autoscaling/group:Group",
        {
            "name": "case-nat",
            "min_size": 1,
            "max_size": 1,
            "desired_capacity": 1,
            "health_check_type": "EC2",
            "vpc_zone_identifiers": [Ref("ec2.subnet")],
            "launch_template": {"id": Ref("ec2.template"), "version": Ref("ec2.template", "latest_version")},
            "initial_lifecycle_hooks": [_HOOK],
            "instance_refresh": {"strategy": "Rolling", "preferences": {"min_healthy_percentage": 0}},
            "tags": [{"key": "a", "value": "1", "propagate_at_launch": True}],
        },
        _group,
        [{"runs": 1, "grace": 300, "template": "1", "tags": {"a": ["1", True]}}],
        update={
            "health_check_grace_period": 60,
            "tags": [{"key": "b", "value": "2", "propagate_at_launch": False}],
        },
        updated=[{"runs": 1, "grace": 60, "template": "2", "tags": {"b": ["2", False]}}],
        meddle=lambda aws, state: aws("autoscaling").update_auto_scaling_group(
            AutoScalingGroupName=state["id"], MaxSize=3
        ),
        drifted=frozenset({"maxSize"}),
        replace={"name": "case-nat-2"},
        not_imported=frozenset(
            {"initialLifecycleHooks", "instanceRefresh", "metricsGranularity", "waitForCapacityTimeout"}
        ),
    ),
    Case(
        "autoscaling.hook",
        "aws:autoscaling/lifecycleHook:LifecycleHook",
        {"autoscaling_group_name": Ref("autoscaling.group", "name"), **_HOOK},
        _hook,
        [["autoscaling:EC2_INSTANCE_LAUNCHING", 300, "ABANDON"]],
        update={"heartbeat_timeout": 600},
        updated=[["autoscaling:EC2_INSTANCE_LAUNCHING", 600, "ABANDON"]],
        meddle=lambda aws, state: aws("autoscaling").put_lifecycle_hook(
            LifecycleHookName=state["name"],
            AutoScalingGroupName=state["autoscalingGroupName"],
            LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING",
            HeartbeatTimeout=30,
            DefaultResult="CONTINUE",
        ),
        drifted=frozenset({"heartbeatTimeout", "defaultResult"}),
        replace={"name": "case-launching-2"},
        import_id=lambda state: f"{state['autoscalingGroupName']}/{state['name']}",
    ),
)
