"""The ECS services (002 §2.2; 000 IC003): how many tasks of each stand, where, and behind what.

Must never run two tasks of a strategy for one while it is deployed: both would trade.
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

#: What a task may take before the load balancer's opinion counts, in seconds.
_GRACE_SECONDS: Final = 90


@dataclass(frozen=True, kw_only=True)
class Placement:
    """One service of this environment and what stands around it.

    `scaled` says that its number is not ours to keep: auto scaling changes it. `target_group_arn` and `registry_arn`
    are None where no load balancer and no name leads to it. `ready` must exist before its first task: the listener
    rule without which ECS refuses the target group, and the task's rights.
    """

    service: Service
    desired_count: int
    scaled: bool
    definition_arn: pulumi.Input[str]
    target_group_arn: pulumi.Input[str] | None
    registry_arn: pulumi.Input[str] | None
    ready: Sequence[pulumi.Resource]


@dataclass(frozen=True, kw_only=True)
class EcsServicesArgs:
    """Where all of them run: the private subnets and the tasks' security group (002 §1.2, §4.1)."""

    naming: Naming
    placements: Sequence[Placement]
    cluster_arn: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    security_group_id: pulumi.Input[str]


class EcsServices(Component):
    """`services` by name."""

    def __init__(self, name: str, args: EcsServicesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:EcsServices", name, opts)
        self._args = args
        self.services: Mapping[str, aws.ecs.Service] = {
            placement.service.name: self._service(placement) for placement in args.placements
        }
        self.register_outputs({"arns": self.arns})

    @property
    def arns(self) -> Mapping[str, pulumi.Output[str]]:
        """Service → ARN."""
        return {name: service.arn for name, service in self.services.items()}

    def _service(self, placement: Placement) -> aws.ecs.Service:
        """Waits until it is steady: what failed to start is said, and the definition before it is let go of in time."""
        service, alone = placement.service, placement.service.trading_mode is not None
        balanced = placement.target_group_arn is not None
        return aws.ecs.Service(
            service.name,
            name=self._args.naming.name(service.name, kind="ecs-service"),
            cluster=self._args.cluster_arn,
            task_definition=placement.definition_arn,
            desired_count=placement.desired_count,
            launch_type=None if _on_spot(service) else "FARGATE",
            capacity_provider_strategies=_spot() if _on_spot(service) else None,
            force_new_deployment=True if _on_spot(service) else None,  # a strategy changes in no other way
            network_configuration=self._network(),
            load_balancers=_load_balancers(placement),
            service_registries=_registry(placement.registry_arn),
            health_check_grace_period_seconds=_GRACE_SECONDS if balanced else None,
            deployment_minimum_healthy_percent=0 if alone else 100,
            deployment_maximum_percent=100 if alone else 200,
            availability_zone_rebalancing="DISABLED" if alone else "ENABLED",
            deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
            enable_execute_command=False,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            wait_for_steady_state=True,
            tags={SERVICE_TAG: service.name},
            opts=self.child(
                depends_on=list(placement.ready), ignore_changes=["desiredCount"] if placement.scaled else None
            ),
        )

    def _network(self) -> aws.ecs.ServiceNetworkConfigurationArgs:
        return aws.ecs.ServiceNetworkConfigurationArgs(
            subnets=self._args.subnet_ids,
            security_groups=[self._args.security_group_id],
            assign_public_ip=False,
        )


def _on_spot(service: Service) -> bool:
    return service.launch_type == "FARGATE_SPOT"


def _spot() -> list[aws.ecs.ServiceCapacityProviderStrategyArgs]:
    """Spot is no launch type: AWS takes it as a capacity provider alone."""
    return [aws.ecs.ServiceCapacityProviderStrategyArgs(capacity_provider="FARGATE_SPOT", weight=1)]


def _load_balancers(placement: Placement) -> list[aws.ecs.ServiceLoadBalancerArgs] | None:
    service = placement.service
    if placement.target_group_arn is None or service.port is None:
        return None
    return [
        aws.ecs.ServiceLoadBalancerArgs(
            target_group_arn=placement.target_group_arn, container_name=service.name, container_port=service.port
        )
    ]


def _registry(arn: pulumi.Input[str] | None) -> aws.ecs.ServiceServiceRegistriesArgs | None:
    return None if arn is None else aws.ecs.ServiceServiceRegistriesArgs(registry_arn=arn)
