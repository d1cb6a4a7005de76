"""The ECS cluster with Fargate and Fargate Spot, and the log group of its tasks (001 §6, 000 IC001).

Must never run a task: services and task definitions come on top of the cluster.
"""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_iac.core.component import Component
from tradai_iac.naming import Naming

#: A service takes plain Fargate unless its own row of 002 §2.2 says Spot.
_CAPACITY_PROVIDERS: Final = ("FARGATE", "FARGATE_SPOT")
_DEFAULT_PROVIDER: Final = "FARGATE"


@dataclass(frozen=True, kw_only=True)
class EcsArgs:
    """What the cluster needs; `log_retention_days` is the environment's (002 §10)."""

    naming: Naming
    log_retention_days: int


class Ecs(Component):
    """`cluster` and `log_group`."""

    def __init__(self, name: str, args: EcsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:Ecs", name, opts)
        self.log_group = aws.cloudwatch.LogGroup(
            "ecs",
            name=args.naming.name("ecs", kind="log-group"),
            retention_in_days=args.log_retention_days,
            opts=self.child(),
        )
        self.cluster = aws.ecs.Cluster("cluster", name=args.naming.name("cluster"), opts=self.child())
        self._capacity()
        self.register_outputs({"cluster_arn": self.cluster.arn, "log_group_arn": self.log_group.arn})

    def _capacity(self) -> None:
        aws.ecs.ClusterCapacityProviders(
            "capacity",
            cluster_name=self.cluster.name,
            capacity_providers=list(_CAPACITY_PROVIDERS),
            default_capacity_provider_strategies=[
                aws.ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArgs(
                    capacity_provider=_DEFAULT_PROVIDER, base=1, weight=1
                )
            ],
            opts=self.child(),
        )
