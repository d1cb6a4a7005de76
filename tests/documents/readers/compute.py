"""Cluster, roles, load balancer and target groups (002 §1.2, §2.1; 001 §6, §7); reads only."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

from tests.documents.live import Facts, Live, of_environment, one, tags_of
from tests.documents.readers.network import in_vpc, vpc_id


def cluster_arn(live: Live) -> str:
    """The ARN of the environment's one cluster."""
    arns = live.pages("ecs", "list_clusters", "clusterArns")
    return str(one([arn for arn in arns if of_environment(arn.rsplit("/", 1)[1], live.env)], f"clusters of {live.env}"))


def cluster(live: Live, name: str) -> Facts:
    """Capacity and tags of the environment's one cluster."""
    arn = cluster_arn(live)
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
    """Scheme, type, subnets, groups, listeners, services with a path of their own and tags of the load balancer."""
    elb, found = live.clients("elbv2"), balancer(live)
    arn = found["LoadBalancerArn"]
    cidrs = {item["SubnetId"]: item["CidrBlock"] for item in in_vpc(live, "describe_subnets", "Subnets")}
    groups = {item["GroupId"]: item["GroupName"] for item in in_vpc(live, "describe_security_groups", "SecurityGroups")}
    return {
        "scheme": found["Scheme"],
        "type": found["Type"],
        "subnets": sorted(cidrs[zone["SubnetId"]] for zone in found["AvailabilityZones"]),
        "security groups": sorted(groups[one_id] for one_id in found["SecurityGroups"]),
        "listeners": sorted(f"{item['Port']} {item['Protocol']}" for item in listeners(live)),
        "routes by path to": sorted({service for _, service in paths(live)}),
        "tags": tags_of(elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]),
    }


def balancers(live: Live) -> list[Any]:
    """Every load balancer of the environment's VPC."""
    vpc = vpc_id(live, f"tradai-vpc-{live.env}")
    return [b for b in live.pages("elbv2", "describe_load_balancers", "LoadBalancers") if b["VpcId"] == vpc]


def balancer(live: Live) -> dict[str, Any]:
    """The one load balancer of the environment's VPC."""
    found: dict[str, Any] = one(balancers(live), f"load balancers of {live.env}")
    return found


def listeners(live: Live) -> list[Any]:
    """The listeners of the environment's load balancer."""
    return live.pages("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=balancer(live)["LoadBalancerArn"])


def paths(live: Live) -> list[tuple[str, str]]:
    """(path pattern, service) of the load balancer's rules, those that are asked first at the head."""
    arns = [listener["ListenerArn"] for listener in listeners(live)]
    rules = [rule for arn in arns for rule in live.pages("elbv2", "describe_rules", "Rules", ListenerArn=arn)]
    ranked = sorted((rule for rule in rules if not rule["IsDefault"]), key=lambda rule: int(rule["Priority"]))
    return [(pattern, _service(live, rule)) for rule in ranked for pattern in _patterns(rule)]


def _patterns(rule: dict[str, Any]) -> list[str]:
    """A rule says its patterns in one of two places, as it was made."""
    mine = [item for item in rule["Conditions"] if item["Field"] == "path-pattern"]
    return [path for item in mine for path in item.get("PathPatternConfig", item)["Values"]]


def _service(live: Live, rule: dict[str, Any]) -> str:
    """The service whose target group a rule forwards to: `backend-api` of `tradai-backend-api-dev`."""
    arn = str(rule["Actions"][0].get("TargetGroupArn", "//"))
    return arn.split("/")[1].removeprefix("tradai-").removesuffix(f"-{live.env}")


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
