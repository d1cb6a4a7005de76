"""Every action of a function's role is used by some test of it, and no function calls what its role does not allow.

Comes last, when the others have shown what they use (conftest.py). What it misses then it looks for by playing the
function's own tests again in a process of their own, so that it can be played alone.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rights_used import GIVEN, LAMBDAS, ROLES, Roles, asked, fits

HERE = Path(__file__).parent
WRITTEN = sorted(name for name in GIVEN if (LAMBDAS / name.replace("-", "_")).is_dir())


def play(function: str, into: Path) -> set[str]:
    """The rights that the tests use which speak of the function's folder."""
    folder = re.compile(rf"\b{function.replace('-', '_')}\b")
    files = [str(file) for file in sorted(HERE.glob("test_*.py")) if folder.search(file.read_text())]
    assert files, f"{function} has no tests here"
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    ran = subprocess.run(
        command, cwd=HERE, env=variables | {"RIGHTS_USED": str(into)}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
    return set(json.loads(into.read_text()).get(function, ()))


@pytest.mark.parametrize("function", WRITTEN)
def test_every_right_of_a_role_is_used(function: str, tmp_path: Path) -> None:
    unused = set(GIVEN[function]["rights"]) - ROLES.used.get(function, set())
    if unused:
        unused -= play(function, tmp_path / "used.json")
    assert not unused, f"no test of {function} uses these: take them out of its row in config/lambdas.py"


def test_a_call_outside_of_the_role_is_refused() -> None:
    roles = Roles({"f": {"rights": ["dynamodb:GetItem drift-state"]}})
    roles.judge("f", "dynamodb", "GetItem", {"TableName": "tradai-drift-state-1"})
    for operation, table in (("PutItem", "tradai-drift-state-1"), ("GetItem", "tradai-infra-drift-state-1")):
        with pytest.raises(ClientError, match="AccessDenied"):
            roles.judge("f", "dynamodb", operation, {"TableName": table})
    assert roles.used == {"f": {"dynamodb:GetItem drift-state"}}


@pytest.mark.parametrize(
    ("call", "actions"),
    [
        (("s3", "ListObjectsV2", {"Bucket": "b"}), [("s3:ListBucket", "b")]),
        (("stepfunctions", "StartExecution", {}), [("states:StartExecution", "")]),
        (("ecs", "RunTask", {"tags": [{}]}), [("ecs:RunTask", ""), ("ecs:TagResource", "")]),
        (
            ("dynamodb", "TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "t"}}]}),
            [("dynamodb:PutItem", "t")],
        ),
    ],
)
def test_a_call_asks_for_the_actions_that_aws_wants(
    call: tuple[str, str, dict[str, Any]], actions: list[tuple[str, str]]
) -> None:
    assert list(asked(*call)) == actions


def test_a_right_is_for_one_table_alone() -> None:
    assert fits("dynamodb:Query workflow-state", "dynamodb:Query", "tradai-workflow-state-dev")
    assert not fits("dynamodb:Query workflow-state", "dynamodb:Query", "tradai-trading-state-dev")
