"""Dashboards and alarms."""

import json
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _body(title: str) -> str:
    return json.dumps({"widgets": [{"type": "text", "properties": {"markdown": title}}]})


def _dashboard(aws: Aws, state: Props) -> Any:
    found = aws("cloudwatch").get_dashboard(DashboardName=state["dashboardName"])
    return json.loads(found["DashboardBody"])["widgets"][0]["properties"]["markdown"]


def _alarm(aws: Aws, state: Props) -> Any:
    found = aws("cloudwatch").describe_alarms(AlarmNames=[state["name"]])["MetricAlarms"]
    return [[a["Threshold"], a["Period"], a["TreatMissingData"], a["Dimensions"][0]["Value"]] for a in found]


def _rate(aws: Aws, state: Props) -> Any:
    found = aws("cloudwatch").describe_alarms(AlarmNames=[state["name"]])["MetricAlarms"]
    told = [{m["Id"]: m.get("Expression") or m["MetricStat"]["Stat"] for m in a["Metrics"]} for a in found]
    return [[a["TreatMissingData"], a["AlarmActions"], queries] for a, queries in zip(found, told, strict=True)]


def _metric(name: str, period: int) -> Props:
    return {
        "metric_name": name,
        "namespace": "AWS/Lambda",
        "period": period,
        "stat": "Sum",
        "dimensions": {"FunctionName": "case"},
    }


def _queries(expression: str) -> list[Props]:
    return [
        {"id": "rate", "expression": expression, "label": "error rate", "return_data": True},
        {"id": "errors", "metric": _metric("Errors", 300)},
        {"id": "calls", "metric": _metric("Invocations", 300)},
    ]


def _composite(aws: Aws, state: Props) -> Any:
    client = aws("cloudwatch")
    found = client.describe_alarms(AlarmNames=[state["alarmName"]], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    tags = [client.list_tags_for_resource(ResourceARN=a["AlarmArn"])["Tags"] for a in found]
    ordered = [sorted(each, key=lambda tag: tag["Key"]) for each in tags]
    return [[a["AlarmRule"], a["OKActions"], t] for a, t in zip(found, ordered, strict=True)]


_TOPIC: Final = "arn:aws:sns:eu-central-1:123456789012:case"
_EITHER: Final = 'ALARM("case-member") OR ALARM("case-rate")'

CASES: Final = (
    Case(
        "cloudwatch.dashboard",
        "aws:cloudwatch/dashboard:Dashboard",
        {"dashboard_name": "case-dashboard", "dashboard_body": _body("one")},
        _dashboard,
        "one",
        update={"dashboard_body": _body("two")},
        updated="two",
        meddle=lambda aws, state: aws("cloudwatch").put_dashboard(
            DashboardName=state["dashboardName"], DashboardBody=_body("three")
        ),
        drifted=frozenset({"dashboardBody"}),
        replace={"dashboard_name": "case-dashboard-2"},
    ),
    Case(
        "cloudwatch.alarm",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "name": "case-alarm",
            "comparison_operator": "GreaterThanThreshold",
            "evaluation_periods": 2,
            "metric_name": "Errors",
            "namespace": "AWS/Lambda",
            "period": 60,
            "statistic": "Sum",
            "threshold": 1.5,
            "dimensions": {"FunctionName": "case"},
            "alarm_actions": [_TOPIC],
            "treat_missing_data": "notBreaching",
            "tags": {"a": "1"},
        },
        _alarm,
        [[1.5, 60, "notBreaching", "case"]],
        update={"threshold": 3, "tags": {"a": "2"}},
        updated=[[3.0, 60, "notBreaching", "case"]],
        meddle=lambda aws, state: aws("cloudwatch").delete_alarms(AlarmNames=[state["name"]]),
        replace={"name": "case-alarm-2"},
    ),
    Case(
        "cloudwatch.rate",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "name": "case-rate",
            "comparison_operator": "GreaterThanOrEqualToThreshold",
            "evaluation_periods": 1,
            "threshold": 5,
            "metric_queries": _queries("100 * errors / calls"),
            "alarm_actions": [_TOPIC],
            "treat_missing_data": "notBreaching",
        },
        _rate,
        [["notBreaching", [_TOPIC], {"rate": "100 * errors / calls", "errors": "Sum", "calls": "Sum"}]],
        update={"metric_queries": _queries("errors / calls"), "threshold": 0.05},
        updated=[["notBreaching", [_TOPIC], {"rate": "errors / calls", "errors": "Sum", "calls": "Sum"}]],
    ),
    Case(
        "cloudwatch.member",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "name": "case-member",
            "comparison_operator": "GreaterThanThreshold",
            "evaluation_periods": 1,
            "metric_name": "CPUUtilization",
            "namespace": "AWS/RDS",
            "period": 300,
            "statistic": "Average",
            "threshold": 80,
            "dimensions": {"DBInstanceIdentifier": "case"},
        },
        _alarm,
        [[80.0, 300, "missing", "case"]],
    ),
    Case(
        "cloudwatch.composite",
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        {
            "alarm_name": "case-composite",
            "alarm_description": Ref("cloudwatch.member", "arn"),
            "alarm_rule": _EITHER,
            "alarm_actions": [_TOPIC],
            "ok_actions": [_TOPIC],
            "tags": {"a": "1", "first": Ref("cloudwatch.rate", "name")},
        },
        _composite,
        [[_EITHER, [_TOPIC], [{"Key": "a", "Value": "1"}, {"Key": "first", "Value": "case-rate"}]]],
        update={"alarm_rule": 'ALARM("case-member")', "ok_actions": [], "tags": {"a": "2"}},
        updated=[['ALARM("case-member")', [], [{"Key": "a", "Value": "2"}]]],
        meddle=lambda aws, state: aws("cloudwatch").put_composite_alarm(
            AlarmName=state["alarmName"],
            AlarmRule='OK("case-member")',
            AlarmActions=[_TOPIC],
            AlarmDescription=state["alarmDescription"],
        ),
        drifted=frozenset({"alarmRule"}),
        replace={"actions_enabled": False},
    ),
)
