"""The image of the control plane: its versions are the tested ones, and nothing that is downloaded goes unchecked."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILE = ROOT / "operator" / "control-plane.Dockerfile"
TEXT = FILE.read_text()
#: Name of an import → the package that brings it.
PACKAGES = {
    "boto3": "boto3",
    "botocore": "boto3",
    "cryptography": "cryptography",
    "pydantic": "pydantic",
    "yaml": "pyyaml",
}


def arguments() -> dict[str, str]:
    """Argument → its default, empty where whoever builds has to say it."""
    return dict(re.findall(r"^ARG (\w+)(?:=(\S+))?$", TEXT, re.MULTILINE))


def test_hadolint_has_nothing_to_say() -> None:
    ran = subprocess.run(["hadolint", str(FILE)], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")


def test_every_download_is_checked_by_a_sum_that_nobody_here_invents() -> None:
    added = re.findall(r"^ADD (.*)$", TEXT, re.MULTILINE)
    sums = [re.fullmatch(r"--checksum=sha256:\$\{(\w+)\} https://\S+ \S+", line) for line in added]
    assert len(added) == 4 and all(sums)
    given = arguments()
    assert all(given[found[1]] == "" for found in sums if found)
    assert given["PYTHON_DIGEST"] == ""
    assert not re.search(r"\b(curl|wget)\b", TEXT)


@pytest.mark.parametrize(("argument", "binary"), [("KUBERNETES_VERSION", "kube-apiserver"), ("KINE_VERSION", "kine")])
def test_what_runs_is_what_was_tested(argument: str, binary: str) -> None:
    pins = tomllib.loads((ROOT / "tools" / "binaries.toml").read_text())
    assert arguments()[argument] == pins[binary]["version"]


def test_all_that_is_copied_from_the_checkout_is_there() -> None:
    copied = [line.split()[:-1] for line in re.findall(r"^COPY (?!--from)(.*)$", TEXT, re.MULTILINE)]
    assert copied and all((ROOT / path).exists() for paths in copied for path in paths)


def test_it_has_every_manifest_that_the_operator_needs() -> None:
    """All but the definition, which the operator brings itself."""
    (line,) = [line for line in TEXT.splitlines() if line.endswith(" /etc/tradai/manifests/")]
    assert {Path(path).name for path in line.split()[1:-1]} == {
        "tradai.io_admission.yaml",
        "rbac.yaml",
        "rbac-definition.yaml",
    }


def test_its_packages_are_those_that_the_step_imports() -> None:
    known = sys.stdlib_module_names | {"tradai_control_plane"}
    imported = {
        name.partition(".")[0]
        for path in (ROOT / "operator" / "tradai_control_plane").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in _names(node)
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert {PACKAGES[name] for name in imported - known} == set(project["dependency-groups"]["control-plane"])
    locked = (ROOT / "requirements-control-plane.lock").read_text()
    shared = (ROOT / "requirements.lock").read_text()
    for package in re.findall(r"^(\S+==\S+)", locked, re.MULTILINE):
        assert re.search(rf"^{re.escape(package)}\b", shared, re.MULTILINE), f"{package} is not the tested one"


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []
