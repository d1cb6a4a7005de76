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
    counts,
    database,
    discovery,
    edge,
    firewall,
    functions,
    instance,
    messaging,
    nat,
    network,
    registries,
    rights,
    stacks,
    storage,
    tagged,
    tasks,
    watch,
    web,
    workflows,
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
    "function": functions.function,
    "functions": functions.functions,
    "rds": database.rds,
    "queue": messaging.queue,
    "topic": messaging.topic,
    "role": rights.role,
    "cluster": compute.cluster,
    "task roles": compute.task_roles,
    "task definition": tasks.task_definition,
    "ecs service": tasks.ecs_service,
    "compute": tasks.compute_mode,
    "instance": instance.consolidated,
    "dns name": discovery.dns_name,
    "namespace": discovery.namespace,
    "state machine": workflows.state_machine,
    "load balancer": compute.load_balancer,
    "target group": compute.target_group,
    "http api": edge.http_api,
    "route": edge.route,
    "web acl": web.web_acl,
    "alarm": watch.alarm,
    "composite alarm": watch.composite_alarm,
    "error alarms": watch.error_alarms,
    "dashboard": watch.dashboard,
    "output": stacks.output,
    "count": counts.count,
    "tag": tagged.tag,
}
