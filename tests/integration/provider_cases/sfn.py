"""State machines; needs `iam` and `logs`."""

import json
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _definition(limit: int) -> str:
    """Two choices whose order matters, spelled with space and keys in no order."""
    choices = [
        {"Variable": "$.n", "NumericGreaterThan": limit, "Next": "Much"},
        {"Variable": "$.n", "NumericGreaterThan": 0, "Next": "Little"},
    ]
    states = {
        "Which": {"Type": "Choice", "Choices": choices, "Default": "Little"},
        "Much": {"Type": "Succeed"},
        "Little": {"Type": "Pass", "End": True},
    }
    return json.dumps({"States": states, "StartAt": "Which"}, indent=2)


def _swapped(text: str) -> str:
    document = json.loads(text)
    document["States"]["Which"]["Choices"].reverse()
    return json.dumps(document)


def _machine(aws: Aws, state: Props) -> Any:
    found = aws("stepfunctions").describe_state_machine(stateMachineArn=state["id"])
    versions = aws("stepfunctions").list_state_machine_versions(stateMachineArn=state["id"])["stateMachineVersions"]
    tags = aws("stepfunctions").list_tags_for_resource(resourceArn=state["id"])["tags"]
    logging = found["loggingConfiguration"]
    return {
        "limit": json.loads(found["definition"])["States"]["Which"]["Choices"][0]["NumericGreaterThan"],
        "logs": [logging["level"], logging.get("includeExecutionData"), len(logging.get("destinations", []))],
        "traces": found["tracingConfiguration"]["enabled"],
        "versions": len(versions),
        "type": [found["type"], found["status"]],
        "tags": {t["key"]: t["value"] for t in tags},
    }


def _logging(level: str) -> Props:
    return {
        "level": level,
        "include_execution_data": False,
        "log_destination": "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/vendedlogs/states/case:*",
    }


_FIRST: Final = {
    "limit": 10,
    "logs": ["ERROR", False, 1],
    "traces": True,
    "versions": 1,
    "type": ["STANDARD", "ACTIVE"],
    "tags": {"a": "1"},
}

CASES: Final = (
    Case(
        "sfn.machine",
        "aws:sfn/stateMachine:StateMachine",
        {
            "name": "case-machine",
            "role_arn": Ref("iam.role", "arn"),
            "definition": _definition(10),
            "type": "STANDARD",
            "logging_configuration": _logging("ERROR"),
            "tracing_configuration": {"enabled": True},
            "publish": True,
            "tags": {"a": "1"},
        },
        _machine,
        _FIRST,
        update={
            "definition": _definition(20),
            "logging_configuration": _logging("ALL"),
            "tracing_configuration": {"enabled": False},
            "tags": {"b": "2"},
        },
        updated={
            **_FIRST,
            "limit": 20,
            "logs": ["ALL", False, 1],
            "traces": False,
            "versions": 2,
            "tags": {"b": "2"},
        },
        not_imported=frozenset({"publish"}),
    ),
    Case(
        "sfn.plain-machine",
        "aws:sfn/stateMachine:StateMachine",
        {"role_arn": Ref("iam.role", "arn"), "definition": _definition(10), "name": "case-plain"},
        lambda aws, state: _machine(aws, state)["limit"],
        10,
        meddle=lambda aws, state: aws("stepfunctions").update_state_machine(
            stateMachineArn=state["id"], definition=_swapped(_definition(10))
        ),
        drifted=frozenset({"definition"}),
        replace={"name": "case-plain-2"},
    ),
)
