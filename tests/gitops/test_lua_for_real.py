"""The Lua in ArgoCD's own interpreter, by the command that ArgoCD has for it, on the fixtures of its own tests."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.gitops.__main__ import EXAMPLES
from tools.gitops.customizations import APPROVING, BUILT_IN
from tradai_sandbox.layout import BINARIES

HEALTH = yaml.safe_load((BUILT_IN / "health_test.yaml").read_text())["tests"]
#: What ArgoCD says of whatever is being deleted, without asking anybody's Lua.
PENDING = {"status": "Progressing", "message": "Pending deletion"}
ACTIONS = [
    pytest.param(kind / "actions", case, id=f"{case['action']} {case['inputPath']}")
    for kind in (BUILT_IN, APPROVING)
    for case in yaml.safe_load((kind / "actions" / "action_test.yaml").read_text())["actionTests"]
]
OFFERS = [
    pytest.param(kind / "actions", case, id=case["inputPath"])
    for kind in (BUILT_IN, APPROVING)
    for case in yaml.safe_load((kind / "actions" / "action_test.yaml").read_text())["discoveryTests"]
]


def argocd(*words: str) -> str:
    """What `argocd admin settings resource-overrides` says with both kinds of actions configured."""
    settings = ["--argocd-cm-path", str(EXAMPLES / "argocd-cm-with-approve.yaml")]
    command = [str(BINARIES / "argocd"), "admin", "settings", "resource-overrides", *words, *settings]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("case", HEALTH, ids=[case["inputPath"] for case in HEALTH])
def test_argocd_finds_the_health(case: Any) -> None:
    path = BUILT_IN / case["inputPath"]
    deleting = "deletionTimestamp" in yaml.safe_load(path.read_text())["metadata"]
    expected = PENDING if deleting else case["healthStatus"]
    told = argocd("health", str(path))
    assert told == f"STATUS: {expected['status']}\nMESSAGE: {expected['message']}\n"


@pytest.mark.parametrize(("folder", "case"), OFFERS)
def test_argocd_offers_the_actions(folder: Path, case: Any) -> None:
    rows = [line.split() for line in argocd("list-actions", str(folder / case["inputPath"])).splitlines()[1:]]
    offered = {row[0]: row[1] for row in rows}
    expected = {row["name"]: str(row["disabled"]).lower() for row in case["result"]}
    assert expected.items() <= offered.items()


@pytest.mark.parametrize(("folder", "case"), ACTIONS)
def test_argocd_changes_what_the_fixture_says(folder: Path, case: Any) -> None:
    told = argocd("run-action", str(folder / case["inputPath"]), case["action"])
    given, made = (yaml.safe_load((folder / case[key]).read_text()) for key in ("inputPath", "expectedOutputPath"))
    changed = set(yaml.safe_dump(made).splitlines()) - set(yaml.safe_dump(given).splitlines())
    assert changed
    for line in changed:
        name = line.partition(": ")[0]
        assert name in told, f"{name} is not in {told}"
