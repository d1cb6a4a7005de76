"""The alarms of the service: that its task is there, and has room.

Must never call silence health: a task that runs tells of its CPU every minute.
"""

from typing import Any, Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.control_plane.context import Context
from tradai_iac.core.component import Component

_ROWS: Final[dict[str, dict[str, Any]]] = {
    "control-away": {
        "alarm_description": "the control plane has not run for five minutes: environments stand, nobody tends them",
        "metric_name": "CPUUtilization",
        "statistic": "SampleCount",
        "comparison_operator": "LessThanThreshold",
        "threshold": 1,
        "treat_missing_data": "breaching",
    },
    "control-memory": {
        "alarm_description": "the control plane takes more than 85 % of its memory; raise memoryMb",
        "metric_name": "MemoryUtilization",
        "statistic": "Maximum",
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 85,
        "treat_missing_data": "notBreaching",
    },
}


class ServiceAlarms(Component):
    """An alarm a row."""

    def __init__(
        self,
        name: str,
        cluster: pulumi.Input[str],
        service: pulumi.Input[str],
        topic: pulumi.Input[str],
        context: Context,
    ) -> None:
        super().__init__("service:ServiceAlarms", name)
        for component, row in _ROWS.items():
            aws.cloudwatch.MetricAlarm(
                component,
                name=context.naming.name(component),
                namespace="AWS/ECS",
                dimensions={"ClusterName": cluster, "ServiceName": service},
                period=60,
                evaluation_periods=5,
                alarm_actions=[topic],
                ok_actions=[topic],
                opts=self.child(),
                **row,
            )
        self.register_outputs({})
