"""Asynchronous invocations: tried three times as Lambda does, then handed to where the function's failures go.

Must never hold whoever sent the event, nor try again for a function that has gone.
"""

import json
import threading
from collections.abc import Mapping
from typing import Any, Final

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.utils import get_backend
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from tradai_sandbox.workloads.invocations import Answer, call
from tradai_sandbox.workloads.running import TOLD

_RETRIES: Final = 2
#: What never ran for want of a place is tried again without counting, but not for ever.
_THROTTLES: Final = 30
_WAIT: Final = threading.Event()


def start(function: Any, event: Any) -> threading.Thread:
    """Run moto's `function` for the event on a thread of its own."""
    thread = threading.Thread(target=run, args=(function, event), name=function.function_name, daemon=True)
    thread.start()
    return thread


def run(function: Any, event: Any) -> None:
    """Until it is done, or has failed as often as it may."""
    config = _config(function)
    left = config.get("MaximumRetryAttempts", _RETRIES)
    throttles, attempt, answer = _THROTTLES, 1, call(function, event)
    while answer.failed and (left if not answer.throttled else throttles):
        left, throttles = (left, throttles - 1) if answer.throttled else (left - 1, throttles)
        _WAIT.wait(TOLD.manners.retry_s * attempt)
        if not _there(function):
            return
        attempt += not answer.throttled
        answer = call(function, event)
    _hand_on(function, event, answer, attempt, config.get("DestinationConfig") or {})


def _config(function: Any) -> Mapping[str, Any]:
    said = function.event_invoke_config
    return dict(said[-1].config) if said else {}


def _there(function: Any) -> bool:
    try:
        get_backend(function.account_id, function.region).get_function(function.function_arn)
    except UnknownFunctionException:
        return False
    return True


def _hand_on(function: Any, event: Any, answer: Answer, attempts: int, destinations: Mapping[str, Any]) -> None:
    """To the destination of what it came to, and what failed to the dead letters as well."""
    dead = function.remembered.get("DeadLetterConfig", {}).get("TargetArn")
    if dead and answer.failed:
        said = json.loads(answer.payload)
        attributes = {"ErrorCode": "200", "ErrorMessage": str(said.get("errorMessage", ""))[:1024] or "none"}
        send(dead, json.dumps(event, default=str), attributes)
    if to := destinations.get("OnFailure" if answer.failed else "OnSuccess", {}).get("Destination"):
        send(to, json.dumps(_record(function, event, answer, attempts), default=str), {})


def _record(function: Any, event: Any, answer: Answer, attempts: int) -> dict[str, Any]:
    context = {
        "functionArn": f"{function.function_arn}:$LATEST",
        "condition": "RetriesExhausted" if answer.failed else "Success",
        "approximateInvokeCount": attempts,
    }
    response = {"statusCode": 200, **({"functionError": "Unhandled"} if answer.failed else {})}
    told = {
        "requestPayload": event,
        "responseContext": response,
        "responsePayload": json.loads(answer.payload or "null"),
    }
    return {"version": "1.0", "requestContext": context, **told}


def send(arn: str, body: str, attributes: Mapping[str, str]) -> None:
    """To a queue or a topic; whatever else it is hears nothing."""
    _, _, service, region, account, name = arn.split(":", 5)
    said = {key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()}
    if service == "sqs":
        group = "lambda" if name.endswith(".fifo") else None
        sqs_backends[account][region].send_message(name, body, said, group_id=group)
    elif service == "sns":
        sns_backends[account][region].publish(body, arn, message_attributes=said)
