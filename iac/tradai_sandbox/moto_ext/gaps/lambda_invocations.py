"""Lambda: invocations run the function's code, where moto echoes the event or looks for a container engine.

Must never succeed for a function that cannot run, nor for one that does not exist.
"""

import base64
import json
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda_simple.models import LambdaSimpleBackend

from tradai_sandbox.moto_ext.gaps.patching import wrap
from tradai_sandbox.workloads import invocations, later
from tradai_sandbox.workloads.running import FLEET


def repair() -> None:
    """Run what is invoked, by a request or by another service (SNS, S3), as it is deployed at that time."""
    wrap(
        LambdaFunction,
        _invoke_lambda=_as_a_process,
        update_configuration=_forgotten,
        update_function_code=_forgotten,
    )
    wrap(LambdaSimpleBackend, invoke=_for_real)
    wrap(LambdaBackend, delete_function=_deleted)


def _forgotten(original: Any) -> Any:
    def update(self: Any, *args: Any) -> Any:
        answer = original(self, *args)
        FLEET.forget(self.function_arn)
        return answer

    return update


def _deleted(original: Any) -> Any:
    def delete_function(self: Any, function_name: str, *args: Any) -> Any:
        arn = self.get_function(function_name).function_arn
        answer = original(self, function_name, *args)
        FLEET.forget(arn)
        return answer

    return delete_function


def _as_a_process(_original: Any) -> Any:
    def _invoke_lambda(self: Any, event: Any = None) -> tuple[str, bool, str]:
        answer = invocations.call(self, event)
        return answer.payload, answer.failed, answer.log

    return _invoke_lambda


def _for_real(original: Any) -> Any:
    def invoke(
        self: Any, function_name: str, qualifier: Any, body: Any, headers: Any, response_headers: dict[str, str]
    ) -> Any:
        function = self.get_function(function_name, qualifier)
        if self.lambda_simple_results_queue:
            return original(self, function_name, qualifier, body, headers, response_headers)
        return _answered(function, _event(body), headers.get("X-Amz-Invocation-Type"), response_headers)

    return invoke


class TooManyRequestsError(LambdaClientError):
    """What finds no place."""

    code = 429

    def __init__(self) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


def _event(body: Any) -> Any:
    try:
        return json.loads(body or "{}")
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise LambdaClientError("InvalidRequestContentException", message) from error


def _answered(function: Any, event: Any, kind: str | None, headers: dict[str, str]) -> bytes:
    """The payload for a kind of invocation; what more there is to say goes into the answer's headers."""
    if kind == "DryRun":
        return b""
    if kind == "Event":
        later.start(function, event)
        return b""
    answer = invocations.call(function, event)
    if answer.throttled:
        raise TooManyRequestsError
    headers["x-amz-log-result"] = base64.b64encode(answer.log[-4096:].encode()).decode()
    if answer.failed:
        headers["x-amz-function-error"] = "Unhandled"
    return answer.payload.encode()
