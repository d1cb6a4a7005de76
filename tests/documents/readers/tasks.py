"""Task definitions, ECS services and how an environment computes (002 §2.2, §2.5, §10; 001 §6); reads only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.documents.live import AbsentError, Facts, Live, tags_of
from tests.documents.readers.compute import cluster_arn
from tests.documents.readers.instance import group_of_services

STANDING = ("backend-api", "data-collection", "mlflow", "strategy-service")


def task_definition(live: Live, name: str) -> Facts:
    """CPU (1/1024 vCPU), memory (MB), port, image and log group of a family's newest, and each variable as a fact."""
    answer = live.clients("ecs").describe_task_definition(taskDefinition=name, include=["TAGS"])
    found = answer["taskDefinition"]
    container: Mapping[str, Any] = found["containerDefinitions"][0]
    ports = [mapping["containerPort"] for mapping in container.get("portMappings", [])]
    return {
        "cpu": int(found["cpu"]),
        "memory": int(found["memory"]),
        "port": ports[0] if ports else 0,
        "compatible with": sorted(found.get("requiresCompatibilities", [])),
        "image from": container["image"].partition("/")[2].partition("@")[0],
        "log group": container.get("logConfiguration", {}).get("options", {}).get("awslogs-group", ""),
        "tags": tags_of(answer.get("tags", []), "key", "value"),
        **{f"variable {pair['name']}": pair["value"] for pair in container.get("environment", [])},
    }


def _services(live: Live) -> dict[str, Mapping[str, Any]]:
    arn = cluster_arn(live)
    listed = live.pages("ecs", "list_services", "serviceArns", cluster=arn)
    ecs = live.clients("ecs")
    batches = [listed[start : start + 10] for start in range(0, len(listed), 10)]
    answers = [ecs.describe_services(cluster=arn, services=batch, include=["TAGS"])["services"] for batch in batches]
    return {service["serviceName"]: service for answer in answers for service in answer}


def services(live: Live) -> dict[str, Mapping[str, Any]]:
    """The services of the environment's cluster by name, described."""
    return dict(live.once(("ecs services",), lambda: _services(live)))


def ecs_service(live: Live, name: str) -> Facts:
    """How many tasks of a service are wanted, on what, where, and with which tags."""
    found = services(live).get(name)
    if found is None:
        raise AbsentError(f"no ECS service {name}")
    network = found.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
    return {
        "desired count": found["desiredCount"],
        "launch type": _launch_type(found),
        "public address": network.get("assignPublicIp") == "ENABLED",
        "in Service Discovery": bool(found.get("serviceRegistries")),
        "tags": tags_of(found.get("tags", []), "key", "value"),
    }


def _launch_type(service: Mapping[str, Any]) -> str:
    providers = sorted({item["capacityProvider"] for item in service.get("capacityProviderStrategy", [])})
    return ", ".join(providers) or str(service.get("launchType"))


def compute_mode(live: Live, name: str) -> Facts:
    """Where the four standing services run, in the words of 002 §10, how many of each, and all ECS services."""
    known = services(live)
    standing = [known[service] for service in (f"tradai-{one}-{live.env}" for one in STANDING) if service in known]
    group = group_of_services(live)
    on = {_launch_type(service) for service in standing}
    counts = {service["desiredCount"] for service in standing} if standing else {_capacity(group)}
    return {
        "mode": _mode(group, on, len(standing)),
        "standing services as tasks": len(standing),
        "of each standing service": counts.pop() if len(counts) == 1 else sorted(counts),
        "services": len(standing) if group is None else len(standing) + len(group["services"]),
        "ECS services": sorted(known),
        "live trading on": _launch_type(known[f"tradai-live-trading-{live.env}"]),
        "strategies on": _launch_type(known[f"tradai-strategy-container-{live.env}"]),
    }


def _capacity(group: Mapping[str, Any] | None) -> int:
    return int(group["capacity"]) if group else 0


def _mode(group: Mapping[str, Any] | None, launch_types: set[str], standing: int) -> str:
    if group and not standing:
        return f"Consolidated EC2 ({group['instance type']})"
    if group is None and standing == len(STANDING) and launch_types == {"FARGATE"}:
        return "ECS Fargate"
    return f"{standing} of {len(STANDING)} as tasks, {'an' if group else 'no'} instance"
