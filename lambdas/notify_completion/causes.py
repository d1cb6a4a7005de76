"""Why a run failed, as a sentence: errors of Step Functions, of functions, of ECS tasks, and refusals.

An ECS task's cause is its whole description, of which only how it ended is told. Must never tell its variables.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

#: A line of a message, in characters; a cause may be a whole log.
LINE: Final = 500
_REFUSALS: Final = 10


def reasons(detail: Mapping[str, Any]) -> list[str]:
    """What the execution's data says of its failure, nothing where it says nothing."""
    refused = detail.get("errors")
    found = [line(each) for each in refused[:_REFUSALS]] if isinstance(refused, list) else []
    return [*found, *([_of_error(detail["error"])] if detail.get("error") else [])]


def _of_error(said: Any) -> str:
    if not isinstance(said, Mapping):
        return line(said)
    error, cause = said.get("Error"), said.get("Cause")
    if error == "States.Timeout":
        return "it took longer than its limit"
    return line(": ".join(str(each) for each in (error, _of_cause(cause)) if each))


def _of_cause(cause: Any) -> Any:
    """A function's error and a task's end are JSON within the text."""
    try:
        read = json.loads(cause)
    except (TypeError, ValueError, RecursionError):
        return cause
    if not isinstance(read, dict):
        return cause
    if "errorMessage" in read:
        return read["errorMessage"]
    return "; ".join(_of_task(read)) or "see the execution"


def _of_task(task: Mapping[str, Any]) -> Iterator[str]:
    if reason := task.get("StoppedReason"):
        yield str(reason)
    containers = task.get("Containers")
    for each in containers if isinstance(containers, list) else []:
        if isinstance(each, dict) and each.get("ExitCode") is not None:
            yield f"{each.get('Name', 'its container')} ended with {each['ExitCode']}"


def line(value: Any) -> str:
    """Anything as one line that SNS and a mail take."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    plain = "".join(each if each.isprintable() else " " for each in text[: LINE * 2])
    one = " ".join(plain.split())
    return one if len(one) <= LINE else f"{one[: LINE - 3]}..."
