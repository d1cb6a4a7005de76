"""Scalable targets and their policies; needs `ecs_services`."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref

_DIMENSION: Final = "ecs:service:DesiredCount"


def _target(aws: Aws, state: Props) -> Any:
    found = aws("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=[state["resourceId"]], ScalableDimension=_DIMENSION
    )["ScalableTargets"]
    return [[t["MinCapacity"], t["MaxCapacity"], t["SuspendedState"]["DynamicScalingInSuspended"]] for t in found]


def _policy(aws: Aws, state: Props) -> Any:
    """What the policy says, and what its alarms watch."""
    found = aws("application-autoscaling").describe_scaling_policies(
        ServiceNamespace="ecs", ResourceId=state["resourceId"], PolicyNames=[state["name"]]
    )["ScalingPolicies"]
    return [[_configuration(policy), _alarms(aws, policy)] for policy in found]


def _configuration(policy: Props) -> list[Any]:
    found = policy["TargetTrackingScalingPolicyConfiguration"]
    return [found["TargetValue"], found.get("ScaleInCooldown"), found.get("ScaleOutCooldown")]


def _alarms(aws: Aws, policy: Props) -> list[list[Any]]:
    names = [alarm["AlarmName"] for alarm in policy["Alarms"]]
    found = aws("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    return sorted([a["Namespace"], a["MetricName"], a["Threshold"], len(a["Dimensions"])] for a in found)


def _tracking(value: float, metric: str, **more: Any) -> Props:
    return {
        "target_value": value,
        "predefined_metric_specification": {"predefined_metric_type": metric, **more},
        "scale_in_cooldown": 300,
        "scale_out_cooldown": 60,
    }


def _watched(namespace: str, metric: str, value: float) -> list[list[Any]]:
    return sorted([[namespace, metric, value, 2], [namespace, metric, value * 0.9, 2]])


def _policy_args(name: str, **configuration: Any) -> Props:
    return {
        "name": name,
        "service_namespace": "ecs",
        "resource_id": Ref("scaling.target", "resource_id"),
        "scalable_dimension": _DIMENSION,
        "policy_type": "TargetTrackingScaling",
        "target_tracking_scaling_policy_configuration": configuration,
    }


def _where(state: Props) -> str:
    return f"ecs/{state['resourceId']}/{_DIMENSION}"


CASES: Final = (
    Case(
        "scaling.target",
        "aws:appautoscaling/target:Target",
        {
            "service_namespace": "ecs",
            "resource_id": "service/case-home/case-service",
            "scalable_dimension": _DIMENSION,
            "min_capacity": 1,
            "max_capacity": 4,
            # an id of a service is text, from which no dependency follows
            "tags": {"services": Ref("ecs.service", "name"), "other": Ref("ecs.forced-service", "name")},
        },
        _target,
        [[1, 4, False]],
        update={"max_capacity": 6, "tags": {"services": Ref("ecs.service", "name"), "b": "2"}},
        updated=[[1, 6, False]],
        meddle=lambda aws, state: aws("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=state["resourceId"],
            ScalableDimension=_DIMENSION,
            MinCapacity=0,
            SuspendedState={"DynamicScalingInSuspended": False},
        ),
        drifted=frozenset({"minCapacity"}),
        replace={"resource_id": "service/case-home/case-forced"},
        import_id=_where,
    ),
    Case(
        "scaling.cpu",
        "aws:appautoscaling/policy:Policy",
        _policy_args("cpu", **_tracking(70, "ECSServiceAverageCPUUtilization")),
        _policy,
        [[[70, 300, 60], _watched("AWS/ECS", "CPUUtilization", 70)]],
        update={
            "target_tracking_scaling_policy_configuration": _tracking(50, "ECSServiceAverageMemoryUtilization"),
        },
        updated=[[[50, 300, 60], _watched("AWS/ECS", "MemoryUtilization", 50)]],
        meddle=lambda aws, state: aws("application-autoscaling").put_scaling_policy(
            PolicyName=state["name"],
            ServiceNamespace="ecs",
            ResourceId=state["resourceId"],
            ScalableDimension=_DIMENSION,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": 99,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
            },
        ),
        drifted=frozenset({"targetTrackingScalingPolicyConfiguration"}),
        replace={"name": "load"},
        import_id=lambda state: f"{_where(state)}/{state['name']}",
    ),
    Case(
        "scaling.requests",
        "aws:appautoscaling/policy:Policy",
        _policy_args(
            "requests",
            **_tracking(100, "ALBRequestCountPerTarget", resource_label="app/case-alb/1/targetgroup/case-tasks/2"),
        ),
        _policy,
        [[[100, 300, 60], _watched("AWS/ApplicationELB", "RequestCountPerTarget", 100)]],
        meddle=lambda aws, state: aws("application-autoscaling").delete_scaling_policy(
            PolicyName=state["name"],
            ServiceNamespace="ecs",
            ResourceId=state["resourceId"],
            ScalableDimension=_DIMENSION,
        ),
        import_id=lambda state: f"{_where(state)}/{state['name']}",
    ),
)
