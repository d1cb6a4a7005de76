"""The row of a look in the environment's drift table (of `tradai`: `infra-drift-state`, 002 §3.2), one a stack.

An environment that has no such table (yet), or a blueprint that declares none, has no row. Must never fail a look.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tradai_iac.blueprint import Blueprint
from tradai_iac.naming import Naming
from tradai_runner.contract import RunRequest
from tradai_runner.drift.report import DriftReport
from tradai_runner.process.writes import point
from tradai_runner.repair.clients import clients_for

_WRITER: Final = "tradai-operator"


def row_of(report: DriftReport, report_key: str) -> dict[str, Any]:
    """The item: keys as 002 has them, `has_drift` as text since an index needs it so."""
    summary = report.summary()
    return {
        "stack_name": {"S": report.stack},
        "has_drift": {"S": str(summary.drifted).lower()},
        "last_check": {"S": datetime.fromtimestamp(report.checked_at, UTC).isoformat(timespec="seconds")},
        "changed": {"N": str(summary.changed)},
        "missing": {"N": str(summary.missing)},
        "unexpected": {"N": str(summary.unexpected)},
        "ignored": {"N": str(summary.ignored)},
        "resources": {"L": [{"S": text} for text in summary.first]},
        "report": {"S": report_key},
        "checked_by": {"S": _WRITER},
    }


def write_row(
    request: RunRequest, blueprint: Blueprint, report: DriftReport, report_key: str, log: Callable[[str], None]
) -> None:
    """Replaces the stack's row; what hinders it is a line of the log."""
    if blueprint.drift_table is None:
        return
    table = Naming(blueprint.project, request.environment).name(blueprint.drift_table, kind="dynamodb-table")
    try:
        dynamodb = clients_for(request)("dynamodb")
        with point("drift.row"):
            dynamodb.put_item(TableName=table, Item=row_of(report, report_key))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            log(f"the row of {table} could not be written: {error}")
    except BotoCoreError as error:
        log(f"the row of {table} could not be written: {error}")
