"""Every row of the sandbox provider, tried with the real engine against a local AWS endpoint."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.provider_cases.case import Case
from tests.integration.provider_cases.collected import SERVICES, cases
from tests.integration.provider_server import moto_server, provider_environment
from tradai_sandbox.provider.table import rows

CASES = {case.name: case for case in cases()}
ROOT = Path(__file__).parents[2]
#: What other resources, made after it, give a resource.
GIVEN_LATER = {
    "aws:cognito/userPool:UserPool": frozenset({"domain"}),
    "aws:lb/targetGroup:TargetGroup": frozenset({"loadBalancerArns"}),
}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What happened in each phase, to each case."""
    folder = tmp_path_factory.mktemp("provider")
    with moto_server() as url:
        env = {**os.environ, **provider_environment(url, folder), "TRADAI_AWS_MAX_ATTEMPTS": "4"}
        command = [sys.executable, "-m", "tests.integration.provider_harness", str(folder / "record.json"), *SERVICES]
        subprocess.run(command, cwd=ROOT, env=env, check=True, timeout=540)
        found = json.loads((folder / "record.json").read_text())
    assert "failure" not in found, found["failure"]
    return found


def _cases(name: str, having: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(name, [c for c in CASES.values() if getattr(c, having)], ids=lambda c: c.name)


def test_every_row_has_a_case() -> None:
    assert set(rows()) == {case.token for case in CASES.values()}


@_cases("case", "name")
def test_a_created_resource_is_in_aws_as_declared(record: Any, case: Case) -> None:
    assert record["created"]["looks"][case.name] == case.first


@_cases("case", "name")
def test_a_second_up_changes_nothing(record: Any, case: Case) -> None:
    seen = record["unchanged"]["seen"][case.name]
    assert set(seen["ops"]) == {"same"}, seen["diff"]


@_cases("case", "name")
def test_what_a_create_shows_is_what_a_refresh_finds(record: Any, case: Case) -> None:
    """A row may take an answer of AWS for the state without asking again; that must be no wish."""
    before, after = (record[p]["states"][case.name] for p in ("created", "looked at"))
    later = GIVEN_LATER.get(case.token, frozenset())
    assert {k: v for k, v in after["outputs"].items() if k not in later} == {
        k: v for k, v in before["outputs"].items() if k not in later
    }
    assert after["inputs"] == before["inputs"]


@_cases("case", "name")
def test_a_refresh_of_what_nobody_touched_shows_nothing(record: Any, case: Case) -> None:
    before, after = (record[p]["states"][case.name] for p in ("updated", "quiet"))
    assert after["outputs"] == before["outputs"]
    assert after["inputs"] == before["inputs"]


@_cases("case", "update")
def test_a_change_is_made_in_place(record: Any, case: Case) -> None:
    assert "update" in record["updated"]["seen"][case.name]["ops"]
    assert record["updated"]["states"][case.name]["id"] == record["created"]["states"][case.name]["id"]
    assert record["updated"]["looks"][case.name] == case.updated


@_cases("case", "meddle")
def test_a_refresh_sees_what_others_changed(record: Any, case: Case) -> None:
    """What others deleted is no longer in the state; of what they changed, the state has the real values."""
    assert case.name in record["refreshed"]["states"] or not case.drifted
    before, after = (record[p]["states"].get(case.name, {"outputs": {}})["outputs"] for p in ("quiet", "refreshed"))
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert case.drifted <= changed


@_cases("case", "meddle")
def test_the_next_up_makes_good_what_others_changed(record: Any, case: Case) -> None:
    wanted = case.updated if case.update else case.first
    assert record["repaired"]["looks"][case.name] == wanted


@_cases("case", "import_id")
def test_an_import_by_id_finds_what_the_program_wants(record: Any, case: Case) -> None:
    found = record["imported"][case.name]
    assert found["id"] == record["repaired"]["states"][case.name]["id"]
    assert set(found["differs"]) <= case.not_imported


@_cases("case", "replace")
def test_what_cannot_change_in_place_is_replaced(record: Any, case: Case) -> None:
    assert "replace" in record["replaced"]["seen"][case.name]["ops"]
    look = record["replaced"]["looks"][case.name]
    assert not isinstance(look, dict) or "error" not in look, look


@_cases("case", "name")
def test_a_destroyed_resource_is_gone(record: Any, case: Case) -> None:
    left = record["destroyed"]["looks"][case.name]
    assert not left or (isinstance(left, dict) and (set(left) == {"error"} or not any(left.values()))), left
    assert case.name not in record["destroyed"]["states"]
