"""State machines on the local endpoint run to their end: choices, functions, and functions that fail."""

import json
import time
from collections.abc import Iterator
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from tests.integration.lambda_estate import ACCOUNT, REGION, ROLE, Functions
from tests.integration.provider_server import moto_server

#: Doubles what is more than ten; what cannot be doubled ends in `Excuse`.
_DEFINITION: Final = {
    "StartAt": "Which",
    "States": {
        "Which": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 10, "Next": "Double"}],
            "Default": "Little",
        },
        "Double": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "FUNCTION", "Payload.$": "$"},
            "ResultSelector": {"n.$": "$.Payload.n"},
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Excuse"}],
            "End": True,
        },
        "Little": {"Type": "Succeed"},
        "Excuse": {"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "$.error.Cause"},
    },
}
_DOUBLES: Final = "def handle(event, context):\n    return {'n': event['n'] * 2}"
_RAISES: Final = "def handle(event, context):\n    raise ValueError('cannot be doubled')"


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    with moto_server() as url:
        yield Functions(url)


def _machine(functions: Functions, function: str, **more: Any) -> str:
    definition = json.dumps(_DEFINITION).replace("FUNCTION", function)
    made = functions("stepfunctions").create_state_machine(name=function, definition=definition, roleArn=ROLE, **more)
    return str(made["stateMachineArn"])


def _ended(functions: Functions, machine: str, given: Any) -> Any:
    """The execution once it has ended, and the states that it went through; fails after a minute."""
    steps, deadline = functions("stepfunctions"), time.monotonic() + 60
    arn = steps.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
    while (found := steps.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() < deadline, "it does not come to an end"
        time.sleep(0.05)
    events = steps.get_execution_history(executionArn=arn)["events"]
    return found, [e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e]


def test_a_choice_leads_through_a_function_to_the_end(functions: Functions) -> None:
    functions.from_code("doubles", _DOUBLES, Timeout=30)
    machine = _machine(functions, "doubles")
    found, went = _ended(functions, machine, {"n": 21})
    assert (found["status"], json.loads(found["output"]), went) == ("SUCCEEDED", {"n": 42}, ["Which", "Double"])
    found, went = _ended(functions, machine, {"n": 1})
    assert (found["status"], json.loads(found["output"]), went) == ("SUCCEEDED", {"n": 1}, ["Which", "Little"])


def test_an_error_of_a_function_is_caught_by_its_kind(functions: Functions) -> None:
    functions.from_code("raises", _RAISES, Timeout=30)
    found, went = _ended(functions, _machine(functions, "raises"), {"n": 11})
    assert (found["status"], found["error"], went) == ("FAILED", "ValueError", ["Which", "Double", "Excuse"])
    assert "cannot be doubled" in found["cause"]


def test_a_function_from_an_image_fails_the_machine_rather_than_succeed(functions: Functions) -> None:
    functions.from_image("image", functions.push("tradai/step-dev", "one", "1"))
    found, _ = _ended(functions, _machine(functions, "image"), {"n": 11})
    assert (found["status"], found["error"]) == ("FAILED", "Runtime.InvalidEntrypoint")


@pytest.mark.parametrize(
    "logging",
    [
        {"level": "ALL"},
        {
            "level": "ERROR",
            "destinations": [
                {"cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:machines"}}
            ],
        },
    ],
    ids=["no log group", "no stream wildcard"],
)
def test_logging_that_reaches_no_log_group_is_refused(functions: Functions, logging: Any) -> None:
    with pytest.raises(ClientError, match="InvalidLoggingConfiguration"):
        _machine(functions, "logs", loggingConfiguration=logging)
