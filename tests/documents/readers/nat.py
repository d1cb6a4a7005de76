"""The NAT instance and its failover (002 §1.4); reads only."""

from __future__ import annotations

import base64
from typing import Any

from tests.documents.live import Facts, Live, one, tags_of
from tests.documents.readers.network import in_vpc, subnet_of
from tests.documents.readers.rights import grants_of_profile

LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
PUBLIC_1 = "10.0.1.0/24"
IMAGE = "al2023-ami-"


def nat(live: Live, name: str) -> Facts:
    """Subnet, sizes, type, image, user data, hook, address and rights of the NAT instance's group in Public-1."""
    group = _group(live)
    template = _template(live, group)
    hooks = live.clients("autoscaling").describe_lifecycle_hooks(AutoScalingGroupName=group["AutoScalingGroupName"])
    image = one(live.clients("ec2").describe_images(ImageIds=[template["ImageId"]])["Images"], template["ImageId"])
    return {
        "subnet": _cidr(live, group["VPCZoneIdentifier"]),
        "min": group["MinSize"],
        "max": group["MaxSize"],
        "desired": group["DesiredCapacity"],
        "health check": group["HealthCheckType"],
        "instance type": template["InstanceType"],
        "image": "Amazon Linux 2023" if image["Name"].startswith(IMAGE) else image["Name"],
        "architecture": image["Architecture"],
        "hook on launch": any(hook["LifecycleTransition"] == LAUNCHING for hook in hooks["LifecycleHooks"]),
        "addresses": len(_addresses(live)),
        "grants": grants_of_profile(live, template.get("IamInstanceProfile", {})),
        "tags": tags_of(group.get("Tags", [])),
        **_user_data(template),
    }


def _group(live: Live) -> dict[str, Any]:
    where = subnet_of(live, PUBLIC_1)["SubnetId"]
    groups = live.pages("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups")
    mine = [group for group in groups if group["VPCZoneIdentifier"] == where]
    found: dict[str, Any] = one(mine, "groups in Public-1 alone")
    return found


def _cidr(live: Live, subnets: str) -> str:
    cidrs = {item["SubnetId"]: item["CidrBlock"] for item in in_vpc(live, "describe_subnets", "Subnets")}
    return ", ".join(cidrs[subnet] for subnet in subnets.split(","))


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
