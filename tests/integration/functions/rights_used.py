"""Holds each call that a function makes against the role that it is deployed with, and remembers which rights it used.

A call belongs to a function where its code, its entry, or Powertools on its behalf makes it; what a test asks of AWS by
itself is nobody's. Must never let a call through that the deployed role would refuse.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

ROOT: Final = Path(__file__).resolve().parents[3]
LAMBDAS: Final = ROOT / "lambdas"
GIVEN: Final[dict[str, dict[str, list[str]]]] = json.loads(
    (ROOT / "tests" / "unit" / "iac" / "functions_given.json").read_text()
)
_NOT_FUNCTIONS: Final = frozenset({"shared", ".venv"})
#: Operations whose right has another name.
_RIGHTS: Final = {
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:UploadPart": "s3:PutObject",
    "sns:PublishBatch": "sns:Publish",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "lambda:Invoke": "lambda:InvokeFunction",
}
_TRANSACTED: Final = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
_PREFIXES: Final = {"stepfunctions": "states"}
#: Where the resource stands among the parameters, for services whose test resources bear our names.
_NAMED: Final = {"dynamodb": "TableName", "s3": "Bucket", "sns": "TopicArn"}


def asked(service: str, operation: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a call needs: actions, each with the name of what it acts on, empty where that is not looked at."""
    prefix = _PREFIXES.get(service, service)
    if operation.startswith("Transact"):
        for item in params["TransactItems"]:
            yield from ((f"dynamodb:{_TRANSACTED[kind]}", str(said["TableName"])) for kind, said in item.items())
    elif operation in ("BatchGetItem", "BatchWriteItem"):
        yield from ((f"dynamodb:{operation}", table) for table in params["RequestItems"])
    else:
        action = f"{prefix}:{operation}"
        yield _RIGHTS.get(action, action), str(params.get(_NAMED.get(prefix, ""), ""))
    if operation == "RunTask" and (params.get("tags") or params.get("propagateTags")):
        yield "ecs:TagResource", ""


def fits(right: str, action: str, name: str) -> bool:
    """Whether a right is for a call; test resources are called `tradai-<component>-<mark>`."""
    allowed, _, component = right.partition(" ")
    return allowed == action and (not name or f"tradai-{component}-" in f"{name}-")


class Roles:
    """The roles of all functions, and which of their rights were used in this session."""

    def __init__(self, given: Mapping[str, Mapping[str, list[str]]]) -> None:
        self.given = given
        self.used: dict[str, set[str]] = {}

    def judge(self, function: str, service: str, operation: str, params: Mapping[str, Any]) -> None:
        """Raises ClientError for a call outside of the role."""
        for action, name in asked(service, operation, params):
            rights = [right for right in self.given[function]["rights"] if fits(right, action, name)]
            if not rights:
                said = f"the role of {function} does not allow {action} on {name or 'it'}: its row in config/lambdas.py"
                raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": said}}, operation)
            self.used.setdefault(function, set()).update(rights)

    def door(self, original: Callable[..., Any], tested: str | None) -> Callable[..., Any]:
        """`BaseClient._make_api_call`, with the door before it; `tested` is the function of the test's file."""

        def _make_api_call(client: Any, operation: str, params: Mapping[str, Any]) -> Any:
            if function := caller(tested):
                self.judge(function, client.meta.service_model.service_name, operation, params)
            return original(client, operation, params)

        return _make_api_call


def caller(tested: str | None) -> str | None:
    """Whose code is calling, by the stack; the outermost folder counts."""
    frame, found, on_its_behalf = sys._getframe(1), None, False
    while frame:
        path = Path(os.path.normpath(frame.f_code.co_filename))
        if path.is_relative_to(LAMBDAS):
            folder = path.relative_to(LAMBDAS).parts[0]
            found = folder.replace("_", "-") if folder not in _NOT_FUNCTIONS else found
            on_its_behalf |= path.name == "entry.py" or "aws_lambda_powertools" in path.parts
        frame = frame.f_back  # type: ignore[assignment]
    return found or (tested if on_its_behalf else None)


def function_of(file: Path) -> str | None:
    """The function that a test file is of: the longest name that it begins with."""
    said = file.stem.removeprefix("test_").replace("_", "-")
    return max((name for name in GIVEN if said.startswith(name)), key=len, default=None)


ROLES: Final = Roles(GIVEN)
