"""Clusters and their capacity providers."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _described(aws: Aws, which: str) -> Any:
    found = aws("ecs").describe_clusters(clusters=[which], include=["SETTINGS", "TAGS"])["clusters"]
    return [cluster for cluster in found if cluster["status"] == "ACTIVE"]


def _cluster(aws: Aws, state: Props) -> Any:
    return [
        [c["settings"][0]["value"], {t["key"]: t["value"] for t in c["tags"]}] for c in _described(aws, state["id"])
    ]


def _providers(aws: Aws, state: Props) -> Any:
    return [
        [c["capacityProviders"], [s["capacityProvider"] for s in c["defaultCapacityProviderStrategy"]]]
        for c in _described(aws, state["clusterName"])
    ]


def _strategy(provider: str) -> Props:
    return {"capacity_provider": provider, "base": 1, "weight": 1}


CASES: Final = (
    Case(
        "ecs.cluster",
        "aws:ecs/cluster:Cluster",
        {
            "name": "case-cluster",
            "settings": [{"name": "containerInsights", "value": "enabled"}],
            "tags": {"a": "1"},
        },
        _cluster,
        [["enabled", {"a": "1"}]],
        update={"settings": [{"name": "containerInsights", "value": "disabled"}], "tags": {"b": "2"}},
        updated=[["disabled", {"b": "2"}]],
        meddle=lambda aws, state: aws("ecs").update_cluster(
            cluster=state["id"], settings=[{"name": "containerInsights", "value": "enhanced"}]
        ),
        drifted=frozenset({"settings"}),
        replace={"name": "case-cluster-2"},
        import_id=lambda state: str(state["name"]),
    ),
    Case(
        "ecs.capacity",
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        {
            "cluster_name": Ref("ecs.cluster", "name"),
            "capacity_providers": ["FARGATE", "FARGATE_SPOT"],
            "default_capacity_provider_strategies": [_strategy("FARGATE")],
        },
        _providers,
        [[["FARGATE", "FARGATE_SPOT"], ["FARGATE"]]],
        update={"default_capacity_provider_strategies": [_strategy("FARGATE_SPOT")]},
        updated=[[["FARGATE", "FARGATE_SPOT"], ["FARGATE_SPOT"]]],
        meddle=lambda aws, state: aws("ecs").put_cluster_capacity_providers(
            cluster=state["clusterName"], capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=[]
        ),
        drifted=frozenset({"capacityProviders"}),
    ),
)
