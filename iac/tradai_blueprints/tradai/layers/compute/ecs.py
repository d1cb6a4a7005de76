"""The ECS cluster with Fargate and Fargate Spot, and a log group for each service's tasks (001 §6, 000 IC001).

Must never run a task: services and task definitions come on top of the cluster.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.services import Service
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming
from tradai_iac.tags import SERVICE_TAG

#: A service takes plain Fargate unless its own row of 002 §2.2 says Spot.
_CAPACITY_PROVIDERS: Final = ("FARGATE", "FARGATE_SPOT")
_DEFAULT_PROVIDER: Final = "FARGATE"


@dataclass(frozen=True, kw_only=True)
class EcsArgs:
    """What the cluster needs; the retention in days and the insights are the environment's (002 §10)."""

    naming: Naming
    services: Sequence[Service]
    log_retention_days: int
    container_insights: bool


class Ecs(Component):
    """`cluster`, `capacity` and `log_groups` by service."""

    def __init__(self, name: str, args: EcsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:Ecs", name, opts)
        self.log_groups: Mapping[str, aws.cloudwatch.LogGroup] = {
            service.name: self._log_group(service, args) for service in args.services
        }
        self.cluster = aws.ecs.Cluster(
            "cluster",
            name=args.naming.name("cluster"),
            settings=[
                aws.ecs.ClusterSettingArgs(
                    name="containerInsights", value="enabled" if args.container_insights else "disabled"
                )
            ],
            opts=self.child(),
        )
        self.capacity = self._capacity()
        self.register_outputs({"cluster_arn": self.cluster.arn})

    def _log_group(self, service: Service, args: EcsArgs) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            service.name,
            name=args.naming.name(service.name, kind="log-group"),
            retention_in_days=args.log_retention_days,
            tags={SERVICE_TAG: service.name},
            opts=self.child(),
        )

    def _capacity(self) -> aws.ecs.ClusterCapacityProviders:
        return aws.ecs.ClusterCapacityProviders(
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
