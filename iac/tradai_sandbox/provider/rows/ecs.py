"""Clusters and their capacity providers (ECS).

Must never stop what runs in a cluster: AWS refuses to delete one that is in use, and that is the answer.
"""

from typing import Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, on, retag
from tradai_sandbox.provider.props import Prop, Props, lower_pairs, out, tags
from tradai_sandbox.provider.row import Row, Work

_INCLUDE: Final = ["SETTINGS", "TAGS", "CONFIGURATIONS"]


def _active(cluster: Props) -> bool:
    """AWS goes on describing a deleted cluster for a while."""
    return cluster.get("status") != "INACTIVE"


def _described(which: str) -> Read:
    return Read("DescribeClusters", {"clusters": [which], "include": _INCLUDE}, "clusters[0]", alive=_active)


CLUSTER: Final = Row(
    "aws:ecs/cluster:Cluster",
    "ecs",
    (
        Prop("name", api="clusterName", replace=True),
        Prop("settings", list, computed=True),
        Prop("configuration", dict),
        Prop("serviceConnectDefaults", dict),
        *tags(to=lower_pairs),
        out("arn", api="clusterArn"),
    ),
    create=Create("CreateCluster", "cluster.clusterArn"),
    read=(_described("{name}"),),
    steps=(
        change(
            {"settings", "configuration", "serviceConnectDefaults"},
            "UpdateCluster",
            {"cluster": "{id}"},
            after_create=False,
        ),
        retag("TagResource", "UntagResource", {"resourceArn": "{id}"}, tags="tags", keys="tagKeys"),
    ),
    delete=Delete("DeleteCluster", {"cluster": "{id}"}),
    id="{arn}",
    import_id="{name}",
    name="name",
)

_LISTS: Final = ("capacityProviders", "defaultCapacityProviderStrategies")


def _put(work: Work) -> str:
    """AWS wants both lists in every call, empty ones too."""
    strategies = work.inputs.get("defaultCapacityProviderStrategies") or []
    work.call(
        "PutClusterCapacityProviders",
        cluster=work.inputs["clusterName"],
        capacityProviders=work.inputs.get("capacityProviders") or [],
        defaultCapacityProviderStrategy=[_numbers(s) for s in strategies],
    )
    return str(work.inputs["clusterName"])


def _numbers(strategy: Props) -> Props:
    return {k: v if k == "capacityProvider" else int(v) for k, v in strategy.items()}


def _clear(work: Work) -> None:
    if _described("{clusterName}")(work) is not None:
        _put(work.with_(inputs={"clusterName": work.state["clusterName"]}))


CAPACITY_PROVIDERS: Final = Row(
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
    "ecs",
    (
        Prop("clusterName", required=True, replace=True),
        Prop("capacityProviders", list, computed=True),
        Prop("defaultCapacityProviderStrategies", list, api="defaultCapacityProviderStrategy"),
    ),
    create=_put,
    read=(_described("{clusterName}"),),
    steps=(on(_LISTS, _put, after_create=False),),
    delete=_clear,
    id="{clusterName}",
    delete_first=True,
)

ROWS: Final = (CLUSTER, CAPACITY_PROVIDERS)
