"""What there is in the account, over plain AWS calls: kind → names.

One row a kind. Must never read Pulumi's state: it is what the state is judged by.
"""

from collections.abc import Callable
from typing import Any, Final

Clients = Callable[[str], Any]


def _names(items: list[Any], key: str) -> set[str]:
    return {item[key] for item in items}


def _vpcs(clients: Clients) -> set[str]:
    found = clients("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])
    return _names(found["Vpcs"], "VpcId")


def _addresses(clients: Clients) -> set[str]:
    return _names(clients("ec2").describe_addresses()["Addresses"], "AllocationId")


def _instances(clients: Clients) -> set[str]:
    states = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    reservations = clients("ec2").describe_instances(Filters=states)["Reservations"]
    return {instance["InstanceId"] for reservation in reservations for instance in reservation["Instances"]}


def _clusters(clients: Clients) -> set[str]:
    arns = clients("ecs").list_clusters()["clusterArns"]
    found = clients("ecs").describe_clusters(clusters=arns)["clusters"] if arns else []
    return _names([cluster for cluster in found if cluster["status"] != "INACTIVE"], "clusterName")


def _roles(clients: Clients) -> set[str]:
    roles = _names(clients("iam").list_roles()["Roles"], "RoleName")
    return {name for name in roles if name.startswith("tradai-")}


READERS: Final[dict[str, Callable[[Clients], set[str]]]] = {
    "buckets": lambda c: _names(c("s3").list_buckets()["Buckets"], "Name"),
    "tables": lambda c: set(c("dynamodb").list_tables()["TableNames"]),
    "repositories": lambda c: _names(c("ecr").describe_repositories(maxResults=500)["repositories"], "repositoryName"),
    "pools": lambda c: _names(c("cognito-idp").list_user_pools(MaxResults=60)["UserPools"], "Name"),
    "vpcs": _vpcs,
    "addresses": _addresses,
    "instances": _instances,
    "databases": lambda c: _names(c("rds").describe_db_instances()["DBInstances"], "DBInstanceIdentifier"),
    "queues": lambda c: set(c("sqs").list_queues().get("QueueUrls", [])),
    "topics": lambda c: _names(c("sns").list_topics()["Topics"], "TopicArn"),
    "functions": lambda c: _names(c("lambda").list_functions()["Functions"], "FunctionName"),
    "clusters": _clusters,
    "balancers": lambda c: _names(c("elbv2").describe_load_balancers()["LoadBalancers"], "LoadBalancerName"),
    "apis": lambda c: _names(c("apigatewayv2").get_apis()["Items"], "Name"),
    "groups": lambda c: _names(
        c("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"], "AutoScalingGroupName"
    ),
    "dashboards": lambda c: _names(c("cloudwatch").list_dashboards()["DashboardEntries"], "DashboardName"),
    "roles": _roles,
}

#: What the persistent layer owns; it stands on when everything else is taken down.
PERSISTENT: Final = frozenset({"buckets", "tables", "repositories", "pools"})


def inventory(clients: Clients) -> dict[str, set[str]]:
    """Everything of every kind."""
    return {kind: read(clients) for kind, read in READERS.items()}
