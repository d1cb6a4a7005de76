"""ECS services: what a service is told is kept and described; its scheduler comes to rest at once.

No container runs: the tasks that are wanted count as running. Must never keep a parameter that nobody gave, beside
the defaults that AWS documents.
"""

from collections.abc import Mapping
from typing import Any, Final

from botocore import xform_name
from moto.core.utils import utcnow
from moto.ecs import models, responses
from moto.moto_api._internal import mock_random

from tradai_sandbox.moto_ext.gaps import ecs_refusals
from tradai_sandbox.moto_ext.gaps.patching import wrap

_KEPT: Final = (
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "loadBalancers",
    "networkConfiguration",
    "placementConstraints",
    "placementStrategy",
    "platformVersion",
    "propagateTags",
    "serviceRegistries",
)
#: Parameters of UpdateService whose change starts a deployment.
_DEPLOYS: Final = frozenset(
    {
        "capacityProviderStrategy",
        "forceNewDeployment",
        "loadBalancers",
        "networkConfiguration",
        "platformVersion",
        "serviceRegistries",
        "taskDefinition",
    }
)
_DEPLOYMENT: Final = {
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
}


def repair() -> None:
    """Keep what services are told, refuse what AWS refuses, forget what is deleted."""
    wrap(models.Service, __init__=_at_rest)
    wrap(
        models.EC2ContainerServiceBackend,
        delete_service=_stopped,
        list_services=_alive,
        delete_cluster=_empty,
        put_cluster_capacity_providers=_unused,
    )
    wrap(responses.EC2ContainerServiceResponse, create_service=_created, update_service=_updated)


def _at_rest(original: Any) -> Any:
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.running_count, self.pending_count = self.desired_count, 0
        self.created_at = utcnow()
        self.capacity_provider_strategy = []
        self.deployment_configuration = dict(_DEPLOYMENT)

    return init


def _created(original: Any) -> Any:
    def create_service(self: Any) -> Any:
        asked, backend = dict(self.params), self.ecs_backend
        ecs_refusals.creation(backend, asked)
        result = original(self)
        cluster = backend._get_cluster(asked.get("cluster", "default"))
        service = ecs_refusals.find(backend, cluster.name, asked["serviceName"])
        _keep(service, {**_defaults(cluster, asked), **asked})
        _deploy(service)
        return result

    return create_service


def _defaults(cluster: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What CreateService chooses where the request is silent; a cluster's strategy holds without a launch type."""
    usual = {"availabilityZoneRebalancing": "ENABLED", "enableECSManagedTags": False, "enableExecuteCommand": False}
    strategy = asked.get("capacityProviderStrategy")
    if not asked.get("launchType") and not strategy:
        strategy = cluster.default_capacity_provider_strategy
    fargate = asked.get("launchType") == "FARGATE" or any("FARGATE" in s["capacityProvider"] for s in strategy or [])
    return {
        **usual,
        **({"capacityProviderStrategy": strategy} if strategy else {}),
        **({"platformVersion": "LATEST"} if fargate else {}),
        **({"healthCheckGracePeriodSeconds": 0} if asked.get("loadBalancers") else {}),
    }


def _keep(service: Any, asked: Mapping[str, Any]) -> None:
    for name in _KEPT:
        if asked.get(name) is not None:
            setattr(service, xform_name(name), asked[name])
    if service.capacity_provider_strategy:
        service.launch_type = None
        service.capacity_provider_strategy = [
            {"base": 0, "weight": 0, **item} for item in service.capacity_provider_strategy
        ]
    if asked.get("deploymentConfiguration"):
        service.deployment_configuration = {**service.deployment_configuration, **asked["deploymentConfiguration"]}


def _updated(original: Any) -> Any:
    def update_service(self: Any) -> Any:
        asked, backend = dict(self.params), self.ecs_backend
        ecs_refusals.update(backend, asked)
        service = backend._get_service(asked.get("cluster", "default"), asked["service"])
        self.params["desiredCount"] = asked.get("desiredCount", service.desired_count)
        result = original(self)
        service.task_definition = backend.describe_task_definition(service.task_definition).arn
        _keep(service, asked)
        if _DEPLOYS & {name for name, value in asked.items() if value}:
            _deploy(service)
        for deployment in service.deployments:
            deployment |= {"desiredCount": service.desired_count, "runningCount": service.running_count}
        return result

    return update_service


def _deploy(service: Any) -> None:
    """One deployment, of what the service is now, that has succeeded."""
    now, number = utcnow(), f"ecs-svc/{mock_random.randint(10**18, 10**19 - 1)}"
    service.deployments = [
        {
            "id": number,
            "status": "PRIMARY",
            "taskDefinition": service.task_definition,
            "desiredCount": service.desired_count,
            "runningCount": service.running_count,
            "pendingCount": 0,
            "failedTasks": 0,
            "createdAt": now,
            "updatedAt": now,
            "launchType": service.launch_type,
            "capacityProviderStrategy": service.capacity_provider_strategy,
            "platformVersion": service.platform_version,
            "networkConfiguration": service.network_configuration or None,
            "rolloutState": "COMPLETED",
            "rolloutStateReason": f"ECS deployment {number} completed.",
        }
    ]


def _stopped(original: Any) -> Any:
    def delete_service(self: Any, cluster_name: str, service_name: str, force: bool) -> Any:
        service = original(self, cluster_name, service_name, force)
        service.desired_count = service.running_count = 0
        service.deployments = []
        return service

    return delete_service


def _alive(original: Any) -> Any:
    def list_services(self: Any, cluster_str: str, *args: Any, **kwargs: Any) -> list[str]:
        cluster = self._get_cluster(cluster_str).name
        alive = {service.arn for service in ecs_refusals.services(self, cluster)}
        return [arn for arn in original(self, cluster_str, *args, **kwargs) if arn in alive]

    return list_services


def _empty(original: Any) -> Any:
    def delete_cluster(self: Any, cluster_str: str) -> Any:
        ecs_refusals.deletion_of_cluster(self, cluster_str)
        return original(self, cluster_str)

    return delete_cluster


def _unused(original: Any) -> Any:
    def put_cluster_capacity_providers(self: Any, cluster_name: str, wanted: list[str] | None, strategy: Any) -> Any:
        ecs_refusals.providers(self, cluster_name, wanted or [])
        return original(self, cluster_name, wanted, strategy)

    return put_cluster_capacity_providers
