"""Security groups (002 §4.1), a rule as the document's row: "8000-8003 TCP tradai-ecs-sg-dev"; reads only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.documents.live import Facts, Live, one, tags_of
from tests.documents.readers.network import in_vpc

PROTOCOLS = {"tcp": "TCP", "udp": "UDP", "icmp": "ICMP", "-1": "All"}


def security_group(live: Live, name: str) -> Facts:
    """The rules by direction, every rule as a fact of its own ("ingress 80 TCP 0.0.0.0/0"), and the tags."""
    groups = in_vpc(live, "describe_security_groups", "SecurityGroups")
    names = {group["GroupId"]: group["GroupName"] for group in groups}
    found = one([group for group in groups if group["GroupName"] == name], f"security groups {name}")
    rules = {
        "ingress": _rules(found["IpPermissions"], names),
        "egress": _rules(found["IpPermissionsEgress"], names),
    }
    each = {f"{direction} {rule}": True for direction, listed in rules.items() for rule in listed}
    return {**rules, **each, "tags": tags_of(found.get("Tags", []))}


def _rules(permissions: list[dict[str, Any]], names: dict[str, str]) -> list[str]:
    return sorted(rule for permission in permissions for rule in _of_permission(permission, names))


def _of_permission(permission: dict[str, Any], names: dict[str, str]) -> Iterator[str]:
    protocol = PROTOCOLS.get(permission["IpProtocol"], permission["IpProtocol"])
    ports = sorted({permission.get("FromPort", -1), permission.get("ToPort", -1)})
    span = "-".join(str(port) for port in ports) if ports != [-1] else "All"
    peers = [item["CidrIp"] for item in permission.get("IpRanges", [])]
    peers += [item["CidrIpv6"] for item in permission.get("Ipv6Ranges", [])]
    peers += [names.get(pair["GroupId"], pair["GroupId"]) for pair in permission.get("UserIdGroupPairs", [])]
    peers += [item["PrefixListId"] for item in permission.get("PrefixListIds", [])]
    return (f"{span} {protocol} {peer}" for peer in peers)
