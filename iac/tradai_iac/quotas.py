"""How much of AWS's quotas a resource graph takes; which quotas a system touches its blueprint declares.

Several environments stand in one account (002 §9.1 names them apart). Defaults are AWS's for a new account, with the
code in Service Quotas where it is known. Must never name a resource: rows say which types count, and how.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil
from typing import Any, Final, Literal

from tradai_iac.base import Frozen

#: A resource of a graph: type token, and inputs as the engine has them.
Resource = tuple[str, Mapping[str, Any]]
Measure = Literal["resources", "instance-vcpus", "task-vcpus", "executions"]

#: vCPUs of the instance types in use; AWS counts instances by them.
INSTANCE_VCPUS: Final = {"t3.small": 2, "t4g.nano": 2}

_CPU_UNITS_OF_A_VCPU: Final = 1024


class Quota(Frozen):
    """One quota: `default` is AWS's, in the unit of the measure.

    `types` count where their inputs have what `where` says. With `within`, AWS counts per parent, which those inputs
    name, and the fullest parent is what matters; else all environments of the account and Region count together.
    """

    service: str
    name: str
    code: str | None
    default: int
    types: tuple[str, ...]
    where: tuple[tuple[str, str], ...] = ()
    within: tuple[str, ...] = ()
    measure: Measure = "resources"

    def use(self, graph: Sequence[Resource]) -> int:
        """How much of it one environment takes."""
        return _MEASURES[self.measure](self, graph)

    def together(self, graphs: Iterable[Sequence[Resource]]) -> int:
        """How much of it several environments of one account take."""
        uses = [self.use(graph) for graph in graphs]
        return max(uses) if self.within else sum(uses)


def room_for(quotas: Iterable[Quota], standing: Sequence[Sequence[Resource]], more: Sequence[Resource]) -> int:
    """How many environments like `more` fit beside those that stand, by all quotas that these do not exceed already."""
    left = [
        (quota.default - quota.together(standing)) // quota.use(more)
        for quota in quotas
        if not quota.within and quota.use(more) and quota.together(standing) <= quota.default
    ]
    return min(left)


def _counted(quota: Quota, graph: Sequence[Resource]) -> list[Resource]:
    return [
        (type_, inputs)
        for type_, inputs in graph
        if type_ in quota.types and all(inputs.get(key) == value for key, value in quota.where)
    ]


def _resources(quota: Quota, graph: Sequence[Resource]) -> int:
    """All, or those of the fullest parent; a type within a parent is counted apart from another."""
    counted = _counted(quota, graph)
    if not quota.within:
        return len(counted)
    parents = Counter((type_, *(str(inputs.get(key)) for key in quota.within)) for type_, inputs in counted)
    return max(parents.values(), default=0)


def _instance_vcpus(quota: Quota, graph: Sequence[Resource]) -> int:
    """As many as the groups may launch; raises KeyError for an instance type without a row."""
    templates = {
        str(inputs["name"]): INSTANCE_VCPUS[inputs["instanceType"]]
        for type_, inputs in graph
        if type_ == "aws:ec2/launchTemplate:LaunchTemplate"
    }
    return sum(int(inputs["maxSize"]) * templates[str(inputs["name"])] for _, inputs in _counted(quota, graph))


def _task_vcpus(quota: Quota, graph: Sequence[Resource]) -> int:
    """Of the services on the launch type that `where` says, each as large as auto scaling may make it."""
    sizes = {
        inputs["family"]: int(inputs["cpu"]) / _CPU_UNITS_OF_A_VCPU
        for type_, inputs in graph
        if type_ == "aws:ecs/taskDefinition:TaskDefinition"
    }
    most = {
        inputs["resourceId"].rsplit("/", 1)[-1]: int(inputs["maxCapacity"])
        for type_, inputs in graph
        if type_ == "aws:appautoscaling/target:Target"
    }
    services = [inputs for _, inputs in _counted(quota, graph)]
    return ceil(sum(most.get(each["name"], int(each["desiredCount"])) * sizes[each["name"]] for each in services))


def _executions(quota: Quota, graph: Sequence[Resource]) -> int:
    """One of each function, and as many as a queue may start of its consumer."""
    queued = [
        int(inputs["scalingConfig"]["maximumConcurrency"])
        for type_, inputs in graph
        if type_ == "aws:lambda/eventSourceMapping:EventSourceMapping"
    ]
    return len(_counted(quota, graph)) - len(queued) + sum(queued)


_MEASURES: Final[Mapping[Measure, Callable[[Quota, Sequence[Resource]], int]]] = {
    "resources": _resources,
    "instance-vcpus": _instance_vcpus,
    "task-vcpus": _task_vcpus,
    "executions": _executions,
}


def row(service: str, name: str, code: str | None, default: int, *types: str, **more: Any) -> Quota:
    """A quota of AWS by its name, its code in Service Quotas, its default, and the types that count."""
    return Quota(service=service, name=name, code=code, default=default, types=types, **more)
