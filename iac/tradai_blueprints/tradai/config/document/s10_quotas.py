"""Section 10.1: what the environments take of AWS's default quotas when they share an account; in no document.

Counted over the rendered stacks. Must never hold a count of its own.
"""

from collections.abc import Sequence
from functools import cache

from tradai_blueprints.tradai.config.document.markdown import blocks, code, table, yes
from tradai_blueprints.tradai.config.document.values import COMMON, ENVIRONMENTS
from tradai_blueprints.tradai.config.quotas import QUOTAS
from tradai_blueprints.tradai.config.tags import TAGS
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac.naming import Naming
from tradai_iac.quotas import Quota, Resource, room_for
from tradai_iac.rendering import render_defaults


def quotas() -> str:
    """The whole section."""
    graphs = [graph(name) for name in ENVIRONMENTS]
    exceeded = [quota for quota in QUOTAS if quota.together(graphs) > quota.default]
    header = ("Service", "Quota", "Code", *(name.capitalize() for name in ENVIRONMENTS), "Together", "Default", "Fits")
    return blocks(
        "### 10.1 Quotas",
        "What the environments take of AWS's default quotas in one account and Region, each as large as auto scaling "
        "may make it. Where AWS counts per parent, the fullest one is shown.",
        table(header, (_row(quota, graphs) for quota in QUOTAS)),
        f"Raise before the first deployment of all: {', '.join(map(_demand, exceeded))}, with the tasks that people "
        f"start on top. By the other quotas, {room_for(QUOTAS, graphs, graphs[0])} ephemeral environments fit beside "
        "these.",
        f"Every environment has the same CIDRs ({code(COMMON.network.vpc.cidr)}; they never change). That is possible "
        "because no VPC is connected to another: names, tables, buckets and queues carry their environment, and "
        "nothing is called across. It also means that two environments can never be peered.",
    )


@cache
def graph(environment: str) -> Sequence[Resource]:
    """Every resource of an environment, with the default configuration."""
    bucket = Naming(TAGS.application, environment).name(COMMON.storage.state_bucket, kind="s3-bucket")
    runs = render_defaults(TRADAI.name, environment, COMMON.network.vpc.region, bucket)
    return tuple((resource.type, resource.inputs) for run in runs.values() for resource in run)


def _row(quota: Quota, graphs: Sequence[Sequence[Resource]]) -> Sequence[object]:
    together = quota.together(graphs)
    return (
        quota.service,
        quota.name,
        code(quota.code) if quota.code else None,
        *(quota.use(each) for each in graphs),
        together,
        quota.default,
        yes(together <= quota.default),
    )


def _demand(quota: Quota) -> str:
    return f"{quota.service} {quota.name} ({code(quota.code)})"
