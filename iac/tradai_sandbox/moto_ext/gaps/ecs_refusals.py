"""What ECS refuses about services, clusters and capacity providers, and moto lets pass.

Only refusals; must never change anything.
"""

from collections.abc import Mapping
from typing import Any

from moto.ecs.exceptions import (
    ClusterNotFoundException,
    EcsClientException,
    ECSException,
    InvalidParameterException,
    ServiceNotFoundException,
)
from moto.elbv2.models import elbv2_backends
from moto.servicediscovery.models import servicediscovery_backends

Asked = Mapping[str, Any]


def creation(backend: Any, asked: Asked) -> None:
    """Raises what CreateService raises for a request that moto would take."""
    cluster = backend._get_cluster(asked.get("cluster", "default"))
    if cluster.status != "ACTIVE":
        raise ClusterNotFoundException
    if any(s.name == asked["serviceName"] for s in services(backend, cluster.name)):
        raise InvalidParameterException("Creation of service was not idempotent.")
    if asked.get("launchType") and asked.get("capacityProviderStrategy"):
        raise InvalidParameterException("Specify either a launch type or a capacity provider strategy, not both.")
    definition = backend.describe_task_definition(asked["taskDefinition"])
    if definition.network_mode == "awsvpc" and not asked.get("networkConfiguration"):
        raise InvalidParameterException(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        )
    if asked.get("healthCheckGracePeriodSeconds") and not asked.get("loadBalancers"):
        raise InvalidParameterException(
            "Health check grace period is only valid for services configured to use load balancers"
        )
    common(backend, cluster, definition, asked)


def update(backend: Any, asked: Asked) -> None:
    """Raises what UpdateService raises for a request that moto would take."""
    cluster = backend._get_cluster(asked.get("cluster", "default"))
    service = next((s for s in services(backend, cluster.name) if asked["service"] in (s.name, s.arn)), None)
    if service is None:
        backend._get_service(cluster.name, asked["service"])
        raise ECSException("ServiceNotActiveException", "Service was not ACTIVE.")
    definition = backend.describe_task_definition(asked.get("taskDefinition", service.task_definition))
    common(backend, cluster, definition, asked)


def common(backend: Any, cluster: Any, definition: Any, asked: Asked) -> None:
    """Raises what both raise: about definitions, capacity providers, target groups and registries."""
    if "taskDefinition" in asked and definition.status != "ACTIVE":
        raise EcsClientException("TaskDefinition is inactive")
    known = cluster.capacity_providers or []
    for item in asked.get("capacityProviderStrategy") or []:
        if item["capacityProvider"] not in known:
            raise InvalidParameterException(
                f"The specified capacity provider '{item['capacityProvider']}' is not associated with the cluster."
            )
    for balancer in asked.get("loadBalancers") or []:
        _load_balancer(backend, definition, balancer)
    for registry in asked.get("serviceRegistries") or []:
        _registry(backend, definition, registry)


def _load_balancer(backend: Any, definition: Any, asked: Asked) -> None:
    arn = str(asked.get("targetGroupArn"))
    group = elbv2_backends[backend.account_id][backend.region_name].target_groups.get(arn)
    if group is None:
        raise InvalidParameterException(f"Unable to find the target group {arn}.")
    if not group.load_balancer_arns:
        raise InvalidParameterException(
            f"The target group with targetGroupArn {arn} does not have an associated load balancer."
        )
    _container(definition, asked)


def _registry(backend: Any, definition: Any, asked: Asked) -> None:
    arn = asked["registryArn"]
    known = servicediscovery_backends[backend.account_id][backend.region_name].services
    service = known.get(arn.rpartition("/")[2])
    if service is None:
        raise InvalidParameterException(f"The service registry {arn} does not exist.")
    if asked.get("containerName"):
        _container(definition, asked)
    types = {record["Type"] for record in (service.dns_config or {}).get("DnsRecords", [])}
    told = bool(asked.get("port")), bool(asked.get("containerName") and asked.get("containerPort"))
    if "SRV" in types and told.count(True) != 1:
        raise InvalidParameterException(
            "When specifying an SRV service registry, either a container name and port, or a port must be specified."
        )


def _container(definition: Any, asked: Asked) -> None:
    name, port = asked.get("containerName"), asked.get("containerPort")
    found = next((c for c in definition.container_definitions if c["name"] == name), None)
    if found is None:
        raise InvalidParameterException(f"The container {name} does not exist in the task definition.")
    if port not in [mapping.get("containerPort") for mapping in found["portMappings"]]:
        raise InvalidParameterException(f"The container {name} did not have a container port {port} defined.")


def deletion_of_cluster(backend: Any, name: str) -> None:
    """Raises what DeleteCluster raises while a service is there."""
    cluster = backend._get_cluster(name)
    if any(services(backend, cluster.name)):
        raise ECSException(
            "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active."
        )


def providers(backend: Any, name: str, wanted: list[str]) -> None:
    """Raises what PutClusterCapacityProviders raises where a provider that tasks run on would go."""
    cluster = backend._get_cluster(name)
    used = {
        item["capacityProvider"]
        for service in services(backend, cluster.name)
        if service.running_count
        for item in service.capacity_provider_strategy
    }
    if gone := used - set(wanted):
        raise ECSException(
            "ResourceInUseException",
            f"The specified capacity provider is in use and cannot be removed: {', '.join(sorted(gone))}",
        )


def services(backend: Any, cluster: str) -> list[Any]:
    """The services of a cluster that are not deleted."""
    return [s for s in backend.services.values() if s.cluster_name == cluster and s.status == "ACTIVE"]


def find(backend: Any, cluster: str, name: str) -> Any:
    """One service that is not deleted, by its name or ARN; raises ServiceNotFoundException."""
    found = next((s for s in services(backend, cluster) if name in (s.name, s.arn)), None)
    if found is None:
        raise ServiceNotFoundException
    return found
