"""What holds a resource that AWS does not delete, as rows: how to ask what is attached to it.

A row is data: a call, its parameters and what to take of the answer. Must never write anything in AWS.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Template
from typing import Any, Final

import jmespath

from tradai_iac.tags import URN_TAG
from tradai_runner.repair.find import Clients

_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
_SUBNET: Final = "aws:ec2/subnet:Subnet"
_VPC: Final = "aws:ec2/vpc:Vpc"
#: A network interface: what it is for, and what it is on.
_INTERFACE: Final = "{id: NetworkInterfaceId, says: Description, on: Attachment.InstanceId, tags: TagSet}"


@dataclass(frozen=True)
class Holding:
    """How to find what holds one type; `found` is JMESPath and gives objects with `id`, and `says`, `on` and `tags`.

    Both may name the held resource's id (`$id`); `what` is what people call the holders.
    """

    type: str
    what: str
    call: str
    params: Mapping[str, Any]
    found: str


@dataclass(frozen=True)
class Holder:
    """One thing that holds; `marked` is whether some stack of ours made it."""

    id: str
    what: str
    says: str = ""
    on: str = ""
    marked: bool = False

    def __str__(self) -> str:
        """As people read it: `network interface eni-1 ("by hand", on i-1)`."""
        parts = [f'"{self.says}"'] if self.says else []
        more = ", ".join([*parts, f"on {self.on}"] if self.on else parts)
        return f"{self.what} {self.id} ({more})" if more else f"{self.what} {self.id}"


def _by(name: str) -> Mapping[str, Any]:
    return {"Filters": [{"Name": name, "Values": ["$id"]}]}


def _group_with(filter_: str) -> Holding:
    found = "SecurityGroups[?GroupId!='$id'].{id: GroupId, says: GroupName, tags: Tags}"
    return Holding(_GROUP, "a rule of security group", "describe_security_groups", _by(filter_), found)


def _interfaces(type_: str, filter_: str) -> Holding:
    found = f"NetworkInterfaces[].{_INTERFACE}"
    return Holding(type_, "network interface", "describe_network_interfaces", _by(filter_), found)


HOLDINGS: Final = (
    _interfaces(_GROUP, "group-id"),
    _group_with("ip-permission.group-id"),
    _group_with("egress.ip-permission.group-id"),
    _interfaces(_SUBNET, "subnet-id"),
    _interfaces(_VPC, "vpc-id"),
    Holding(_VPC, "subnet", "describe_subnets", _by("vpc-id"), "Subnets[].{id: SubnetId, tags: Tags}"),
    Holding(
        _VPC,
        "security group",
        "describe_security_groups",
        _by("vpc-id"),
        "SecurityGroups[?GroupName!='default'].{id: GroupId, says: GroupName, tags: Tags}",
    ),
    Holding(
        _VPC,
        "internet gateway",
        "describe_internet_gateways",
        _by("attachment.vpc-id"),
        "InternetGateways[].{id: InternetGatewayId, tags: Tags}",
    ),
)


def holders_of(type_: str, id_: str, clients: Clients) -> Iterator[Holder]:
    """All that is attached to one resource, as EC2 tells now; raises botocore's errors."""
    for row in HOLDINGS:
        if row.type == type_:
            params, found = (Template(text).substitute(id=id_) for text in (json.dumps(row.params), row.found))
            answer = getattr(clients("ec2"), row.call)(**json.loads(params))
            for one in jmespath.search(found, answer) or ():
                marked = any(tag["Key"] == URN_TAG for tag in one.get("tags") or ())
                yield Holder(one["id"], row.what, one.get("says") or "", one.get("on") or "", marked)
