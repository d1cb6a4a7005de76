"""Cluster, roles, load balancer and target groups (002 §1.2, §2.1; 001 §6, §7); reads only."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

from tests.documents.live import Facts, Live, of_environment, one, tags_of
from tests.documents.readers.network import in_vpc, vpc_id


def cluster(live: Live, name: str) -> Facts:
    """Capacity and tags of the environment's one cluster."""
    arns = live.pages("ecs", "list_clusters", "clusterArns")
    ours = [arn for arn in arns if of_environment(arn.rsplit("/", 1)[1], live.env)]
    arn = one(ours, f"clusters of {live.env}")
    found = live.clients("ecs").describe_clusters(clusters=[arn], include=["TAGS"])["clusters"][0]
    tags = tags_of(found.get("tags", []), "key", "value")
    return {"capacity": sorted(found.get("capacityProviders", [])), "tags": tags}


def task_roles(live: Live, name: str) -> Facts:
    """How many roles of the environment ECS tasks may take."""
    roles = [role for role in live.pages("iam", "list_roles", "Roles") if of_environment(role["RoleName"], live.env)]
    return {"count": sum("ecs-tasks.amazonaws.com" in _trust(role) for role in roles)}


def _trust(role: dict[str, Any]) -> str:
    document = role["AssumeRolePolicyDocument"]
    return urllib.parse.unquote(document) if isinstance(document, str) else json.dumps(document)


def load_balancer(live: Live, name: str) -> Facts:
    """Scheme, type, subnets, groups, listeners and tags of the VPC's load balancer."""
    elb, vpc = live.clients("elbv2"), vpc_id(live, f"tradai-vpc-{live.env}")
    found = one([item for item in _balancers(live) if item["VpcId"] == vpc], f"load balancers of {live.env}")
    arn = found["LoadBalancerArn"]
    cidrs = {item["SubnetId"]: item["CidrBlock"] for item in in_vpc(live, "describe_subnets", "Subnets")}
    groups = {item["GroupId"]: item["GroupName"] for item in in_vpc(live, "describe_security_groups", "SecurityGroups")}
    listeners = live.pages("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=arn)
    return {
        "scheme": found["Scheme"],
        "type": found["Type"],
        "subnets": sorted(cidrs[zone["SubnetId"]] for zone in found["AvailabilityZones"]),
        "security groups": sorted(groups[one_id] for one_id in found["SecurityGroups"]),
        "listeners": sorted(f"{item['Port']} {item['Protocol']}" for item in listeners),
        "tags": tags_of(elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]),
    }


def _balancers(live: Live) -> list[Any]:
    return live.pages("elbv2", "describe_load_balancers", "LoadBalancers")


def target_group(live: Live, name: str) -> Facts:
    """Protocol, health path and tags of the VPC's target group for the port `name`."""
    vpc = vpc_id(live, f"tradai-vpc-{live.env}")
    groups = live.pages("elbv2", "describe_target_groups", "TargetGroups")
    mine = [item for item in groups if item.get("VpcId") == vpc and str(item.get("Port")) == name]
    found = one(mine, f"target groups for port {name}")
    tags = live.clients("elbv2").describe_tags(ResourceArns=[found["TargetGroupArn"]])["TagDescriptions"][0]["Tags"]
    return {
        "protocol": found["Protocol"],
        "health check path": found["HealthCheckPath"],
        "tags": tags_of(tags),
    }
