"""Task definitions and services; needs `iam`, `ec2_network`, `ec2_guards`, `elbv2` and `servicediscovery`."""

import json
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _containers(image: str) -> str:
    """As a program writes it: neither ordered as ECS orders it, nor with what ECS fills in."""
    container = {
        "name": "app",
        "image": image,
        "portMappings": [{"containerPort": 8000}],
        "environment": [{"name": "STAGE", "value": "case"}, {"name": "REGION", "value": "eu-central-1"}],
        "healthCheck": {"command": ["CMD-SHELL", "curl -f http://localhost:8000/health"]},
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": "/case", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "app"},
        },
    }
    return json.dumps([container])


_FARGATE: Final = {
    "network_mode": "awsvpc",
    "requires_compatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
    "execution_role_arn": Ref("iam.role", "arn"),
    "task_role_arn": Ref("iam.role", "arn"),
}


def _definition(aws: Aws, state: Props) -> Any:
    answer = aws("ecs").describe_task_definition(taskDefinition=state["arn"], include=["TAGS"])
    found = answer["taskDefinition"]
    if found["status"] != "ACTIVE":
        return None
    return {
        "size": [found["cpu"], found["memory"]],
        "runs": [[c["name"], c["image"], c["portMappings"][0]["hostPort"]] for c in found["containerDefinitions"]],
        "volumes": [volume["name"] for volume in found["volumes"]],
        "tags": {tag["key"]: tag["value"] for tag in answer["tags"]},
    }


def _register_another(aws: Aws, state: Props) -> Any:
    found = aws("ecs").describe_task_definition(taskDefinition=state["arn"])["taskDefinition"]
    keys = ("family", "networkMode", "requiresCompatibilities", "cpu", "memory", "executionRoleArn", "taskRoleArn")
    return aws("ecs").register_task_definition(
        containerDefinitions=json.loads(_containers("theirs:1")), **{key: found[key] for key in keys}
    )


def _alive(aws: Aws, state: Props) -> Props | None:
    found = aws("ecs").describe_services(cluster="case-home", services=[state["name"]], include=["TAGS"])["services"]
    return next((service for service in found if service["status"] == "ACTIVE"), None)


def _service(aws: Aws, state: Props) -> Any:
    found = _alive(aws, state)
    if found is None:
        return None
    deployment = found["deploymentConfiguration"]
    network = found["networkConfiguration"]["awsvpcConfiguration"]
    return {
        "count": [found["desiredCount"], found["runningCount"]],
        "on": [[s["capacityProvider"], s["weight"]] for s in found["capacityProviderStrategy"]],
        "behind": [[b["containerName"], b["containerPort"]] for b in found["loadBalancers"]],
        "registered": len(found["serviceRegistries"]),
        "percent": [deployment["minimumHealthyPercent"], deployment["maximumPercent"]],
        "breaks": [deployment["deploymentCircuitBreaker"][name] for name in ("enable", "rollback")],
        "grace": found["healthCheckGracePeriodSeconds"],
        "network": [len(network["subnets"]), len(network["securityGroups"]), network["assignPublicIp"]],
        "exec": found["enableExecuteCommand"],
    }


def _plain(aws: Aws, state: Props) -> Any:
    found = _alive(aws, state)
    if found is None:
        return None
    tags = {tag["key"]: tag["value"] for tag in found["tags"]}
    marks = [found["propagateTags"], found["enableECSManagedTags"], found["availabilityZoneRebalancing"]]
    revision = found["taskDefinition"].rpartition("/")[2].partition(":")[0]
    return [found["launchType"], found["desiredCount"], revision, marks, tags]


def _strategy(provider: str) -> list[Props]:
    return [{"capacity_provider": provider, "base": 0, "weight": 1}]


_NETWORK: Final = {
    "subnets": [Ref("ec2.subnet"), Ref("ec2.subnet-b")],
    "security_groups": [Ref("ec2.group")],
    "assign_public_ip": False,
}
_SERVICE: Final = {
    "count": [2, 2],
    "on": [["FARGATE_SPOT", 1]],
    "behind": [["app", 8000]],
    "registered": 1,
    "percent": [50, 200],
    "breaks": [True, True],
    "grace": 60,
    "network": [2, 1, "DISABLED"],
    "exec": False,
}
_TASK: Final = {"size": ["256", "512"], "runs": [["app", "case:1", 8000]], "volumes": ["scratch"]}

CASES: Final = (
    Case(
        "ecs.definition",
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            **_FARGATE,
            "family": "case-task",
            "container_definitions": _containers("case:1"),
            "runtime_platform": {"operating_system_family": "LINUX", "cpu_architecture": "ARM64"},
            "ephemeral_storage": {"size_in_gib": 30},
            "volumes": [{"name": "scratch"}],
            "tags": {"a": "1"},
        },
        _definition,
        {**_TASK, "tags": {"a": "1"}},
        update={"tags": {"b": "2"}},
        updated={**_TASK, "tags": {"b": "2"}},
        meddle=lambda aws, state: aws("ecs").tag_resource(
            resourceArn=state["arn"], tags=[{"key": "b", "value": "theirs"}]
        ),
        drifted=frozenset({"tags"}),
        replace={"container_definitions": _containers("case:2")},
        import_id=lambda state: str(state["arn"]),
    ),
    Case(
        "ecs.tracked-definition",
        "aws:ecs/taskDefinition:TaskDefinition",
        {**_FARGATE, "family": "case-tracked", "container_definitions": _containers("case:1"), "track_latest": True},
        _definition,
        {**_TASK, "volumes": [], "tags": {}},
        meddle=_register_another,
        drifted=frozenset({"containerDefinitions", "revision"}),
        replace={"cpu": "512", "memory": "1024"},
        import_id=None,
    ),
    Case(
        "ecs.deregistered-definition",
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "family": "case-deregistered",
            "container_definitions": json.dumps([{"name": "app", "image": "case:1", "memory": 128}]),
        },
        lambda aws, state: aws("ecs").describe_task_definition(taskDefinition=state["family"])["taskDefinition"][
            "status"
        ],
        "ACTIVE",
        meddle=lambda aws, state: aws("ecs").deregister_task_definition(taskDefinition=state["arn"]),
        import_id=lambda state: str(state["arn"]),
    ),
    Case(
        "ecs.home",
        "aws:ecs/cluster:Cluster",
        {"name": "case-home"},
        lambda aws, state: [
            c["clusterName"]
            for c in aws("ecs").describe_clusters(clusters=[state["id"]])["clusters"]
            if c["status"] == "ACTIVE"
        ],
        ["case-home"],
        import_id=None,
    ),
    Case(
        "ecs.home-capacity",
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        {"cluster_name": Ref("ecs.home", "name"), "capacity_providers": ["FARGATE", "FARGATE_SPOT"]},
        lambda aws, state: aws("ecs").describe_clusters(clusters=["case-home"])["clusters"][0]["capacityProviders"],
        ["FARGATE", "FARGATE_SPOT"],
    ),
    Case(
        "ecs.group",
        "aws:lb/targetGroup:TargetGroup",
        {"name": "case-tasks", "port": 8000, "protocol": "HTTP", "target_type": "ip", "vpc_id": Ref("ec2.vpc")},
        lambda aws, state: aws("elbv2").describe_target_groups(TargetGroupArns=[state["id"]])["TargetGroups"][0][
            "Port"
        ],
        8000,
        update={"deregistration_delay": 30},
        updated=8000,
    ),
    Case(
        "ecs.listener",
        "aws:lb/listener:Listener",
        {
            "load_balancer_arn": Ref("lb.balancer", "arn"),
            "port": 8000,
            "protocol": "HTTP",
            "default_actions": [{"type": "forward", "target_group_arn": Ref("ecs.group", "arn")}],
        },
        lambda aws, state: aws("elbv2").describe_listeners(ListenerArns=[state["id"]])["Listeners"][0]["Port"],
        8000,
    ),
    Case(
        "ecs.service",
        "aws:ecs/service:Service",
        {
            "name": "case-service",
            "cluster": Ref("ecs.home-capacity", "cluster_name"),
            "task_definition": Ref("ecs.definition", "arn"),
            "desired_count": 2,
            "capacity_provider_strategies": _strategy("FARGATE_SPOT"),
            "network_configuration": _NETWORK,
            "load_balancers": [
                {"target_group_arn": Ref("ecs.group", "arn"), "container_name": "app", "container_port": 8000}
            ],
            "service_registries": {"registry_arn": Ref("sd.service", "arn")},
            "deployment_circuit_breaker": {"enable": True, "rollback": True},
            "deployment_minimum_healthy_percent": 50,
            "health_check_grace_period_seconds": 60,
            "wait_for_steady_state": True,
            # a target group takes tasks only once a listener sends it requests
            "tags": {"listener": Ref("ecs.listener", "arn")},
        },
        _service,
        _SERVICE,
        update={
            "desired_count": 3,
            "enable_execute_command": True,
            "deployment_maximum_percent": 150,
            "deployment_circuit_breaker": {"enable": True, "rollback": False},
            "network_configuration": {**_NETWORK, "subnets": [Ref("ec2.subnet")]},
            "service_registries": {"registry_arn": Ref("sd.port-service", "arn"), "port": 8000},
        },
        updated={
            **_SERVICE,
            "count": [3, 3],
            "exec": True,
            "percent": [50, 150],
            "breaks": [True, False],
            "network": [1, 1, "DISABLED"],
        },
        meddle=lambda aws, state: aws("ecs").update_service(
            cluster="case-home", service="case-service", desiredCount=5, healthCheckGracePeriodSeconds=1
        ),
        drifted=frozenset({"desiredCount", "healthCheckGracePeriodSeconds"}),
        replace={"capacity_provider_strategies": _strategy("FARGATE")},
        import_id=lambda state: f"case-home/{state['name']}",
        not_imported=frozenset({"waitForSteadyState"}),
    ),
    Case(
        "ecs.forced-service",
        "aws:ecs/service:Service",
        {
            "name": "case-forced",
            "cluster": Ref("ecs.home-capacity", "cluster_name"),
            "task_definition": Ref("ecs.definition", "arn"),
            "capacity_provider_strategies": _strategy("FARGATE_SPOT"),
            "network_configuration": _NETWORK,
            "force_new_deployment": True,
        },
        lambda aws, state: [s["capacityProvider"] for s in (_alive(aws, state) or {})["capacityProviderStrategy"]],
        ["FARGATE_SPOT"],
        update={"capacity_provider_strategies": _strategy("FARGATE")},
        updated=["FARGATE"],
        import_id=lambda state: f"case-home/{state['name']}",
        not_imported=frozenset({"forceNewDeployment"}),
    ),
    Case(
        "ecs.plain-service",
        "aws:ecs/service:Service",
        {
            "name": "case-plain",
            "cluster": Ref("ecs.home", "arn"),
            "task_definition": Ref("ecs.definition", "arn"),
            "desired_count": 1,
            "launch_type": "FARGATE",
            "network_configuration": _NETWORK,
            "propagate_tags": "SERVICE",
            "enable_ecs_managed_tags": True,
            "availability_zone_rebalancing": "DISABLED",
            "tags": {"a": "1"},
        },
        _plain,
        ["FARGATE", 1, "case-task", ["SERVICE", True, "DISABLED"], {"a": "1"}],
        update={"propagate_tags": "TASK_DEFINITION", "force_delete": True, "tags": {"b": "2"}},
        updated=["FARGATE", 1, "case-task", ["TASK_DEFINITION", True, "DISABLED"], {"b": "2"}],
        meddle=lambda aws, state: aws("ecs").update_service(
            cluster="case-home", service="case-plain", propagateTags="SERVICE"
        ),
        drifted=frozenset({"propagateTags"}),
        replace={"name": "case-plain-2"},
        import_id=lambda state: f"case-home/{state['name']}",
        not_imported=frozenset({"forceDelete"}),
    ),
)
