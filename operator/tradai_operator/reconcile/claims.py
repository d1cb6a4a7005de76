"""Whether another resource of this cluster claimed the same environment first; asked once, before the first run.

Must never be asked each turn: it lists every environment.
"""

from tradai_operator.model import Environment, InvalidResource
from tradai_operator.reconcile.facts import older_claimant
from tradai_operator.reconcile.ports import Cluster


async def rival_of(env: Environment, cluster: Cluster) -> str | None:
    """`namespace/name` of the older claimant, None where there is none; raises ClusterError."""
    others = []
    for body in await cluster.environments():
        try:
            others.append(Environment.parse(body))
        except InvalidResource:
            continue
    return older_claimant(env, [other for other in others if other.uid != env.uid])
