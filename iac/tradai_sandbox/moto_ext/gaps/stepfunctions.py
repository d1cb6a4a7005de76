"""Step Functions: the list of a machine's versions, names of executions, and what AWS demands of logging.

Must never change how a machine runs: moto's interpreter does that.
"""

from typing import Any
from uuid import uuid4

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.stepfunctions import responses
from moto.stepfunctions.models import StepFunctionBackend

from tradai_sandbox.moto_ext.gaps.patching import add, wrap


def repair() -> None:
    """List versions, name executions, and refuse logging that reaches no log group."""
    add(responses.StepFunctionResponse, list_state_machine_versions, start_execution)
    wrap(StepFunctionBackend, create_state_machine=_with_a_destination, update_state_machine=_with_a_destination)


def list_state_machine_versions(self: Any) -> ActionResult:
    """ListStateMachineVersions: the newest first."""
    machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
    newest = sorted(machine.versions.values(), key=lambda version: version.version, reverse=True)
    told = [{"stateMachineVersionArn": each.arn, "creationDate": each.creation_date} for each in newest]
    return ActionResult({"stateMachineVersions": told[: self._get_int_param("maxResults") or 100]})


def start_execution(self: Any) -> ActionResult:
    """StartExecution; AWS makes up a name where none is given, so that a machine runs more than once."""
    machine, name = self._get_param("stateMachineArn"), self._get_param("name") or str(uuid4())
    begun = self.stepfunction_backend.start_execution(machine, name, self._get_param("input", if_none="{}"))
    return ActionResult({"executionArn": begun.execution_arn, "startDate": begun.start_date})


def _with_a_destination(original: Any) -> Any:
    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        _check(kwargs.get("loggingConfiguration") or kwargs.get("logging_configuration") or {})
        return original(self, *args, **kwargs)

    return checked


def _check(logging: dict[str, Any]) -> None:
    groups = [each["cloudWatchLogsLogGroup"]["logGroupArn"] for each in logging.get("destinations", [])]
    if logging.get("level", "OFF") != "OFF" and len(groups) != 1:
        raise _InvalidLoggingError("Must specify exactly one Log Destination.")
    if any(not group.endswith(":*") for group in groups):
        raise _InvalidLoggingError("Log Destination must end with ':*'.")


class _InvalidLoggingError(JsonRESTError):
    """What is wrong with a logging configuration."""

    code = 400

    def __init__(self, what: str) -> None:
        super().__init__("InvalidLoggingConfiguration", f"Invalid Logging Configuration: {what}")
