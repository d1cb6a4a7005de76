"""Log groups, their metric filters, and the policies of services that write to them."""

import json
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _retention(aws: Aws, state: Props) -> Any:
    found = aws("logs").describe_log_groups(logGroupNamePrefix=state["id"])["logGroups"]
    return [group["retentionInDays"] for group in found if group["logGroupName"] == state["id"]]


def _filter(aws: Aws, state: Props) -> Any:
    client = aws("logs")
    found = client.describe_metric_filters(logGroupName=state["logGroupName"], filterNamePrefix=state["name"])
    told = [(f["filterPattern"], f["metricTransformations"][0]) for f in found["metricFilters"]]
    return [[pattern, t["metricName"], t["metricValue"], t.get("defaultValue")] for pattern, t in told]


def _transformation(**more: Any) -> Props:
    return {"name": "Stale", "namespace": "tradai/dev", "value": "1", **more}


def _writers(*services: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:eu-central-1:123456789012:log-group:/case/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _policy(aws: Aws, state: Props) -> Any:
    found = aws("logs").describe_resource_policies()["resourcePolicies"]
    mine = [json.loads(p["policyDocument"]) for p in found if p["policyName"] == state["policyName"]]
    return [policy["Statement"][0]["Principal"]["Service"] for policy in mine]


CASES: Final = (
    Case(
        "logs.group",
        "aws:cloudwatch/logGroup:LogGroup",
        {"name": "/case/group", "retention_in_days": 30, "tags": {"a": "1"}},
        _retention,
        [30],
        update={"retention_in_days": 90, "tags": {"a": "2"}},
        updated=[90],
        meddle=lambda aws, state: aws("logs").put_retention_policy(logGroupName=state["id"], retentionInDays=7),
        drifted=frozenset({"retentionInDays"}),
        replace={"name": "/case/group-2"},
    ),
    Case(
        "logs.filter",
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        {
            "name": "case-filter",
            "log_group_name": Ref("logs.group", "name"),
            "pattern": '{ $.stale = "true" }',
            "metric_transformation": _transformation(),
        },
        _filter,
        [['{ $.stale = "true" }', "Stale", "1", None]],
        update={"pattern": "ERROR", "metric_transformation": _transformation(default_value="0")},
        updated=[["ERROR", "Stale", "1", 0.0]],
        meddle=lambda aws, state: aws("logs").put_metric_filter(
            logGroupName=state["logGroupName"],
            filterName=state["name"],
            filterPattern="WARN",
            metricTransformations=[{"metricName": "Stale", "metricNamespace": "tradai/dev", "metricValue": "1"}],
        ),
        drifted=frozenset({"pattern"}),
        replace={"name": "case-filter-2"},
        import_id=lambda state: f"{state['logGroupName']}:{state['name']}",
    ),
    Case(
        "logs.policy",
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        {"policy_name": "case-writers", "policy_document": _writers("delivery.logs.amazonaws.com")},
        _policy,
        [["delivery.logs.amazonaws.com"]],
        update={"policy_document": _writers("delivery.logs.amazonaws.com", "events.amazonaws.com")},
        updated=[["delivery.logs.amazonaws.com", "events.amazonaws.com"]],
        meddle=lambda aws, state: aws("logs").put_resource_policy(
            policyName=state["policyName"], policyDocument=_writers("es.amazonaws.com")
        ),
        drifted=frozenset({"policyDocument"}),
        replace={"policy_name": "case-writers-2"},
    ),
)
