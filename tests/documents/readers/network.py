"""VPC, subnets, routes, network ACLs and endpoints (002 §1; 001 §5); reads only."""

from __future__ import annotations

from typing import Any

from tests.documents.live import Facts, Live, one, tags_of

GONE = {"deleting", "deleted", "failed", "rejected", "expired"}


def in_vpc(live: Live, operation: str, result: str, key: str = "vpc-id") -> list[Any]:
    """What a describe operation of EC2 lists for the environment's VPC."""
    filters = [{"Name": key, "Values": [vpc_id(live, f"tradai-vpc-{live.env}")]}]
    return live.pages("ec2", operation, result, Filters=filters)


def vpc_id(live: Live, name: str) -> str:
    """The id of the VPC that bears this name."""
    return str(_vpc(live, name)["VpcId"])


def _vpc(live: Live, name: str) -> dict[str, Any]:
    named = live.pages("ec2", "describe_vpcs", "Vpcs", Filters=[{"Name": "tag:Name", "Values": [name]}])
    found: dict[str, Any] = one(named, f"VPCs named {name}")
    return found


def vpc(live: Live, name: str) -> Facts:
    """CIDR, DNS attributes, zones and tags of the VPC."""
    found, ec2 = _vpc(live, name), live.clients("ec2")

    def attribute(key: str) -> object:
        answer = ec2.describe_vpc_attribute(VpcId=found["VpcId"], Attribute=key)
        return answer[key[0].upper() + key[1:]]["Value"]

    subnets = in_vpc(live, "describe_subnets", "Subnets")
    gateways = in_vpc(live, "describe_internet_gateways", "InternetGateways", "attachment.vpc-id")
    return {
        "cidr": found["CidrBlock"],
        "dns hostnames": attribute("enableDnsHostnames"),
        "dns support": attribute("enableDnsSupport"),
        "availability zones": sorted({item["AvailabilityZone"] for item in subnets}),
        "subnets": len(subnets),
        "internet gateways": len(gateways),
        "tags": tags_of(found.get("Tags", [])),
    }


def subnet_of(live: Live, cidr: str) -> dict[str, Any]:
    """The VPC's subnet with this CIDR, which is its identity (002, immutable values)."""
    subnets = in_vpc(live, "describe_subnets", "Subnets")
    found: dict[str, Any] = one([item for item in subnets if item["CidrBlock"] == cidr], f"subnets {cidr}")
    return found


def subnet(live: Live, name: str) -> Facts:
    """Zone, default route, table-mates and tags of the subnet whose CIDR is `name`."""
    found = subnet_of(live, name)
    table = _table_of(live, found["SubnetId"])
    cidrs = {item["SubnetId"]: item["CidrBlock"] for item in in_vpc(live, "describe_subnets", "Subnets")}
    sharing = [item["SubnetId"] for item in table["Associations"] if "SubnetId" in item]
    return {
        "az": found["AvailabilityZone"],
        "default route": _default_route(table),
        "route table shared with": sorted(cidrs[one_id] for one_id in sharing if one_id in cidrs),
        "tags": tags_of(found.get("Tags", [])),
        "route table tags": tags_of(table.get("Tags", [])),
    }


def _table_of(live: Live, subnet_id: str) -> dict[str, Any]:
    tables = in_vpc(live, "describe_route_tables", "RouteTables")
    mine = [item for item in tables if any(a.get("SubnetId") == subnet_id for a in item["Associations"])]
    found: dict[str, Any] = one(mine, f"route tables of {subnet_id}")
    return found


def _default_route(table: dict[str, Any]) -> str:
    """ "IGW", "NAT Instance", "NAT Gateway" or "Local only"; endpoints' prefix lists lead to no internet."""
    routes = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == "0.0.0.0/0"]
    if not routes:
        return "Local only"
    if str(routes[0].get("GatewayId", "")).startswith("igw-"):
        return "IGW"
    if routes[0].get("NatGatewayId"):
        return "NAT Gateway"
    return "NAT Instance" if routes[0].get("InstanceId") or routes[0].get("NetworkInterfaceId") else "elsewhere"


def network_acl(live: Live, name: str) -> Facts:
    """The ACL of the subnet whose CIDR is `name`: own or the default one, and which subnets share it."""
    mine, cidrs = subnet_of(live, name)["SubnetId"], {}
    for item in in_vpc(live, "describe_subnets", "Subnets"):
        cidrs[item["SubnetId"]] = item["CidrBlock"]
    acls = in_vpc(live, "describe_network_acls", "NetworkAcls")
    found = one([a for a in acls if any(x["SubnetId"] == mine for x in a["Associations"])], f"ACLs of {name}")
    return {
        "is the default": found["IsDefault"],
        "shared with": sorted(cidrs[item["SubnetId"]] for item in found["Associations"]),
        "tags": tags_of(found.get("Tags", [])),
    }


def endpoints(live: Live, name: str) -> Facts:
    """Services by kind of endpoint, short names ("s3", "ecr.api"), sorted, and the interfaces' group.

    `own security group` (001 §5): none of the five named groups of 002 §4.1 and not the VPC's default one.
    """
    listed = in_vpc(live, "describe_vpc_endpoints", "VpcEndpoints")
    found = [item for item in listed if item.get("State", "").lower() not in GONE]

    def of_type(kind: str) -> list[str]:
        names = [item["ServiceName"] for item in found if item.get("VpcEndpointType", "Gateway") == kind]
        return sorted(full.split(".", 3)[3] for full in names)

    groups = {group["GroupId"] for item in found for group in item.get("Groups", [])}
    taken = {f"tradai-{use}-sg-{live.env}" for use in ("alb", "ecs", "lambda", "rds", "nat")} | {"default"}
    names = [
        g["GroupName"] for g in in_vpc(live, "describe_security_groups", "SecurityGroups") if g["GroupId"] in groups
    ]
    return {
        "gateway": of_type("Gateway"),
        "interface": of_type("Interface"),
        "tags": _common_tags(found),
        "own security group": len(names) == 1 and names[0] not in taken,
    }


def _common_tags(resources: list[dict[str, Any]]) -> dict[str, str]:
    """The tags that all of them bear with one value."""
    each = [set(tags_of(item.get("Tags", [])).items()) for item in resources]
    return dict(set.intersection(*each)) if each else {}
