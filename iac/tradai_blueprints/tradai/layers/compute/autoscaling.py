"""How many tasks of a standing service there are, by how busy they are, where the environment lets it grow (002 §10).

Must never go below the desired count: that is what the environment is to have at rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.services import Scaling
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming
from tradai_iac.tags import SERVICE_TAG

_NAMESPACE: Final = "ecs"
_DIMENSION: Final = "ecs:service:DesiredCount"
_COOLDOWN_OUT_SECONDS: Final = 60
#: Longer than out: a short lull is no reason to stop tasks that are needed again at once.
_COOLDOWN_IN_SECONDS: Final = 300


@dataclass(frozen=True, kw_only=True)
class AutoscalingArgs:
    """The services that scale and their number at rest, the factor by which they may grow, and what they follow."""

    naming: Naming
    cluster_name: pulumi.Input[str]
    services: Mapping[str, aws.ecs.Service]
    desired_counts: Mapping[str, int]
    max_factor: int
    scaling: Scaling


class Autoscaling(Component):
    """`targets` by service."""

    def __init__(self, name: str, args: AutoscalingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:Autoscaling", name, opts)
        self._args = args
        self.targets: Mapping[str, aws.appautoscaling.Target] = {
            service: self._target(service) for service in args.services
        }
        for service, target in self.targets.items():
            self._policy(service, target, "cpu", "ECSServiceAverageCPUUtilization", args.scaling.cpu_percent)
            self._policy(service, target, "memory", "ECSServiceAverageMemoryUtilization", args.scaling.memory_percent)
        self.register_outputs({})

    def _target(self, service: str) -> aws.appautoscaling.Target:
        args = self._args
        at_rest = args.desired_counts[service]
        return aws.appautoscaling.Target(
            service,
            service_namespace=_NAMESPACE,
            scalable_dimension=_DIMENSION,
            resource_id=pulumi.Output.concat("service/", args.cluster_name, "/", args.services[service].name),
            min_capacity=at_rest,
            max_capacity=at_rest * args.max_factor,
            tags={SERVICE_TAG: service},
            opts=self.child(),
        )

    def _policy(
        self, service: str, target: aws.appautoscaling.Target, what: str, metric: str, percent: int
    ) -> aws.appautoscaling.Policy:
        return aws.appautoscaling.Policy(
            f"{service}-{what}",
            name=self._args.naming.name(f"{service}-{what}", kind="scaling-policy"),
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=_tracking(metric, percent),
            opts=self.child(),
        )


def _tracking(metric: str, percent: int) -> aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs:
    return aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
        target_value=percent,
        scale_out_cooldown=_COOLDOWN_OUT_SECONDS,
        scale_in_cooldown=_COOLDOWN_IN_SECONDS,
        predefined_metric_specification=(
            aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                predefined_metric_type=metric
            )
        ),
    )
