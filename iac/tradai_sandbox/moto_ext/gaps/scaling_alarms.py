"""Application Auto Scaling: the two alarms of a target tracking policy of an ECS service.

Must never touch an alarm that no policy made.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from moto.applicationautoscaling import models
from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.cloudwatch.models import cloudwatch_backends
from moto.moto_api._internal import mock_random

from tradai_sandbox.moto_ext.gaps.patching import add

#: The share of the target value under which a policy scales in.
_LOW: Final = 0.9
_REQUESTS: Final = "ALBRequestCountPerTarget"
_UTILIZATION: Final = {
    "ECSServiceAverageCPUUtilization": "CPUUtilization",
    "ECSServiceAverageMemoryUtilization": "MemoryUtilization",
}


class Metric(NamedTuple):
    """What an alarm of a policy watches."""

    namespace: str
    name: str
    statistic: str
    dimensions: list[dict[str, str]]


def repair() -> None:
    """Let a policy's alarms watch the policy's own metric, at its own target value."""
    add(models.FakeApplicationAutoscalingPolicy, _generate_ecs_alarms)


def metric_of(configuration: Mapping[str, Any], resource_id: str) -> Metric:
    """The metric of a target tracking policy; raises ValidationException as PutScalingPolicy does."""
    own = configuration.get("CustomizedMetricSpecification")
    if own:
        return Metric(own["Namespace"], own["MetricName"], own["Statistic"], own.get("Dimensions") or [])
    asked = configuration.get("PredefinedMetricSpecification") or {}
    kind, label = asked.get("PredefinedMetricType"), asked.get("ResourceLabel")
    if (kind == _REQUESTS) != bool(label):
        raise AWSValidationException(f"A resource label goes with {_REQUESTS}, and only with it.")
    if kind == _REQUESTS:
        balancer, _, group = str(label).partition("/targetgroup/")
        dimensions = _dimensions(TargetGroup=f"targetgroup/{group}", LoadBalancer=balancer)
        return Metric("AWS/ApplicationELB", "RequestCountPerTarget", "Sum", dimensions)
    if kind not in _UTILIZATION:
        raise AWSValidationException(f"Metric type {kind} is not supported for an ECS service.")
    _, cluster, service = resource_id.split("/")
    return Metric("AWS/ECS", _UTILIZATION[kind], "Average", _dimensions(ClusterName=cluster, ServiceName=service))


def _dimensions(**values: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


def _generate_ecs_alarms(self: Any) -> list[Any]:
    """High: three minutes above the target value; low: fifteen minutes under nine tenths of it."""
    configuration = self.target_tracking_scaling_policy_configuration or {}
    metric, target = metric_of(configuration, self.resource_id), float(configuration["TargetValue"])
    high = _alarm(self, metric, "AlarmHigh", "GreaterThanThreshold", 3, target)
    return [high, _alarm(self, metric, "AlarmLow", "LessThanThreshold", 15, target * _LOW)]


def _alarm(policy: Any, metric: Metric, end: str, comparison: str, minutes: int, threshold: float) -> Any:
    return cloudwatch_backends[policy.account_id][policy.region_name].put_metric_alarm(
        name=f"TargetTracking-{policy.resource_id}-{end}-{mock_random.uuid4()}",
        namespace=metric.namespace,
        metric_name=metric.name,
        metric_data_queries=[],
        comparison_operator=comparison,
        evaluation_periods=minutes,
        period=60,
        threshold=threshold,
        statistic=metric.statistic,
        description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy.policy_arn}.",
        dimensions=metric.dimensions,
        alarm_actions=[policy.policy_arn],
    )
