"""Log groups."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props


def _retention(aws: Aws, state: Props) -> Any:
    found = aws("logs").describe_log_groups(logGroupNamePrefix=state["id"])["logGroups"]
    return [group["retentionInDays"] for group in found if group["logGroupName"] == state["id"]]


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
)
