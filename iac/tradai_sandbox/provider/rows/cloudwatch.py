"""Dashboards, metric alarms and composite alarms (CloudWatch). Log groups are `logs`.

Must never set an alarm's state.
"""

from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, retag
from tradai_sandbox.provider.props import Prop, Props, document, out, tags
from tradai_sandbox.provider.row import Row, Work

_DASHBOARD: Final = {"DashboardName": "{dashboardName}"}

DASHBOARD: Final = Row(
    "aws:cloudwatch/dashboard:Dashboard",
    "cloudwatch",
    (
        Prop("dashboardName", required=True, replace=True),
        document("dashboardBody", required=True),
        out("dashboardArn"),
    ),
    create=Create("PutDashboard"),
    read=(Read("GetDashboard", _DASHBOARD),),
    steps=(change({"dashboardBody"}, "PutDashboard", _DASHBOARD, after_create=False),),
    delete=Delete("DeleteDashboards", {"DashboardNames": ["{dashboardName}"]}),
    id="{dashboardName}",
    name="dashboardName",
)


def _pairs(dimensions: Props) -> list[Props]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _unpairs(found: list[Props]) -> dict[str, Any]:
    return {d["Name"]: d["Value"] for d in found}


def _stat(metric: Props) -> Props:
    """Pulumi's flat metric as the API's metric within a statistic."""
    about = {"MetricName": metric["metricName"], "Namespace": metric.get("namespace")}
    dimensions = {"Dimensions": _pairs(metric["dimensions"])} if metric.get("dimensions") else {}
    unit = {"Unit": metric["unit"]} if metric.get("unit") else {}
    named = {k: v for k, v in about.items() if v}
    return {"Metric": {**named, **dimensions}, "Period": metric["period"], "Stat": metric["stat"], **unit}


def _stat_back(found: Props) -> Props:
    metric = found["Metric"]
    flat = {
        "metricName": metric["MetricName"],
        "namespace": metric.get("Namespace"),
        "dimensions": _unpairs(metric.get("Dimensions", [])),
        "period": found["Period"],
        "stat": found["Stat"],
        "unit": found.get("Unit"),
    }
    return {k: v for k, v in flat.items() if v not in (None, {})}


_QUERY: Final = (
    Prop("id"),
    Prop("expression"),
    Prop("label"),
    Prop("returnData", bool),
    Prop("period", int),
    Prop("accountId"),
    Prop("metric", dict, api="MetricStat", to=_stat, back=_stat_back),
)
_ALARM: Final = (
    Prop("alarmDescription"),
    Prop("actionsEnabled", bool, default=True),
    Prop("alarmActions", list),
    Prop("okActions", list),
    Prop("insufficientDataActions", list),
    Prop("metricName"),
    Prop("namespace"),
    Prop("statistic"),
    Prop("extendedStatistic"),
    Prop("dimensions", dict, to=_pairs, back=_unpairs),
    Prop("period", int),
    Prop("evaluationPeriods", int),
    Prop("datapointsToAlarm", int),
    Prop("threshold", float),
    Prop("comparisonOperator"),
    Prop("treatMissingData", default="missing"),
    Prop("unit"),
    Prop("metricQueries", list, api="Metrics", fields=_QUERY),
)
_BY_ARN: Final = {"ResourceARN": "{arn}"}


def _queries(work: Work) -> Props:
    """A query that the program does not single out returns no data; AWS takes silence for the contrary."""
    found = work.params("PutMetricAlarm", frozenset({"metricQueries"})).get("Metrics")
    return {"Metrics": [{"ReturnData": False, **query} for query in found]} if found else {}


METRIC_ALARM: Final = Row(
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "cloudwatch",
    (
        Prop("name", api="AlarmName", replace=True),
        *_ALARM,
        *tags(),
        out("arn", api="AlarmArn"),
    ),
    create=Create("PutMetricAlarm", build=_queries),
    read=(
        Read("DescribeAlarms", {"AlarmNames": ["{name}"], "AlarmTypes": ["MetricAlarm"]}, "MetricAlarms[0]"),
        Read("ListTagsForResource", _BY_ARN, only=frozenset({"tags"})),
    ),
    steps=(
        change({p.name for p in _ALARM}, "PutMetricAlarm", {"AlarmName": "{name}"}, build=_queries, after_create=False),
        retag("TagResource", "UntagResource", _BY_ARN),
    ),
    delete=Delete("DeleteAlarms", {"AlarmNames": ["{name}"]}),
    id="{name}",
    name="name",
)

_COMPOSITE: Final = (
    Prop("alarmRule", required=True),
    Prop("alarmDescription"),
    Prop("alarmActions", list),
    Prop("okActions", list),
    Prop("insufficientDataActions", list),
)

COMPOSITE_ALARM: Final = Row(
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    "cloudwatch",
    (
        Prop("alarmName", required=True, replace=True),
        # the API could change it, the official provider does not
        Prop("actionsEnabled", bool, default=True, replace=True),
        *_COMPOSITE,
        *tags(),
        out("arn", api="AlarmArn"),
    ),
    create=Create("PutCompositeAlarm"),
    read=(
        Read("DescribeAlarms", {"AlarmNames": ["{alarmName}"], "AlarmTypes": ["CompositeAlarm"]}, "CompositeAlarms[0]"),
        Read("ListTagsForResource", _BY_ARN, only=frozenset({"tags"})),
    ),
    steps=(
        change(
            {p.name for p in _COMPOSITE},
            "PutCompositeAlarm",
            {"AlarmName": "{alarmName}", "ActionsEnabled": "{actionsEnabled}"},
            after_create=False,
        ),
        retag("TagResource", "UntagResource", _BY_ARN),
    ),
    delete=Delete("DeleteAlarms", {"AlarmNames": ["{alarmName}"]}),
    id="{alarmName}",
    name="alarmName",
)

ROWS: Final = (DASHBOARD, METRIC_ALARM, COMPOSITE_ALARM)
