"""Step Functions: the states that run ECS tasks and call functions, with the parameters that AWS takes and moto drops.

A task's containers end by a signal when somebody stops it, and the state fails where a container did not end well.
Must never decide the way of an execution: moto's interpreter does that with what the state came to.
"""

import json
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final

import botocore.session
from botocore.exceptions import ClientError
from botocore.model import ListShape, Shape, StructureShape
from moto.ecs.models import EC2ContainerServiceBackend
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_ecs import (
    StateTaskServiceEcs,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_lambda import (
    StateTaskServiceLambda,
)

from tradai_sandbox.moto_ext.gaps.patching import add, wrap

#: The exit code of a process that SIGTERM ended.
_TERMINATED: Final = 143
_MEMORY: Final = frozenset({"memory", "memoryReservation"})
#: What the integration calls a task that RunTask could not place.
_UNKNOWN: Final = "AmazonECS.Unknown"
_TASK_FAILED: Final = StatesErrorNameType.StatesTaskFailed


def repair() -> None:
    """Hand parameters on in the API's spelling, and fail where a task did."""
    wrap(StateTaskServiceEcs, _get_supported_parameters=_and("CapacityProviderStrategy"))
    wrap(StateTaskServiceEcs, _build_sync_resolver=_fails_with_its_containers, _from_error=_named)
    add(StateTaskServiceEcs, _normalise_parameters, _normalise_response)
    wrap(StateTaskServiceLambda, _get_supported_parameters=_and("InvocationType"))
    wrap(
        EC2ContainerServiceBackend,
        stop_task=_by_a_signal,
        _calculate_task_resource_requirements=_with_the_memory_of_the_task,
    )


def _and(parameter: str) -> Callable[[Any], Any]:
    def wrapper(original: Any) -> Any:
        def supported(self: Any) -> set[str]:
            return {*original(self), parameter}

        return supported

    return wrapper


def _normalise_parameters(self: Any, parameters: dict[str, Any], *_args: Any, **_more: Any) -> None:
    """`TaskDefinition` as RunTask spells it: `taskDefinition`, at every depth."""
    model = botocore.session.get_session().get_service_model("ecs")
    action = self.resource.api_action
    spelled = _spelled(parameters, model.operation_model(f"{action[0].upper()}{action[1:]}").input_shape)
    parameters.clear()
    parameters.update(spelled)


def _spelled(value: Any, shape: Shape | None) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        names = {name.lower(): name for name in shape.members}
        known = {names[key.lower()]: inner for key, inner in value.items() if key.lower() in names}
        return {name: _spelled(inner, shape.members[name]) for name, inner in known.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_spelled(inner, shape.member) for inner in value]
    return value


class NotPlacedError(Exception):
    """RunTask has answered with failures alone."""


def _normalise_response(_self: Any, response: Any, *_args: Any, **_more: Any) -> None:
    """An answer as Step Functions spells it: `TaskArn`, at every depth; raises NotPlacedError without a task."""
    if isinstance(response, dict) and response.get("failures") and response.get("tasks") == []:
        raise NotPlacedError(json.dumps(response["failures"]))
    if isinstance(response, dict):
        for key in list(response):
            response[f"{key[0].upper()}{key[1:]}"] = _spelled_out(response.pop(key))
        for inner in response.values():
            _normalise_response(_self, inner)
    elif isinstance(response, list):
        for inner in response:
            _normalise_response(_self, inner)


def _spelled_out(value: Any) -> Any:
    """A time as Step Functions has it: milliseconds since 1970."""
    return int(value.timestamp() * 1000) if isinstance(value, datetime) else value


def _fails_with_its_containers(original: Any) -> Any:
    def _build_sync_resolver(self: Any, env: Any, *args: Any, **kwargs: Any) -> Callable[[], Any]:
        resolve = original(self, env, *args, **kwargs)

        def resolved() -> Any:
            task = resolve()
            if task and any(container.get("ExitCode") != 0 for container in task.get("Containers", [])):
                name = StatesErrorName(typ=_TASK_FAILED)
                cause = json.dumps(task, default=str)
                raise FailureEventException(_failure(self, env, name, _TASK_FAILED.to_name(), cause))
            return task

        return resolved

    return _build_sync_resolver


def _named(original: Any) -> Any:
    """What RunTask refuses has the name of its exception, where moto calls it an error of the interpreter."""

    def _from_error(self: Any, env: Any, ex: Exception) -> FailureEvent:
        if isinstance(ex, NotPlacedError):
            return _failure(self, env, CustomErrorName(_UNKNOWN), _UNKNOWN, str(ex))
        if not isinstance(ex, ClientError):
            failure: FailureEvent = original(self, env=env, ex=ex)
            return failure
        said = ex.response["Error"]
        error = f"ECS.{said['Code']}"
        return _failure(self, env, CustomErrorName(error), error, said["Message"])

    return _from_error


def _failure(state: Any, env: Any, name: ErrorName, error: str, cause: str) -> FailureEvent:
    place = {"resource": state._get_sfn_resource(), "resourceType": state._get_sfn_resource_type()}
    details: Any = {"taskFailedEventDetails": {"error": error, "cause": cause, **place}}
    return FailureEvent(env=env, error_name=name, event_type=HistoryEventType.TaskFailed, event_details=details)


def _by_a_signal(original: Any) -> Any:
    def stop_task(self: Any, *args: Any, **kwargs: Any) -> Any:
        task = original(self, *args, **kwargs)
        for container in () if getattr(task, "told", False) else task.containers:
            container.exitCode = _TERMINATED
        return task

    return stop_task


def _with_the_memory_of_the_task(original: Any) -> Any:
    """On Fargate the task says how much memory there is, so a container need not."""

    def calculate(definition: Any) -> Any:
        containers = [
            container if _MEMORY & container.keys() else {**container, "memory": 0}
            for container in definition.container_definitions
        ]
        return original(SimpleNamespace(container_definitions=containers))

    return staticmethod(calculate)
