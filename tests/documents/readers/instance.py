"""The consolidated instance of dev and staging (001 §3, §6; 002 §10), by its group and launch template; reads only."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

import yaml

from tests.documents.live import AbsentError, Facts, Live, one, tags_of
from tests.documents.readers.network import in_vpc
from tests.documents.readers.rights import grants_of_profile

COMPOSE = re.compile(r"<< 'COMPOSE'\n(.*?)\nCOMPOSE\n", re.DOTALL)
PRIVATE = {"10.0.11.0/24", "10.0.12.0/24"}


def group_of_services(live: Live) -> Mapping[str, Any] | None:
    """The Auto Scaling group in the private subnets: its size, instance type, disk and what it runs; None without."""
    return live.once(("consolidated",), lambda: _read(live))  # type: ignore[no-any-return]


def _read(live: Live) -> Mapping[str, Any] | None:
    private = {s["SubnetId"] for s in in_vpc(live, "describe_subnets", "Subnets") if s["CidrBlock"] in PRIVATE}
    groups = live.pages("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups")
    mine = [group for group in groups if set(group["VPCZoneIdentifier"].split(",")) <= private]
    if not mine:
        return None
    group = one(mine, "groups in the private subnets")
    reference = group["LaunchTemplate"]
    versions = live.clients("ec2").describe_launch_template_versions(
        LaunchTemplateId=reference["LaunchTemplateId"], Versions=[reference["Version"]]
    )["LaunchTemplateVersions"]
    template = one(versions, "launch template versions")["LaunchTemplateData"]
    script = base64.b64decode(template.get("UserData", "")).decode("utf-8")
    return {
        "group": group,
        "capacity": group["DesiredCapacity"],
        "instance type": template["InstanceType"],
        "template": template,
        "script": script,
        "services": _composed(script),
    }


def _composed(script: str) -> Mapping[str, Any]:
    found = COMPOSE.search(script)
    services: Mapping[str, Any] = yaml.safe_load(found[1])["services"] if found else {}
    return services


def consolidated(live: Live, name: str) -> Facts:
    """Size, type, disk, services with images and variables, target groups, names and rights of the instance."""
    known = group_of_services(live)
    if known is None:
        raise AbsentError("no group in the private subnets")
    group, template, services = known["group"], known["template"], known["services"]
    return {
        "sizes": [group["MinSize"], group["DesiredCapacity"], group["MaxSize"]],
        "instance type": template["InstanceType"],
        "disk": f"{_disk(template)} GB",
        "services": sorted(services),
        "images from": sorted(_repository(service["image"]) for service in services.values()),
        "target groups": sorted(arn.split("/")[1] for arn in group.get("TargetGroupARNs", [])),
        "registers": sorted(name for id_, name in _entries(live).items() if id_ in known["script"]),
        "ports": sorted(int(port.split(":")[0]) for service in services.values() for port in service["ports"]),
        "grants": grants_of_profile(live, template.get("IamInstanceProfile", {})),
        "tags": tags_of(group.get("Tags", [])),
        **_variables(services),
    }


def _variables(services: Mapping[str, Any]) -> dict[str, object]:
    return {
        f"{service} has {variable}": True
        for service, described in services.items()
        for variable in described.get("environment", {})
    }


def _disk(template: Mapping[str, Any]) -> int:
    return sum(int(item["Ebs"]["VolumeSize"]) for item in template.get("BlockDeviceMappings", []))


def _repository(image: str) -> str:
    return image.partition("/")[2].partition("@")[0]


def _entries(live: Live) -> dict[str, str]:
    return {item["Id"]: item["Name"] for item in live.pages("servicediscovery", "list_services", "Services")}
