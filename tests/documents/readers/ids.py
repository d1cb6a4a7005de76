"""The ids that AWS made up for an environment, and the names of what they belong to; reads only.

Each is asked of AWS, never of a stack: an output that names another environment's thing keeps its raw id and differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from botocore.exceptions import ClientError

from tests.documents.live import AbsentError, Live, of_environment
from tests.documents.readers.auth import pool_clients, pool_id
from tests.documents.readers.compute import balancers
from tests.documents.readers.database import instance
from tests.documents.readers.network import in_vpc, vpc_id

Pairs = Iterator[tuple[str, str]]


def names(live: Live) -> dict[str, str]:
    """Id, address or ARN → name, of all that is there."""
    return dict(live.once(("names of ids",), lambda: dict(pair for read in KNOWN for pair in _there(live, read))))


def _there(live: Live, read: Callable[[Live], Pairs]) -> list[tuple[str, str]]:
    try:
        return list(read(live))
    except (AbsentError, ClientError):
        return []


def _network(live: Live) -> Pairs:
    yield vpc_id(live, f"tradai-vpc-{live.env}"), f"tradai-vpc-{live.env}"
    cidrs = {item["SubnetId"]: item["CidrBlock"] for item in in_vpc(live, "describe_subnets", "Subnets")}
    yield from cidrs.items()
    for group in in_vpc(live, "describe_security_groups", "SecurityGroups"):
        yield group["GroupId"], group["GroupName"]
    for table in in_vpc(live, "describe_route_tables", "RouteTables"):
        members = sorted(cidrs[item["SubnetId"]] for item in table["Associations"] if "SubnetId" in item)
        yield table["RouteTableId"], f"routes of {', '.join(members)}"


def _identity(live: Live) -> Pairs:
    pool = pool_id(live, f"tradai-users-{live.env}")
    yield pool, f"tradai-users-{live.env}"
    for client in pool_clients(live, pool):
        yield client["ClientId"], client["ClientName"]


def _database(live: Live) -> Pairs:
    found = instance(live)
    yield found["Endpoint"]["Address"], found["DBInstanceIdentifier"]
    if "MasterUserSecret" in found:
        yield found["MasterUserSecret"]["SecretArn"], f"the secret of {found['DBInstanceIdentifier']}"


def _balancers(live: Live) -> Pairs:
    for item in balancers(live):
        yield item["DNSName"], item["LoadBalancerName"]


def _apis(live: Live) -> Pairs:
    for api in live.pages("apigatewayv2", "get_apis", "Items"):
        if of_environment(api["Name"], live.env):
            yield api["ApiId"], api["Name"]


def _namespaces(live: Live) -> Pairs:
    for item in live.pages("servicediscovery", "list_namespaces", "Namespaces"):
        yield item["Id"], item["Name"]


def _queues(live: Live) -> Pairs:
    for url in live.pages("sqs", "list_queues", "QueueUrls"):
        yield url, url.rsplit("/", 1)[1]


def _web_acls(live: Live) -> Pairs:
    for item in live.clients("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"]:
        yield item["Id"], item["Name"]


KNOWN = (_network, _identity, _database, _balancers, _apis, _namespaces, _queues, _web_acls)
