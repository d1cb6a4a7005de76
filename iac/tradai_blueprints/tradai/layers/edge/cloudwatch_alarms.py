"""The alarms (001 §7, 000 MN003, INF007): the platform's health as one, functions and workflows each on its own.

Must never page twice for one thing: what the composite alarm covers has no action of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.monitoring import AlarmRow, Subject
from tradai_blueprints.tradai.config.overrides import Alarms as Thresholds
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming
from tradai_iac.tags import SERVICE_TAG

_PERIOD_SECONDS: Final = 300
#: Nothing published means that nothing ran, which is no fault.
_NO_DATA: Final = "notBreaching"

Dimensions = Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs:
    """The rows of the composite alarm, the thresholds, what is watched, and who is told.

    `subjects` maps each subject of a row to its CloudWatch dimensions; `functions` are names by component,
    `workflow_arns` ARNs.
    """

    naming: Naming
    rows: tuple[AlarmRow, ...]
    thresholds: Thresholds
    subjects: Mapping[Subject, Dimensions]
    functions: Mapping[str, pulumi.Input[str]]
    workflow_arns: Mapping[str, pulumi.Input[str]]
    topic_arn: pulumi.Input[str]


class Alarms(Component):
    """`health` (the composite alarm) over its parts, `functions` and `workflows` by name."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edge:Alarms", name, opts)
        self._naming = args.naming
        self._actions: list[pulumi.Input[str]] = [args.topic_arn]
        parts = [self._part(row, args) for row in args.rows]
        self.health = self._composite(parts)
        self.functions = {f: self._function(f, called, args) for f, called in args.functions.items()}
        self.workflows = {name: self._workflow(name, arn) for name, arn in args.workflow_arns.items()}
        self.register_outputs({"composite_alarm_arn": self.health.arn})

    @property
    def function_arns(self) -> Mapping[str, pulumi.Output[str]]:
        """Function → ARN of the alarm on its errors."""
        return {function: alarm.arn for function, alarm in self.functions.items()}

    def _part(self, row: AlarmRow, args: AlarmsArgs) -> aws.cloudwatch.MetricAlarm:
        percentile = row.statistic.startswith("p")
        return aws.cloudwatch.MetricAlarm(
            row.name,
            name=self._naming.name(row.name),
            alarm_description=row.description,
            namespace=row.namespace,
            metric_name=row.metric,
            dimensions=args.subjects[row.subject],
            statistic=None if percentile else row.statistic,
            extended_statistic=row.statistic if percentile else None,
            period=row.period,
            evaluation_periods=row.evaluation_periods,
            threshold=threshold(row, args.thresholds),
            comparison_operator=row.comparison,
            treat_missing_data=_NO_DATA,
            opts=self.child(),
        )

    def _composite(self, parts: list[aws.cloudwatch.MetricAlarm]) -> aws.cloudwatch.CompositeAlarm:
        rule = pulumi.Output.all(*(part.name for part in parts)).apply(
            lambda names: " OR ".join(f'ALARM("{name}")' for name in names)
        )
        return aws.cloudwatch.CompositeAlarm(
            "health",
            alarm_name=self._naming.name("health"),
            alarm_description="The platform is not well: one of its parts is in alarm",
            alarm_rule=rule,
            alarm_actions=self._actions,
            ok_actions=self._actions,
            opts=self.child(),
        )

    def _function(self, function: str, called: pulumi.Input[str], args: AlarmsArgs) -> aws.cloudwatch.MetricAlarm:
        return aws.cloudwatch.MetricAlarm(
            f"{function}-errors",
            name=self._naming.name(f"{function}-errors"),
            alarm_description=f"The function {function} fails",
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimensions={"FunctionName": called},
            statistic="Sum",
            period=_PERIOD_SECONDS,
            evaluation_periods=1,
            threshold=args.thresholds.lambda_errors,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data=_NO_DATA,
            alarm_actions=self._actions,
            tags={SERVICE_TAG: function},
            opts=self.child(),
        )

    def _workflow(self, workflow: str, arn: pulumi.Input[str]) -> aws.cloudwatch.MetricAlarm:
        """One alarm for executions that failed, timed out or were aborted."""
        return aws.cloudwatch.MetricAlarm(
            f"{workflow}-failures",
            name=self._naming.name(f"{workflow}-failures"),
            alarm_description=f"Executions of the {workflow} workflow fail",
            metric_queries=[_sum(), *(_counted(id_, metric, arn) for id_, metric in _FAILURES.items())],
            evaluation_periods=1,
            threshold=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data=_NO_DATA,
            alarm_actions=self._actions,
            opts=self.child(),
        )


def threshold(row: AlarmRow, thresholds: Thresholds) -> float:
    """A row's threshold in its metric's units."""
    value: Any = getattr(thresholds, row.threshold) if isinstance(row.threshold, str) else row.threshold
    return float(value * row.scale)


#: Id within the metric math → metric of AWS/States.
_FAILURES: Final = {"failed": "ExecutionsFailed", "timedout": "ExecutionsTimedOut", "aborted": "ExecutionsAborted"}


def _sum() -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
    expression = " + ".join(f"FILL({id_}, 0)" for id_ in _FAILURES)
    return aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="failures", expression=expression, label="Failed executions", return_data=True
    )


def _counted(id_: str, metric: str, arn: pulumi.Input[str]) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
    return aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id=id_,
        metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace="AWS/States",
            metric_name=metric,
            dimensions={"StateMachineArn": arn},
            period=_PERIOD_SECONDS,
            stat="Sum",
        ),
    )
