"""Pieces of a `staging` environment made by hand with plain boto3, as the documents have them."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends

ENV = "staging"
REGION = "eu-central-1"
TAGS = {
    "Application": "tradai",
    "Environment": ENV,
    "ManagedBy": "pulumi",
    "CostCenter": "trading-platform",
    "Owner": "platform-team",
}
PAIRS = [{"Key": key, "Value": value} for key, value in TAGS.items()]
LOWER_PAIRS = [{"key": key, "value": value} for key, value in TAGS.items()]
SUBNETS = {
    "10.0.1.0/24": ("a", "public"),
    "10.0.2.0/24": ("b", "public"),
    "10.0.11.0/24": ("a", "private"),
    "10.0.12.0/24": ("b", "private"),
    "10.0.21.0/24": ("a", "database"),
    "10.0.22.0/24": ("b", "database"),
}
USER_DATA = """#!/bin/bash
sysctl -w net.ipv4.ip_forward=1
iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
aws ec2 associate-address --instance-id "$id"
aws ec2 modify-instance-attribute --instance-id "$id" --no-source-dest-check
"""


@cache
def client(service: str) -> Any:
    """A boto3 client of the documents' region, made once: reading a service's model is what takes the time."""
    session: Any = boto3.Session(region_name=REGION)
    return session.client(service)


def tagged(kind: str, name: str | None = None) -> list[dict[str, Any]]:
    """EC2's tags at creation, with a Name when there is one."""
    named = [{"Key": "Name", "Value": name}] if name else []
    return [{"ResourceType": kind, "Tags": [*PAIRS, *named]}]


def role(name: str, service: str, actions: list[str]) -> str:
    """The ARN of a new role that `service` may take and that allows `actions`."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}],
    }
    arn = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    client("iam").put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
    return str(arn)


def network() -> dict[str, str]:
    """VPC, subnets, routes and ACLs; answers the subnets' ids by CIDR, and the VPC's under "vpc"."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged("vpc", f"tradai-vpc-{ENV}"))["Vpc"]["VpcId"]
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
    ids = {cidr: _subnet(vpc, cidr, zone) for cidr, (zone, _) in SUBNETS.items()}
    for tier in ("public", "private", "database"):
        members = [ids[cidr] for cidr, (_, its) in SUBNETS.items() if its == tier]
        _routes(vpc, tier, members)
        _acl(vpc, members)
    return {"vpc": vpc, **ids}


def _subnet(vpc: str, cidr: str, zone: str) -> str:
    tags, place = tagged("subnet"), f"{REGION}{zone}"
    made = client("ec2").create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=place, TagSpecifications=tags)
    return str(made["Subnet"]["SubnetId"])


def _routes(vpc: str, tier: str, members: list[str]) -> None:
    ec2 = client("ec2")
    table = ec2.create_route_table(VpcId=vpc, TagSpecifications=tagged("route-table", tier))["RouteTable"]
    for subnet in members:
        ec2.associate_route_table(RouteTableId=table["RouteTableId"], SubnetId=subnet)
    target = {}
    if tier == "public":
        target = {"GatewayId": ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]}
        ec2.attach_internet_gateway(InternetGatewayId=target["GatewayId"], VpcId=vpc)
    if tier == "private":
        run = ec2.run_instances(ImageId=image(), InstanceType="t4g.nano", SubnetId=members[0], MinCount=1, MaxCount=1)
        target = {"InstanceId": run["Instances"][0]["InstanceId"]}
    if target:
        ec2.create_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", **target)


def _acl(vpc: str, members: list[str]) -> None:
    ec2 = client("ec2")
    acl = ec2.create_network_acl(VpcId=vpc, TagSpecifications=tagged("network-acl"))["NetworkAcl"]["NetworkAclId"]
    for known in ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]:
        for association in known["Associations"]:
            if association["SubnetId"] in members and known["NetworkAclId"] != acl:
                ec2.replace_network_acl_association(
                    AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl
                )


def image() -> str:
    """A new Amazon Linux 2023 image for arm64; of what is asked for at its registration, moto forgets the processor."""
    made = str(client("ec2").register_image(Name="al2023-ami-2023-arm64", Architecture="arm64")["ImageId"])
    ec2_backends[DEFAULT_ACCOUNT_ID][REGION].amis[made].architecture = "arm64"
    return made


def group(vpc: str, name: str) -> str:
    """A security group without any rule."""
    ec2 = client("ec2")
    made = ec2.create_security_group(
        GroupName=name, Description=name, VpcId=vpc, TagSpecifications=tagged("security-group")
    )["GroupId"]
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=made, IpPermissions=everything)
    return str(made)


def tcp(first: int, last: int, *, cidr: str = "", peer: str = "") -> list[dict[str, Any]]:
    """A TCP rule from a CIDR or from another group."""
    source: Mapping[str, Any] = {"IpRanges": [{"CidrIp": cidr}]} if cidr else {"UserIdGroupPairs": [{"GroupId": peer}]}
    return [{"IpProtocol": "tcp", "FromPort": first, "ToPort": last, **source}]


def nat(subnet: str) -> None:
    """The NAT instance's launch template, group, hook, address and role."""
    role(f"tradai-nat-{ENV}", "ec2.amazonaws.com", ["ec2:AssociateAddress", "ec2:ModifyInstanceAttribute"])
    iam, profile = client("iam"), f"tradai-nat-{ENV}"
    iam.create_instance_profile(InstanceProfileName=profile)
    iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=profile)
    data = {
        "ImageId": image(),
        "InstanceType": "t4g.nano",
        "UserData": base64.b64encode(USER_DATA.encode()).decode(),
        "IamInstanceProfile": {"Name": profile},
    }
    client("ec2").create_launch_template(LaunchTemplateName="nat", LaunchTemplateData=data)
    scaling = client("autoscaling")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="nat",
        LaunchTemplate={"LaunchTemplateName": "nat", "Version": "$Latest"},
        MinSize=1,
        MaxSize=1,
        DesiredCapacity=1,
        VPCZoneIdentifier=subnet,
        Tags=[{**pair, "PropagateAtLaunch": True} for pair in PAIRS],
    )
    scaling.put_lifecycle_hook(
        LifecycleHookName="launch",
        AutoScalingGroupName="nat",
        LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING",
    )
    client("ec2").allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip"))


def rule(name: str, source: str, target: str) -> None:
    """A rule that sends a source's events to one target."""
    events = client("events")
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule=name, Targets=[{"Id": "one", "Arn": target}])


def function(name: str, actions: list[str]) -> str:
    """A Python function whose role allows `actions`; answers its ARN."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("handler.py", "def handle(event, context): return event")
    made = client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role(f"role-of-{name}", "lambda.amazonaws.com", actions),
        Handler="handler.handle",
        Code={"ZipFile": code.getvalue()},
        MemorySize=128,
        Timeout=120,
        Tags=TAGS,
    )
    return str(made["FunctionArn"])
