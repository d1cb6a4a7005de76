"""What there is in the account, over plain AWS calls: kind → names, ids where AWS knows a thing by nothing else.

One row a kind. Must never read Pulumi's state: it is what the state is judged by.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

Clients = Callable[[str], Any]

#: What AWS makes by itself has other names: service-linked roles, alarms of target tracking, RDS's own secrets.
OURS: Final = ("tradai-", "tradai/", "aws-waf-logs-tradai-", "/aws/vendedlogs/states/tradai-")


def _all(clients: Clients, service: str, operation: str, result: str, **arguments: object) -> list[Any]:
    """All items of a list operation, over all its pages where it has any."""
    client = clients(service)
    if not client.can_paginate(operation):
        return list(getattr(client, operation)(**arguments).get(result, []))
    pages = client.get_paginator(operation).paginate(**arguments)
    return [item for page in pages for item in page.get(result, [])]


def _names(items: Iterable[Any], key: str) -> set[str]:
    return {item[key] for item in items}


def _ours(names: Iterable[str]) -> set[str]:
    return {name for name in names if name.startswith(OURS)}


def _listed(service: str, operation: str, result: str, key: str, **arguments: object) -> Callable[[Clients], set[str]]:
    """A reader of everything that an operation lists, by one of its keys."""
    return lambda clients: _names(_all(clients, service, operation, result, **arguments), key)


def _vpcs(clients: Clients) -> set[str]:
    filters = [{"Name": "is-default", "Values": ["false"]}]
    return _names(_all(clients, "ec2", "describe_vpcs", "Vpcs", Filters=filters), "VpcId")


def _in_vpcs(operation: str, result: str, key: str) -> Callable[[Clients], set[str]]:
    """A reader of what is in the VPCs that are not AWS's default one, without what AWS makes with each VPC."""

    def read(clients: Clients) -> set[str]:
        filters = [{"Name": "vpc-id", "Values": sorted(_vpcs(clients)) or ["none"]}]
        found = _all(clients, "ec2", operation, result, Filters=filters)
        return _names([item for item in found if not _of_the_vpc(item)], key)

    return read


def _of_the_vpc(item: Any) -> bool:
    main = any(association.get("Main") for association in item.get("Associations", []))
    return bool(item.get("GroupName") == "default" or item.get("IsDefault") or main)


def _instances(clients: Clients) -> set[str]:
    states = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    reservations = _all(clients, "ec2", "describe_instances", "Reservations", Filters=states)
    return {instance["InstanceId"] for reservation in reservations for instance in reservation["Instances"]}


def _clusters(clients: Clients) -> set[str]:
    arns = _all(clients, "ecs", "list_clusters", "clusterArns")
    found = clients("ecs").describe_clusters(clusters=arns)["clusters"] if arns else []
    return _names([cluster for cluster in found if cluster["status"] != "INACTIVE"], "clusterName")


def _services(clients: Clients) -> set[str]:
    clusters = sorted(_clusters(clients))
    return {
        arn for cluster in clusters for arn in _all(clients, "ecs", "list_services", "serviceArns", cluster=cluster)
    }


def _users_clients(clients: Clients) -> set[str]:
    pools = [pool["Id"] for pool in _all(clients, "cognito-idp", "list_user_pools", "UserPools", MaxResults=60)]
    return {
        client["ClientId"]
        for pool in pools
        for client in _all(clients, "cognito-idp", "list_user_pool_clients", "UserPoolClients", UserPoolId=pool)
    }


def _of_apis(operation: str, key: str) -> Callable[[Clients], set[str]]:
    def read(clients: Clients) -> set[str]:
        apis = [api["ApiId"] for api in _all(clients, "apigatewayv2", "get_apis", "Items")]
        return {item[key] for api in apis for item in _all(clients, "apigatewayv2", operation, "Items", ApiId=api)}

    return read


def _of_balancers(clients: Clients) -> list[str]:
    balancers = _all(clients, "elbv2", "describe_load_balancers", "LoadBalancers")
    each = [
        _all(clients, "elbv2", "describe_listeners", "Listeners", LoadBalancerArn=b["LoadBalancerArn"])
        for b in balancers
    ]
    return [listener["ListenerArn"] for listeners in each for listener in listeners]


def _balancer_rules(clients: Clients) -> set[str]:
    each = [_all(clients, "elbv2", "describe_rules", "Rules", ListenerArn=arn) for arn in _of_balancers(clients)]
    return {rule["RuleArn"] for rules in each for rule in rules if not rule["IsDefault"]}


def _secrets(clients: Clients) -> set[str]:
    found = _all(clients, "secretsmanager", "list_secrets", "SecretList")
    return _ours(secret["Name"] for secret in found)


def _of(read: Callable[[Clients], set[str]]) -> Callable[[Clients], set[str]]:
    """Only what has one of our names."""
    return lambda clients: _ours(read(clients))


READERS: Final[dict[str, Callable[[Clients], set[str]]]] = {
    "buckets": _listed("s3", "list_buckets", "Buckets", "Name"),
    "tables": lambda c: set(_all(c, "dynamodb", "list_tables", "TableNames")),
    "repositories": _listed("ecr", "describe_repositories", "repositories", "repositoryName"),
    "package domains": _listed("codeartifact", "list_domains", "domains", "name"),
    "pools": _listed("cognito-idp", "list_user_pools", "UserPools", "Name", MaxResults=60),
    "pool clients": _users_clients,
    "vpcs": _vpcs,
    "subnets": _in_vpcs("describe_subnets", "Subnets", "SubnetId"),
    "route tables": _in_vpcs("describe_route_tables", "RouteTables", "RouteTableId"),
    "network acls": _in_vpcs("describe_network_acls", "NetworkAcls", "NetworkAclId"),
    "security groups": _in_vpcs("describe_security_groups", "SecurityGroups", "GroupId"),
    "endpoints": _in_vpcs("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    "addresses": _listed("ec2", "describe_addresses", "Addresses", "AllocationId"),
    "instances": _instances,
    "launch templates": _listed("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
    "groups": _listed("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupName"),
    "databases": _listed("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    "queues": lambda c: set(_all(c, "sqs", "list_queues", "QueueUrls")),
    "topics": _listed("sns", "list_topics", "Topics", "TopicArn"),
    "secrets": _secrets,
    "functions": _listed("lambda", "list_functions", "Functions", "FunctionName"),
    "mappings": _listed("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    "rules": _of(_listed("events", "list_rules", "Rules", "Name")),
    "clusters": _clusters,
    "services": _services,
    "definitions": lambda c: set(_all(c, "ecs", "list_task_definitions", "taskDefinitionArns", status="ACTIVE")),
    "namespaces": _listed("servicediscovery", "list_namespaces", "Namespaces", "Name"),
    "names": _listed("servicediscovery", "list_services", "Services", "Id"),
    "scaled": _listed(
        "application-autoscaling", "describe_scalable_targets", "ScalableTargets", "ResourceId", ServiceNamespace="ecs"
    ),
    "scaling policies": _listed(
        "application-autoscaling", "describe_scaling_policies", "ScalingPolicies", "PolicyName", ServiceNamespace="ecs"
    ),
    "workflows": _listed("stepfunctions", "list_state_machines", "stateMachines", "name"),
    "balancers": _listed("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName"),
    "listeners": lambda c: set(_of_balancers(c)),
    "balancer rules": _balancer_rules,
    "target groups": _listed("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupArn"),
    "apis": _listed("apigatewayv2", "get_apis", "Items", "Name"),
    "routes": _of_apis("get_routes", "RouteId"),
    "integrations": _of_apis("get_integrations", "IntegrationId"),
    "links": _listed("apigatewayv2", "get_vpc_links", "Items", "VpcLinkId"),
    "web acls": _listed("wafv2", "list_web_acls", "WebACLs", "Name", Scope="REGIONAL"),
    "alarms": _of(_listed("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName", AlarmTypes=["MetricAlarm"])),
    "composite alarms": _listed(
        "cloudwatch", "describe_alarms", "CompositeAlarms", "AlarmName", AlarmTypes=["CompositeAlarm"]
    ),
    "dashboards": _listed("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    "log groups": _of(_listed("logs", "describe_log_groups", "logGroups", "logGroupName")),
    "trails": _listed("cloudtrail", "describe_trails", "trailList", "Name"),
    "roles": _of(_listed("iam", "list_roles", "Roles", "RoleName")),
    "profiles": _of(_listed("iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName")),
}

#: What the persistent layer owns; it stands on when everything else is taken down.
PERSISTENT: Final = frozenset({"buckets", "tables", "repositories", "package domains", "pools", "pool clients"})


def inventory(clients: Clients) -> dict[str, set[str]]:
    """Everything of every kind."""
    return {kind: read(clients) for kind, read in READERS.items()}
