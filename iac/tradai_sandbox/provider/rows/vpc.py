"""The network itself: VPC, subnets, internet gateway.

Must never hold routes or rules; `routing` and `network_acls` do.
"""

from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, forgiving, on
from tradai_sandbox.provider.props import Prop, Props, out, tags
from tradai_sandbox.provider.row import Reader, Row, Step, Work
from tradai_sandbox.provider.rows.ec2_parts import EC2_TAGS, attribute, tagged

_ARN: Final = "arn:aws:ec2:{region}:{account}"


def _vpc_attribute(name: str, member: str) -> Reader:
    def read(work: Work) -> Props:
        answer = work.call("DescribeVpcAttribute", VpcId=work.id, Attribute=name)
        return {name: answer[member]["Value"]}

    return read


def _dns_support() -> Step:
    """AWS starts with it on, so a new VPC needs the call only to turn it off."""

    def run(work: Work) -> None:
        wanted = bool(work.inputs.get("enableDnsSupport", True))
        if not (work.creating and wanted):
            work.call("ModifyVpcAttribute", VpcId=work.id, EnableDnsSupport={"Value": wanted})

    # named with the tenancy, which every VPC has: a step for a mere "no" would not run after the create
    return on({"enableDnsSupport", "instanceTenancy"}, run)


VPC: Final = Row(
    "aws:ec2/vpc:Vpc",
    "ec2",
    (
        Prop("cidrBlock", computed=True, replace=True),
        Prop("instanceTenancy", default="default", replace=True),
        Prop("enableDnsSupport", bool, default=True),
        Prop("enableDnsHostnames", bool),
        Prop("enableNetworkAddressUsageMetrics", bool),
        *tags(),
        out("arn", value=f"{_ARN}:vpc/{{id}}"),
        out("ownerId"),
        out("dhcpOptionsId"),
    ),
    create=Create("CreateVpc", "Vpc.VpcId", build=tagged("vpc")),
    steps=(
        _dns_support(),
        attribute("ModifyVpcAttribute", "VpcId", "EnableDnsHostnames", "enableDnsHostnames"),
        attribute(
            "ModifyVpcAttribute",
            "VpcId",
            "EnableNetworkAddressUsageMetrics",
            "enableNetworkAddressUsageMetrics",
        ),
        EC2_TAGS,
    ),
    read=(
        Read("DescribeVpcs", {"VpcIds": ["{id}"]}, "Vpcs[0]"),
        _vpc_attribute("enableDnsSupport", "EnableDnsSupport"),
        _vpc_attribute("enableDnsHostnames", "EnableDnsHostnames"),
        _vpc_attribute("enableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics"),
    ),
    delete=Delete("DeleteVpc", {"VpcId": "{id}"}),
)

SUBNET: Final = Row(
    "aws:ec2/subnet:Subnet",
    "ec2",
    (
        Prop("vpcId", required=True, replace=True),
        Prop("cidrBlock", replace=True),
        Prop("availabilityZone", computed=True, replace=True),
        Prop("availabilityZoneId", computed=True, replace=True),
        Prop("mapPublicIpOnLaunch", bool),
        *tags(),
        out("arn", api="SubnetArn"),
        out("ownerId"),
    ),
    create=Create("CreateSubnet", "Subnet.SubnetId", build=tagged("subnet")),
    steps=(
        attribute("ModifySubnetAttribute", "SubnetId", "MapPublicIpOnLaunch", "mapPublicIpOnLaunch"),
        EC2_TAGS,
    ),
    read=(Read("DescribeSubnets", {"SubnetIds": ["{id}"]}, "Subnets[0]"),),
    delete=Delete("DeleteSubnet", {"SubnetId": "{id}"}),
)


def _reattach(work: Work) -> None:
    if not work.creating:
        _detach(work)
    if vpc := work.inputs.get("vpcId"):
        work.call("AttachInternetGateway", InternetGatewayId=work.id, VpcId=vpc)


def _detach(work: Work) -> None:
    if vpc := work.state.get("vpcId"):
        forgiving(work, "DetachInternetGateway", InternetGatewayId=work.id, VpcId=vpc)


def _delete_gateway(work: Work) -> None:
    _detach(work)
    forgiving(work, "DeleteInternetGateway", InternetGatewayId=work.id)


def _first_vpc(attachments: list[dict[str, Any]]) -> str | None:
    return attachments[0]["VpcId"] if attachments else None


INTERNET_GATEWAY: Final = Row(
    "aws:ec2/internetGateway:InternetGateway",
    "ec2",
    (
        Prop("vpcId", api="Attachments", back=_first_vpc),
        *tags(),
        out("arn", value=f"{_ARN}:internet-gateway/{{id}}"),
        out("ownerId"),
    ),
    create=Create("CreateInternetGateway", "InternetGateway.InternetGatewayId", build=tagged("internet-gateway")),
    steps=(on({"vpcId"}, _reattach), EC2_TAGS),
    read=(Read("DescribeInternetGateways", {"InternetGatewayIds": ["{id}"]}, "InternetGateways[0]"),),
    delete=_delete_gateway,
    gone=frozenset({"Gateway.NotAttached"}),
)

ROWS: Final = (VPC, SUBNET, INTERNET_GATEWAY)
