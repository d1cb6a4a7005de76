"""Dashboards and alarms."""

import json
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props


def _body(title: str) -> str:
    return json.dumps({"widgets": [{"type": "text", "properties": {"markdown": title}}]})


def _dashboard(aws: Aws, state: Props) -> Any:
    found = aws("cloudwatch").get_dashboard(DashboardName=state["dashboardName"])
    return json.loads(found["DashboardBody"])["widgets"][0]["properties"]["markdown"]


def _alarm(aws: Aws, state: Props) -> Any:
    found = aws("cloudwatch").describe_alarms(AlarmNames=[state["name"]])["MetricAlarms"]
    return [[a["Threshold"], a["Period"], a["TreatMissingData"], a["Dimensions"][0]["Value"]] for a in found]


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
            "alarm_actions": ["arn:aws:sns:eu-central-1:123456789012:case"],
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
)
