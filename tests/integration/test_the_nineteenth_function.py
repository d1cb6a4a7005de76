"""One more function is one folder and one row: everything else follows in a copy of the tree that has both.

The copy is looked at by processes of its own, since the rows are read when the configuration is imported. Must never
touch the tree itself.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
ROW: Final = """    _row(
        "nineteenth", 256, 30, True, "schedule", "rate(1 hour)",
        purpose="One more",
        needs=Needs(tables={"workflow-state": ("GetItem", "UpdateItem")}),
    ),
"""
BEFORE: Final = '    _row(\n        "update-nat-routes"'
#: What the copy says of itself, as JSON.
ASKED: Final = """
import json
from pathlib import Path
from tests.unit.iac.edge_runs import deployed as edge
from tests.unit.iac.lambda_runs import deployed as functions
from tests.unit.iac.test_persistent_layer import deployed as persistent
from tools.lambdas.locks import functions as locked
from tradai_blueprints.tradai.config.overrides import ComputeConfig
from tradai_blueprints.tradai.config.referenced import compute_images
from tradai_iac.images.sources import source_of

made = functions()
source = source_of(Path("lambdas/nineteenth"), Path("."))
print(json.dumps({
    "repository": [r["name"] for r in persistent("dev").of("aws:ecr/repository:Repository").values()],
    "role": made.of("aws:iam/role:Role")["nineteenth"]["name"],
    "policy": json.loads(made.of("aws:iam/rolePolicy:RolePolicy")["nineteenth"]["policy"]),
    "function": made.of("aws:lambda/function:Function")["nineteenth"],
    "log": made.of("aws:cloudwatch/logGroup:LogGroup")["nineteenth"]["name"],
    "alarm": [a.get("dimensions") for a in edge("dev").of("aws:cloudwatch/metricAlarm:MetricAlarm").values()],
    "image": [f"{i.kind} {i.component}" for i in compute_images(ComputeConfig())],
    "locked": [f.name for f in locked()],
    "command": list(source.command),
}))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy with a nineteenth row, and with a folder that is update-status's by another name."""
    copy = tmp_path_factory.mktemp("tree")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in filter(
        None, subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    ):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    rows = copy / "iac" / "tradai_blueprints" / "tradai" / "config" / "lambdas.py"
    text = rows.read_text()
    assert text.count(BEFORE) == 1
    rows.write_text(text.replace(BEFORE, ROW + BEFORE))
    shutil.copytree(copy / "lambdas" / "update_status", folder := copy / "lambdas" / "nineteenth")
    for file in folder.iterdir():
        file.write_text(file.read_text().replace("update_status", "nineteenth").replace("update-status", "nineteenth"))
    yield copy
    shutil.rmtree(copy)


def python(tree: Path, *words: str) -> str:
    """What a process says that sees the copy alone."""
    paths = os.pathsep.join(str(tree / part) for part in ("iac", "operator", ""))
    ran = subprocess.run(
        [sys.executable, *words],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def said(tree: Path) -> Any:
    return json.loads(python(tree, "-c", ASKED))


def test_it_is_deployed_with_role_log_and_limits_of_its_own(said: Any) -> None:
    assert said["role"] == "tradai-nineteenth-dev"
    assert said["log"] == "tradai-nineteenth-dev"
    function = said["function"]
    assert (function["name"], function["memorySize"], function["timeout"]) == ("tradai-nineteenth-dev", 256, 30)
    assert set(function["environment"]["variables"]) == {"ENVIRONMENT", "WORKFLOW_STATE_TABLE"}


def test_it_may_do_what_its_row_says(said: Any) -> None:
    actions = {action for each in said["policy"]["Statement"] for action in each["Action"]}
    assert {action for action in actions if action.startswith("dynamodb:")} == {
        "dynamodb:GetItem",
        "dynamodb:UpdateItem",
    }


def test_it_has_a_repository_an_image_and_an_alarm(said: Any) -> None:
    assert "tradai/nineteenth-dev" in said["repository"]
    assert "lambda nineteenth" in said["image"]
    assert {"FunctionName": "tradai-nineteenth-dev"} in said["alarm"]


def test_its_folder_is_built_locked_and_started(said: Any) -> None:
    assert "nineteenth" in said["locked"]
    assert said["command"] == ["nineteenth.handler.handle"]


def test_documents_and_generated_files_follow(tree: Path) -> None:
    for module in ("tools.lambdas", "tradai_blueprints.tradai.config.document", "tests.unit.iac.functions_given"):
        python(tree, "-m", module)
    deployed = json.loads((tree / "lambdas" / "shared" / "deployed.json").read_text())
    assert deployed["functions"]["nineteenth"] == {"memory_mb": 256, "timeout_seconds": 30}
    assert "`tradai-nineteenth-{env}`" in (tree / "docs" / "CANONICAL-CONFIG.md").read_text()
    given = json.loads((tree / "tests" / "unit" / "iac" / "functions_given.json").read_text())
    assert given["nineteenth"]["rights"] == [
        "dynamodb:GetItem workflow-state",
        "dynamodb:UpdateItem workflow-state",
    ]


def test_it_is_held_against_what_it_is_given_as_the_others_are(tree: Path) -> None:
    python(tree, "-m", "tests.unit.iac.functions_given")
    subprocess.run([sys.executable, "-m", "tools.bootstrap", "--world", "lambdas"], cwd=ROOT, check=True)
    world = str(ROOT / "lambdas" / ".venv" / "bin" / "python")
    command = [world, "-m", "pytest", "-q", "test_variables.py", "test_entry_points.py", "-k", "nineteenth"]
    ran = subprocess.run(command, cwd=tree / "tests/unit/functions", capture_output=True, text=True, check=False)
    assert "3 passed" in ran.stdout, ran.stdout
