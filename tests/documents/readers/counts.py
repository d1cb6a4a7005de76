"""How many of a kind an environment has, by the name of its rows in the documents; reads only."""

from __future__ import annotations

from collections.abc import Callable

from tests.documents.live import Facts, Live, of_environment
from tests.documents.readers.edge import routes
from tests.documents.readers.network import in_vpc

STATE_BUCKET = "tradai-pulumi-state-"


def count(live: Live, name: str) -> Facts:
    """`count` of the things called `name`, one of COUNTED."""
    return {"count": len(COUNTED[name](live))}


def _buckets(live: Live) -> list[str]:
    names = [item["Name"] for item in live.pages("s3", "list_buckets", "Buckets")]
    return [name for name in names if of_environment(name, live.env) and not name.startswith(STATE_BUCKET)]


def _tables(live: Live) -> list[str]:
    return [name for name in live.pages("dynamodb", "list_tables", "TableNames") if of_environment(name, live.env)]


def _repositories(live: Live) -> list[str]:
    names = [item["repositoryName"] for item in live.pages("ecr", "describe_repositories", "repositories")]
    return [name for name in names if name.startswith("tradai/") and name.endswith(f"-{live.env}")]


def _groups(live: Live) -> list[str]:
    names = [item["GroupName"] for item in in_vpc(live, "describe_security_groups", "SecurityGroups")]
    return [name for name in names if name != "default"]


def _routes(live: Live) -> list[str]:
    return [item["RouteKey"] for item in routes(live)]


COUNTED: dict[str, Callable[[Live], list[str]]] = {
    "buckets": _buckets,
    "tables": _tables,
    "repositories": _repositories,
    "security groups": _groups,
    "routes": _routes,
}
