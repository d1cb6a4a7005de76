"""Starting what a request asks for, so that however often it is tried, one thing runs.

An execution of a backtest has its job's id as its name, one of a retraining its model's mark too; a task has a token
that follows from its kind, model, job and attempt. Must never say that nothing runs where that is not known.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, Literal, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field, ValidationInfo, field_validator

from shared import clients
from shared.deployed import DEPLOYED
from shared.requests import sentence, variables
from shared.settings import Settings

Mode = Literal["ecs", "stepfunctions"]
#: From here on an answer says that AWS has failed, not that it refuses.
_SERVERS_FAULT: Final = 500
#: Characters of a model's mark in an execution's name.
_MARK: Final = 15


class LaunchSettings(Settings):
    """What starting takes (002 §2.4); lists are separated by commas."""

    launch_mode: Mode = Field(validation_alias="LAUNCH_MODE")
    cluster: str = Field(validation_alias="ECS_CLUSTER")
    task_definition: str = Field(validation_alias="ECS_TASK_DEFINITION")
    task_prefix: str = Field(validation_alias="ECS_TASK_PREFIX")
    subnets: str = Field(validation_alias="ECS_SUBNETS")
    security_groups: str = Field(validation_alias="ECS_SECURITY_GROUPS")
    state_machine: str = Field(validation_alias="STEP_FUNCTIONS_ARN")

    @field_validator("task_prefix")
    @classmethod
    def _begins_a_strategys(cls, prefix: str, told: ValidationInfo) -> str:
        """What consumers start is a strategy: nothing else may be deployed as their definition."""
        family = str(told.data.get("task_definition", prefix)).rpartition("/")[2]
        if prefix not in family:
            raise ValueError(f"ECS_TASK_DEFINITION must name a definition of {prefix}, and names {family}")
        return prefix


class NotLaunchedError(Exception):
    """It could not be started now. `known` says that surely nothing runs; `spent` that its token is used up."""

    def __init__(self, reason: str, *, known: bool, spent: bool = False) -> None:
        super().__init__(sentence(reason))
        self.known, self.spent = known, spent


class Launcher(Protocol):
    """Starts a request, or finds what an earlier try has started."""

    def launch(self, request: Mapping[str, str], attempt: int, /) -> dict[str, str]:
        """`{"execution_arn"}` or `{"task_arn"}`, the same however often an attempt is made. Raises NotLaunchedError."""


class Executions:
    """LAUNCH_MODE stepfunctions: Step Functions keeps a name for 90 days, so the attempt does not matter."""

    def __init__(self, settings: LaunchSettings) -> None:
        self._machine = settings.state_machine

    def launch(self, request: Mapping[str, str], _attempt: int, /) -> dict[str, str]:
        """An execution of the request's name."""
        name = execution_name(request)
        try:
            started = clients.client("stepfunctions").start_execution(
                stateMachineArn=self._machine, name=name, input=json.dumps(dict(request), sort_keys=True)
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionAlreadyExists":
                return {"execution_arn": f"{self._machine.replace(':stateMachine:', ':execution:')}:{name}"}
            raise refused("Step Functions", error) from error
        except BotoCoreError as error:
            raise NotLaunchedError(f"Step Functions did not answer: {error}", known=False) from error
        return {"execution_arn": started["executionArn"]}


class Tasks:
    """LAUNCH_MODE ecs: one task of the strategy's definition, which has all variables that no request says."""

    def __init__(self, settings: LaunchSettings, trading_mode: str) -> None:
        self._settings, self._trading_mode = settings, trading_mode

    def launch(self, request: Mapping[str, str], attempt: int, /) -> dict[str, str]:
        """A task that is known by its job's id (`startedBy`, JOB_ID)."""
        try:
            answer = clients.client("ecs").run_task(**self.order(request, attempt))
        except ClientError as error:
            if there := error.response.get("resourceIds"):
                return {"task_arn": str(there[0])}
            raise refused("ECS", error) from error
        except BotoCoreError as error:
            raise NotLaunchedError(f"ECS did not answer: {error}", known=False) from error
        if answer["tasks"]:
            return {"task_arn": answer["tasks"][0]["taskArn"]}
        raise NotLaunchedError(f"ECS has no room for the task: {_why(answer)}", known=True, spent=True)

    def order(self, request: Mapping[str, str], attempt: int) -> dict[str, Any]:
        """What ECS is asked for; the same request and attempt give the same order."""
        settings, task = self._settings, DEPLOYED.strategy_task
        given = [{"name": "TRADING_MODE", "value": self._trading_mode}, *variables(request)]
        return {
            "cluster": settings.cluster,
            "taskDefinition": request.get("task_definition", settings.task_definition),
            "count": 1,
            "clientToken": token(self._trading_mode, request, attempt),
            "startedBy": request["job_id"],
            "capacityProviderStrategy": [{"capacityProvider": task.capacity_provider, "weight": 1}],
            "networkConfiguration": {
                "awsvpcConfiguration": {
                    "assignPublicIp": "DISABLED",
                    "securityGroups": settings.security_groups.split(","),
                    "subnets": settings.subnets.split(","),
                }
            },
            "overrides": {"containerOverrides": [{"name": task.container, "environment": given}]},
        }


def launcher(settings: LaunchSettings, workflow: str) -> Launcher:
    """What LAUNCH_MODE says for the requests of a workflow."""
    if settings.launch_mode == "stepfunctions":
        return Executions(settings)
    return Tasks(settings, DEPLOYED.workflows[workflow].trading_mode)


def execution_name(request: Mapping[str, str]) -> str:
    """Step Functions takes 80 characters, a job's id has up to 64: two models may have a run of the same id."""
    job_id, model = request["job_id"], request.get("model_name")
    return f"{job_id}-{sha256(model.encode()).hexdigest()[:_MARK]}" if model else job_id


def token(kind: str, request: Mapping[str, str], attempt: int) -> str:
    """ECS takes 64 characters, and answers the same token as before, room or not: each attempt has its own."""
    whose = (kind, request.get("model_name", ""), request["job_id"], str(attempt))
    return sha256(json.dumps(whose).encode()).hexdigest()


def refused(service: str, error: ClientError) -> NotLaunchedError:
    """What an error of AWS comes to: one of its own may have come after the start, and so may one of a repeated call.

    Only the answer to the one and only call says surely that nothing runs: an earlier one may have been heard.
    """
    said, about = error.response["Error"], error.response.get("ResponseMetadata", {})
    known = about.get("HTTPStatusCode", _SERVERS_FAULT) < _SERVERS_FAULT and about.get("RetryAttempts") == 0
    return NotLaunchedError(f"{service} answered {said.get('Code')}: {said.get('Message')}", known=known)


def _why(answer: Mapping[str, Any]) -> str:
    told = [": ".join(filter(None, (each.get("reason"), each.get("detail")))) for each in answer.get("failures", [])]
    return "; ".join(told) or "it gave no reason"
