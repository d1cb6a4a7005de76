"""What each function is given by the rendered compute layer, as a file for the tests that play functions.

`python -m tests.unit.iac.functions_given` writes it (`just generate`): per function the calls of AWS that its role is
for, each with the table, bucket, topic or queue, and the names of its variables. Must never hold what running a
function takes: logs, traces, network interfaces, and what Lambda's poller asks of a queue.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.unit.iac.lambda_runs import SETTINGS, with_all_options

FILE: Final = Path(__file__).with_suffix(".json")
_RUNNING: Final = frozenset({"logs", "xray", "ec2"})
#: Not called by the function: Lambda's poller takes from the queue, and roles are handed on by RunTask.
_NOT_CALLED: Final = frozenset({"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "iam:PassRole"})
_COMPONENT: Final = re.compile(r"tradai[-/](.+?)-dev\b")


def given() -> dict[str, dict[str, list[str]]]:
    """Function → `rights` (`dynamodb:GetItem workflow-state`) and `variables`."""
    made = with_all_options()
    functions = made.of("aws:lambda/function:Function")
    policies = made.of("aws:iam/rolePolicy:RolePolicy")
    return {
        row.name: {
            "rights": sorted(set(_rights(json.loads(policies[row.name]["policy"])))),
            "variables": sorted(functions[row.name]["environment"]["variables"]),
        }
        for row in SETTINGS.lambdas
        if not row.inline
    }


def _rights(policy: dict[str, Any]) -> Iterator[str]:
    for statement in policy["Statement"]:
        for action in statement["Action"] if statement["Effect"] == "Allow" else ():
            if action.split(":")[0] not in _RUNNING and action not in _NOT_CALLED:
                yield from (f"{action} {component(arn)}".strip() for arn in statement["Resource"])


def component(arn: str) -> str:
    """The component's name in an ARN of ours, nothing where it has none."""
    if ":ecs:" in arn:
        return ""
    found = _COMPONENT.search(arn)
    return found.group(1) if found else ""


def rendered() -> str:
    """The file's text."""
    return json.dumps(given(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(rendered())
