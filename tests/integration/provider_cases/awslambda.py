"""Functions and their permissions; needs `iam`."""

from typing import Any, Final

import pulumi

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _archive(text: str) -> pulumi.Archive:
    return pulumi.AssetArchive({"package/handler.py": pulumi.StringAsset(text)})


def _function(aws: Aws, state: Props) -> Any:
    about = aws("lambda").get_function(FunctionName=state["name"])
    found = about["Configuration"]
    return {
        "limits": [found["MemorySize"], found["Timeout"], found["Architectures"]],
        "sees": found.get("Environment", {}).get("Variables"),
        "logs": found["LoggingConfig"]["LogGroup"],
        "code": found["CodeSha256"],
        "tags": about.get("Tags", {}),
    }


def _look(aws: Aws, state: Props) -> Any:
    found = _function(aws, state)
    return {**found, "code": found["code"] == state["codeSha256"] and len(found["code"])}


def _permission(aws: Aws, state: Props) -> Any:
    return state["statementId"] in aws("lambda").get_policy(FunctionName=state["function"])["Policy"]


_CODE: Final = "def handle(event, context):\n    return 1\n"
_EXPECTED: Final = {
    "limits": [128, 120, ["x86_64"]],
    "sees": {"A": "1"},
    "logs": "/case/function",
    "code": 44,
    "tags": {"a": "1"},
}
_PERMITTED: Final = {
    "function": Ref("lambda.function", "name"),
    "action": "lambda:InvokeFunction",
    "principal": "events.amazonaws.com",
    "source_arn": "arn:aws:events:eu-central-1:123456789012:rule/case-rule",
}

CASES: Final = (
    Case(
        "lambda.function",
        "aws:lambda/function:Function",
        {
            "name": "case-function",
            "description": "one",
            "role": Ref("iam.role", "arn"),
            "runtime": "python3.11",
            "handler": "package.handler.handle",
            "memory_size": 128,
            "timeout": 120,
            "code": _archive(_CODE),
            "environment": {"variables": {"A": "1"}},
            "logging_config": {"log_format": "Text", "log_group": "/case/function"},
            "tags": {"a": "1"},
        },
        _look,
        _EXPECTED,
        update={
            "timeout": 60,
            "code": _archive(_CODE.replace("1", "2")),
            "environment": {"variables": {"A": "2"}},
            "tags": {"a": "2"},
        },
        updated={**_EXPECTED, "limits": [128, 60, ["x86_64"]], "sees": {"A": "2"}, "tags": {"a": "2"}},
        meddle=lambda aws, state: aws("lambda").update_function_configuration(
            FunctionName=state["name"], Timeout=5, Environment={"Variables": {}}
        ),
        drifted=frozenset({"timeout", "environment"}),
        replace={"name": "case-function-2"},
        not_imported=frozenset({"code"}),
    ),
    Case(
        "lambda.permission",
        "aws:lambda/permission:Permission",
        {"statement_id": "case-permission", **_PERMITTED},
        _permission,
        True,
        meddle=lambda aws, state: aws("lambda").remove_permission(
            FunctionName=state["function"], StatementId=state["statementId"]
        ),
        replace={"statement_id": "case-permission-2"},
        import_id=lambda state: f"{state['function']}/{state['statementId']}",
    ),
    Case(
        "lambda.permission-of-machines",
        "aws:lambda/permission:Permission",
        {
            "statement_id": "case-machines",
            "function": Ref("lambda.function", "arn"),
            "action": "lambda:InvokeFunction",
            "principal": "states.amazonaws.com",
            "source_account": "123456789012",
        },
        _permission,
        True,
        replace={"source_account": "210987654321"},
        import_id=lambda state: f"{state['function']}/{state['statementId']}",
    ),
)
