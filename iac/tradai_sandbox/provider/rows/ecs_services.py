"""Services (ECS).

Must never delete a service that still runs tasks without scaling it down first, unless the program says `forceDelete`,
and must never answer before a deleted one is inactive.
"""

from collections.abc import Mapping
from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Read, on, retag
from tradai_sandbox.provider.failures import ApiError, is_gone
from tradai_sandbox.provider.props import Prop, Props, local, lower_pairs, out, tags
from tradai_sandbox.provider.row import Row, Work

_WHICH: Final = {"cluster": "{cluster}", "service": "{name}"}
_ENABLED: Final = "ENABLED"
#: What an update sets to nothing when the program gives it up.
_NOTHING: Final[Mapping[str, Props]] = {
    "healthCheckGracePeriodSeconds": {"healthCheckGracePeriodSeconds": 0},
    "loadBalancers": {"loadBalancers": []},
    "serviceRegistries": {"serviceRegistries": []},
}
_BREAKER: Final = {"enable": False, "rollback": False}
#: Parts of one parameter, of which a request replaces the whole.
_DEPLOYMENT: Final = ("deploymentMaximumPercent", "deploymentMinimumHealthyPercent", "deploymentCircuitBreaker")


def _same_tail(actual: Any, wanted: Any) -> bool:
    """A cluster or a revision may be named by its ARN, or by the end of it."""
    return str(actual).rpartition("/")[2] == str(wanted).rpartition("/")[2]


_NETWORK: Final = (
    Prop("subnets", list, "awsvpcConfiguration.subnets"),
    Prop("securityGroups", list, "awsvpcConfiguration.securityGroups"),
    Prop(
        "assignPublicIp",
        bool,
        "awsvpcConfiguration.assignPublicIp",
        to=lambda public: _ENABLED if public else "DISABLED",
        back=lambda found: found == _ENABLED,
    ),
)


def _registry(registry: Props) -> list[Props]:
    """Pulumi's schema has one registry, the API a list of them."""
    numbers = {"port", "containerPort"}
    return [{k: int(v) if k in numbers else v for k, v in registry.items()}]


def _only_registry(found: list[Props]) -> Props | None:
    return found[0] if found else None


def _weights_alone(state: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Strategies change in place where the program forces a deployment, but not from none or to none."""
    name = "capacityProviderStrategies"
    return bool(inputs.get("forceNewDeployment") and state.get(name) and inputs.get(name))


_SETTINGS: Final = (
    Prop("taskDefinition", same=_same_tail),
    Prop("desiredCount", int, default=0),
    Prop("networkConfiguration", dict, fields=_NETWORK),
    Prop("loadBalancers", list),
    Prop("serviceRegistries", dict, to=_registry, back=_only_registry),
    Prop("platformVersion", computed=True),
    Prop("healthCheckGracePeriodSeconds", int),
    Prop("enableExecuteCommand", bool),
    Prop("enableEcsManagedTags", bool),
    Prop("propagateTags", computed=True),
    Prop("availabilityZoneRebalancing", computed=True),
    Prop("deploymentMaximumPercent", int, "deploymentConfiguration.maximumPercent", default=200),
    Prop("deploymentMinimumHealthyPercent", int, "deploymentConfiguration.minimumHealthyPercent", default=100),
    Prop("deploymentCircuitBreaker", dict, "deploymentConfiguration.deploymentCircuitBreaker", computed=True),
    Prop(
        "capacityProviderStrategies",
        list,
        "capacityProviderStrategy",
        replace=True,
        computed=True,
        in_place=_weights_alone,
    ),
)
"""What an update may change, by UpdateService."""


def _call(work: Work, op: str, **params: Any) -> None:
    """By way of the cloud itself: a parameter of ECS goes by the name by which `work` takes another service."""
    work.cloud.call("ecs", op, work.region, **work.fill(_WHICH), **params)


def _update(work: Work) -> None:
    names = work.changed & {p.name for p in _SETTINGS}
    if names & set(_DEPLOYMENT):
        names |= set(_DEPLOYMENT)
    params = work.params("UpdateService", names)
    gone = {key: value for name in names - set(work.inputs) for key, value in _NOTHING.get(name, {}).items()}
    if "deploymentCircuitBreaker" in work.changed - set(work.inputs):
        params["deploymentConfiguration"]["deploymentCircuitBreaker"] = _BREAKER
    force = {"forceNewDeployment": True} if work.inputs.get("forceNewDeployment") else {}
    _call(work, "UpdateService", **params, **gone, **force)


def _await_rest(work: Work) -> None:
    if work.inputs.get("waitForSteadyState"):
        work.wait("services_stable", cluster=work.values["cluster"], services=[work.values["name"]])


def _delete(work: Work) -> None:
    """As the official provider: no tasks first, unless the program says `forceDelete`; then until it is inactive."""
    if _SERVICE_READ(work) is None:
        return
    force = bool(work.inputs.get("forceDelete"))
    try:
        if not force:
            _call(work, "UpdateService", desiredCount=0)
        _call(work, "DeleteService", force=force)
    except ApiError as error:
        if not is_gone(error, work.row.gone):
            raise
    work.wait("services_inactive", cluster=work.values["cluster"], services=[work.values["name"]])


_SERVICE_READ: Final = Read(
    "DescribeServices",
    {"cluster": "{cluster}", "services": ["{name}"], "include": ["TAGS"]},
    "services[0]",
    alive=lambda service: service["status"] != "INACTIVE",
)

SERVICE: Final = Row(
    "aws:ecs/service:Service",
    "ecs",
    (
        Prop("name", api="serviceName", replace=True),
        Prop("cluster", api="cluster|clusterArn", replace=True, computed=True, same=_same_tail),
        Prop("launchType", replace=True, computed=True),
        *_SETTINGS,
        local("forceNewDeployment"),
        local("triggers", dict),
        local("waitForSteadyState", default=False),
        local("forceDelete"),
        *tags(to=lower_pairs),
        out("arn", api="serviceArn"),
    ),
    create=Create("CreateService", "service.serviceArn"),
    steps=(
        on({*(p.name for p in _SETTINGS), "forceNewDeployment", "triggers"}, _update, after_create=False),
        on({"waitForSteadyState", *(p.name for p in _SETTINGS)}, _await_rest),
        retag("TagResource", "UntagResource", {"resourceArn": "{arn}"}, tags="tags", keys="tagKeys"),
    ),
    read=(_SERVICE_READ,),
    delete=_delete,
    id="{arn}",
    import_id="{cluster}/{name}",
    name="name",
    gone=frozenset({"ServiceNotActiveException"}),
)

ROWS: Final = (SERVICE,)
