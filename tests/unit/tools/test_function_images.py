"""The image of each function: its Dockerfile names what there is, and its lock has what its code imports, no more."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradai_blueprints.tradai.config.lambdas import LAMBDAS as ROWS
from tradai_iac.images.dockerfile import read

ROOT = Path(__file__).parents[3]
LAMBDAS = ROOT / "lambdas"
FOLDERS = sorted(row.name.replace("-", "_") for row in ROWS if not row.inline)
#: Module → the package that is named for it, where they are called differently or come with another one.
PACKAGES = {
    "aws_lambda_powertools": "aws-lambda-powertools",
    "aws_xray_sdk": "aws-lambda-powertools",
    "botocore": "boto3",
    "pydantic_core": "pydantic",
}
OURS = {"shared"}

every_folder = pytest.mark.parametrize("folder", FOLDERS)


def imports(file: Path) -> Iterator[str]:
    """The modules that a file imports, whole names."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reached(folder: str) -> set[str]:
    """Every module that a function's folder imports, by way of what it takes from `shared`."""
    todo, seen, found = sorted((LAMBDAS / folder).glob("*.py")), set[Path](), set[str]()
    while todo:
        file = todo.pop()
        seen.add(file)
        found |= (names := set(imports(file)))
        shared = {LAMBDAS.joinpath(*name.split(".")).with_suffix(".py") for name in names if name.startswith("shared.")}
        todo += [each for each in shared if each.is_file() and each not in seen]
    return found


def packages(folder: str) -> set[str]:
    """The packages that a function's code needs by name."""
    tops = {name.split(".")[0] for name in reached(folder)} - OURS - {folder} - sys.stdlib_module_names
    return {PACKAGES.get(top, top) for top in tops}


def named(folder: str) -> set[str]:
    """The packages that its requirements name."""
    lines = (LAMBDAS / folder / "requirements.in").read_text().split()
    return {re.split(r"[\[<>=]", line)[0] for line in lines}


def test_every_row_has_a_folder_and_every_folder_a_row() -> None:
    folders = {path.parent.name for path in LAMBDAS.glob("*/handler.py")}
    assert folders == {row.name.replace("-", "_") for row in ROWS}


@every_folder
def test_hadolint_has_nothing_to_say(folder: str) -> None:
    ended = subprocess.run(["hadolint", LAMBDAS / folder / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("", "", 0)


@every_folder
def test_a_dockerfile_copies_its_own_lock_and_folder_and_what_is_shared(folder: str) -> None:
    (stage,) = read((LAMBDAS / folder / "Dockerfile").read_text()).stages
    copied = [row.rest.split()[:-1] for row in stage.instructions if row.word == "COPY"]
    sources = [source for sources in copied for source in sources]
    assert sources == [f"lambdas/{folder}/requirements.lock", "lambdas/shared", f"lambdas/{folder}"]
    assert [source for source in sources if not (ROOT / source).exists()] == []


@every_folder
def test_its_command_is_the_functions_own_handler(folder: str) -> None:
    (stage,) = read((LAMBDAS / folder / "Dockerfile").read_text()).stages
    (command,) = [row.listed for row in stage.instructions if row.word == "CMD"]
    assert command == [f"{folder}.handler.handle"]
    body = ast.parse((LAMBDAS / folder / "handler.py").read_text()).body
    assert "handle" in {node.name for node in body if isinstance(node, ast.FunctionDef)}


@every_folder
def test_what_its_code_imports_is_named_and_nothing_else_is(folder: str) -> None:
    assert named(folder) == packages(folder)


@every_folder
def test_its_lock_has_what_is_named_by_hash(folder: str) -> None:
    lock = (LAMBDAS / folder / "requirements.lock").read_text()
    pinned = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    assert named(folder) <= pinned
    assert len(re.findall(r"^[a-z0-9-]+==", lock, re.MULTILINE)) <= lock.count("--hash=sha256:")


@every_folder
def test_a_function_imports_what_is_shared_and_itself_alone(folder: str) -> None:
    others = {path.parent.name for path in LAMBDAS.glob("*/handler.py")} - {folder}
    tops = {name.split(".")[0] for file in (LAMBDAS / folder).glob("*.py") for name in imports(file)}
    assert tops & others == set()
