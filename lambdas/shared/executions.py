"""How a run of the retraining workflow ended, whoever ended it, and its model given back.

Promotion gives a model back by itself; a champion that stays, a failure, a time limit and an abortion are found here.
Must never take a run for ended that Step Functions does not say has ended, unless its time has passed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

from botocore.exceptions import ClientError

from shared import clients
from shared.retraining import Outcome, Retraining, Retrainings

_RUNNING: Final = frozenset({"RUNNING", "PENDING_REDRIVE"})
_CHARACTERS: Final = 500


@dataclass(frozen=True)
class Ended:
    """How an execution ended, and why."""

    outcome: Outcome
    reason: str


class Still(Enum):
    """Of an execution that has not ended, or that Step Functions knows nothing of."""

    RUNNING = "running"
    ABSENT = "absent"


def ended(described: Mapping[str, Any]) -> Ended | Still:
    """What the answer of DescribeExecution says."""
    status = described["status"]
    if status in _RUNNING:
        return Still.RUNNING
    if status == "SUCCEEDED":
        return _succeeded(described.get("output"))
    why = [str(described[key]) for key in ("error", "cause") if described.get(key)]
    return Ended(Outcome.FAILED, ": ".join([status, *why])[:_CHARACTERS])


def _succeeded(output: str | None) -> Ended:
    said = _read(output)
    if "promotion" in said:
        return Ended(Outcome.PROMOTED, "the challenger took over")
    compared = said.get("comparison")
    answer = compared.get("answer") if isinstance(compared, dict) else said
    reason = answer.get("reason") if isinstance(answer, dict) else None
    return Ended(Outcome.KEPT, str(reason or "the champion stays")[:_CHARACTERS])


def _read(output: str | None) -> dict[str, Any]:
    try:
        said = json.loads(output or "{}")
    except ValueError:
        return {}
    return {key: value for key, value in said.items() if value} if isinstance(said, dict) else {}


class Executions:
    """Those of one workflow."""

    def __init__(self, workflow_arn: str) -> None:
        self._prefix = workflow_arn.replace(":stateMachine:", ":execution:", 1) + ":"

    def look(self, execution_arn: str) -> Ended | Still:
        """How one stands; raises what botocore raises."""
        if not execution_arn.startswith(self._prefix):
            return Still.ABSENT
        try:
            return ended(clients.client("stepfunctions").describe_execution(executionArn=execution_arn))
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
                return Still.ABSENT
            raise

    def settle(self, runs: Retrainings, found: Retraining, at: datetime) -> bool:
        """Give a model back whose run has ended, or whose time has passed without a word; says whether it did."""
        if found.run_id is None or found.running_until is None:
            return False
        how = self.look(found.execution_arn) if found.execution_arn else Still.ABSENT
        if isinstance(how, Ended):
            return runs.release(found.model_name, found.run_id, how.outcome, how.reason)
        if how is Still.RUNNING or found.running(at):
            return False
        return runs.release(found.model_name, found.run_id, Outcome.LAPSED, "nobody said how it ended")
