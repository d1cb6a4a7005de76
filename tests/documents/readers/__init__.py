"""Readers: how the facts of each kind of subject are read over plain AWS calls, in the documents' own words.

A reader takes the live environment and a name and answers a mapping of facts; it only reads. Adding a kind is
adding a row below.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.documents.live import Facts, Live
from tests.documents.readers import (
    audit,
    auth,
    compute,
    database,
    edge,
    firewall,
    messaging,
    nat,
    network,
    registries,
    storage,
)

Reader = Callable[[Live, str], Facts]

READERS: dict[str, Reader] = {
    "bucket": storage.bucket,
    "table": storage.table,
    "repository": registries.repository,
    "codeartifact": registries.codeartifact,
    "user pool": auth.user_pool,
    "secret": auth.secret,
    "trail": audit.trail,
    "flow logs": audit.flow_logs,
    "log groups": audit.log_groups,
    "vpc": network.vpc,
    "subnet": network.subnet,
    "network acl": network.network_acl,
    "endpoints": network.endpoints,
    "security group": firewall.security_group,
    "nat": nat.nat,
    "function": nat.function,
    "rds": database.rds,
    "queue": messaging.queue,
    "topic": messaging.topic,
    "cluster": compute.cluster,
    "task roles": compute.task_roles,
    "load balancer": compute.load_balancer,
    "target group": compute.target_group,
    "http api": edge.http_api,
    "route": edge.route,
    "dashboard": edge.dashboard,
}
