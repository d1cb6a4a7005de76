"""One dashboard over tasks, functions, API, database, queue, workflows and trading (001 §7, 000 OB001).

Must never alarm: it only shows. A widget is a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.monitoring import (
    LIVE_STRATEGIES,
    METRICS_DIMENSION,
    METRICS_NAMESPACE,
    STALE_HEARTBEATS,
)
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming

_PERIOD_SECONDS: Final = 300
_COLUMNS: Final = 2
_WIDTH: Final = 12
_HEIGHT: Final = 6


@dataclass(frozen=True, kw_only=True)
class DashboardArgs:
    """What is shown: `subjects` is CloudWatch dimension → value; functions (names) and workflows (ARNs) have many."""

    naming: Naming
    region: str
    subjects: Mapping[str, pulumi.Input[str]]
    functions: Mapping[str, pulumi.Input[str]]
    workflow_arns: Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True)
class Widget:
    """One graph: metrics of one namespace over the subject that `dimension` names.

    Where there are several subjects of that dimension (functions, workflows), each metric has a line for each.
    """

    title: str
    namespace: str
    dimension: str
    metrics: tuple[str, ...]
    stat: str = "Average"


@dataclass(frozen=True)
class ServiceWidget(Widget):
    """One graph with a line for each service of the cluster, those that come later included."""


#: AWS/ECS publishes by cluster and service, so that services are searched for and not listed.
WIDGETS: Final = (
    ServiceWidget("ECS CPU by service (%)", "AWS/ECS", "ClusterName", ("CPUUtilization",)),
    ServiceWidget("ECS memory by service (%)", "AWS/ECS", "ClusterName", ("MemoryUtilization",)),
    Widget("Lambda errors", "AWS/Lambda", "FunctionName", ("Errors",), "Sum"),
    Widget("Lambda duration, p95 (ms)", "AWS/Lambda", "FunctionName", ("Duration",), "p95"),
    Widget("API requests and errors", "AWS/ApiGateway", "ApiId", ("Count", "4xx", "5xx"), "Sum"),
    Widget("API latency, p95 (ms)", "AWS/ApiGateway", "ApiId", ("Latency", "IntegrationLatency"), "p95"),
    Widget("RDS CPU (%)", "AWS/RDS", "DBInstanceIdentifier", ("CPUUtilization",)),
    Widget("RDS free storage (bytes)", "AWS/RDS", "DBInstanceIdentifier", ("FreeStorageSpace",), "Minimum"),
    Widget("RDS connections", "AWS/RDS", "DBInstanceIdentifier", ("DatabaseConnections",)),
    Widget(
        "Backtest queue: waiting and in work",
        "AWS/SQS",
        "QueueName",
        ("ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"),
        "Maximum",
    ),
    Widget(
        "Workflows",
        "AWS/States",
        "StateMachineArn",
        ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed"),
        "Sum",
    ),
    Widget(
        "Trading: strategies alive and stale",
        METRICS_NAMESPACE,
        METRICS_DIMENSION,
        (LIVE_STRATEGIES, STALE_HEARTBEATS),
        "Maximum",
    ),
)

#: Dimension → its values, each with the label of its lines.
Subjects = Mapping[str, Mapping[str, str]]


class Dashboard(Component):
    """`dashboard` and the `url` of it in the console."""

    def __init__(self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edge:Dashboard", name, opts)
        dashboard_name = args.naming.name("dashboard")
        self.dashboard = aws.cloudwatch.Dashboard(
            "dashboard", dashboard_name=dashboard_name, dashboard_body=_body(args), opts=self.child()
        )
        self.url = self.dashboard.dashboard_name.apply(lambda known: _url(args.region, known))
        self.register_outputs({"url": self.url})


def _body(args: DashboardArgs) -> pulumi.Output[str]:
    known: pulumi.Output[Subjects] = pulumi.Output.all(
        **{dimension: {"": value} for dimension, value in args.subjects.items()},
        FunctionName=args.functions,
        StateMachineArn=args.workflow_arns,
    )
    return pulumi.Output.json_dumps(known.apply(lambda subjects: {"widgets": _widgets(args.region, subjects)}))


def _widgets(region: str, subjects: Subjects) -> list[dict[str, Any]]:
    return [
        {
            "type": "metric",
            "x": position % _COLUMNS * _WIDTH,
            "y": position // _COLUMNS * _HEIGHT,
            "width": _WIDTH,
            "height": _HEIGHT,
            "properties": _properties(widget, region, subjects[widget.dimension]),
        }
        for position, widget in enumerate(WIDGETS)
    ]


def _properties(widget: Widget, region: str, subjects: Mapping[str, str]) -> dict[str, Any]:
    return {
        "title": widget.title,
        "region": region,
        "view": "timeSeries",
        "period": _PERIOD_SECONDS,
        "stat": widget.stat,
        "metrics": [_line(widget, m, label, subject) for m in widget.metrics for label, subject in subjects.items()],
    }


def _line(widget: Widget, metric: str, label: str, subject: str) -> list[Any]:
    if not isinstance(widget, ServiceWidget):
        words = [word for word in (label, metric if len(widget.metrics) > 1 else "") if word]
        return [widget.namespace, metric, widget.dimension, subject, *([{"label": " ".join(words)}] if label else [])]
    search = (
        f"SEARCH('{{{widget.namespace},{widget.dimension},ServiceName}} "
        f'{widget.dimension}="{subject}" MetricName="{metric}"\', \'{widget.stat}\', {_PERIOD_SECONDS})'
    )
    return [{"expression": search}]


def _url(region: str, dashboard: str) -> str:
    console = f"https://{region}.console.aws.amazon.com/cloudwatch/home"
    return f"{console}?region={region}#dashboards/dashboard/{dashboard}"
