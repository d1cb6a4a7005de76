"""The NAT instance, its failover and its function (002 §1.4, §7); reads only."""

from __future__ import annotations

import base64
import json
import urllib.parse
from typing import Any

from tests.documents.live import Facts, Live, one, tags_of
from tests.documents.readers.network import subnet_of

LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
PUBLIC_1 = "10.0.1.0/24"
IMAGE = "al2023-ami-"


def nat(live: Live, name: str) -> Facts:
    """Sizes, type, image, user data, hook, address and rights of the NAT instance's group in Public-1."""
    group = _group(live)
    template = _template(live, group)
    hooks = live.clients("autoscaling").describe_lifecycle_hooks(AutoScalingGroupName=group["AutoScalingGroupName"])
    image = one(live.clients("ec2").describe_images(ImageIds=[template["ImageId"]])["Images"], template["ImageId"])
    return {
        "min": group["MinSize"],
        "max": group["MaxSize"],
        "desired": group["DesiredCapacity"],
        "health check": group["HealthCheckType"],
        "instance type": template["InstanceType"],
        "image": "Amazon Linux 2023" if image["Name"].startswith(IMAGE) else image["Name"],
        "architecture": image["Architecture"],
        "hook on launch": any(hook["LifecycleTransition"] == LAUNCHING for hook in hooks["LifecycleHooks"]),
        "addresses": len(_addresses(live)),
        "grants": _profile_grants(live, template.get("IamInstanceProfile", {})),
        "tags": tags_of(group.get("Tags", [])),
        **_user_data(template),
    }


def _group(live: Live) -> dict[str, Any]:
    where = subnet_of(live, PUBLIC_1)["SubnetId"]
    groups = live.pages("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups")
    mine = [group for group in groups if group["VPCZoneIdentifier"] == where]
    found: dict[str, Any] = one(mine, "groups in Public-1 alone")
    return found


def _template(live: Live, group: dict[str, Any]) -> dict[str, Any]:
    reference = group["LaunchTemplate"]
    asked = {
        "LaunchTemplateId": reference["LaunchTemplateId"],
        "Versions": [reference.get("Version") or "$Default"],
        "ResolveAlias": True,  # the image may be named by a parameter
    }
    versions = live.clients("ec2").describe_launch_template_versions(**asked)["LaunchTemplateVersions"]
    data: dict[str, Any] = one(versions, "launch template versions")["LaunchTemplateData"]
    return data


def _addresses(live: Live) -> list[Any]:
    filters = [{"Name": "tag:Environment", "Values": [live.env]}]
    return live.pages("ec2", "describe_addresses", "Addresses", Filters=filters)


def _user_data(template: dict[str, Any]) -> dict[str, bool]:
    script = base64.b64decode(template.get("UserData", "")).decode("utf-8")
    return {
        "forwards packets": "net.ipv4.ip_forward" in script,
        "masquerades": "iptables" in script and "MASQUERADE" in script,
        "takes its address": "associate-address" in script,
        "checks no source and destination": "source-dest-check" in script,
    }


def _profile_grants(live: Live, reference: dict[str, str]) -> list[str]:
    name = reference.get("Name") or reference.get("Arn", "/").rsplit("/", 1)[1]
    roles = live.clients("iam").get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]
    return grants(live, str(one(roles, f"roles of {name}")["RoleName"]))


def grants(live: Live, role: str) -> list[str]:
    """Every action that a role's inline and attached policies allow, sorted."""
    iam = live.clients("iam")
    inline = live.pages("iam", "list_role_policies", "PolicyNames", RoleName=role)
    documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in inline]
    for policy in live.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=role):
        arn = policy["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        documents.append(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    return sorted({action for document in documents for action in _allowed(document)})


def _allowed(document: dict[str, Any] | str) -> list[str]:
    policy = json.loads(urllib.parse.unquote(document)) if isinstance(document, str) else document
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    allowing = [statement["Action"] for statement in statements if statement["Effect"] == "Allow"]
    return [action for actions in allowing for action in ([actions] if isinstance(actions, str) else actions)]


def function(live: Live, name: str) -> Facts:
    """Runtime, memory (MB), timeout (s), VPC, triggers and rights of a function."""
    found = live.clients("lambda").get_function(FunctionName=name)
    settings = found["Configuration"]
    rules = live.pages("events", "list_rule_names_by_target", "RuleNames", TargetArn=settings["FunctionArn"])
    patterns = [live.clients("events").describe_rule(Name=rule).get("EventPattern", "{}") for rule in rules]
    return {
        "runtime": settings.get("Runtime", "Image"),
        "memory": settings["MemorySize"],
        "timeout": settings["Timeout"],
        "vpc": bool(settings.get("VpcConfig", {}).get("SubnetIds")),
        "triggered by": sorted({source for text in patterns for source in json.loads(text).get("source", [])}),
        "grants": grants(live, settings["Role"].rsplit("/", 1)[1]),
        "tags": found.get("Tags", {}),
    }
