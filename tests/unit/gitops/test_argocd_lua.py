"""What ArgoCD's Lua says of environments, by the fixtures that ArgoCD's own tests would run."""

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.gitops.lua import VERSIONS, LuaError, run
from tools.gitops.customizations import APPROVING, BUILT_IN, config_map, files
from tools.gitops.fixtures import MOMENT
from tools.gitops.resources import DIGEST, declared, reported
from tools.gitops.verdicts import VERDICTS
from tradai_operator.model import EnvironmentStatus, LayerStatus, Metadata, keys
from tradai_operator.status.compose import compose
from tradai_operator.status.phases import READINGS, Phase
from tradai_operator.status.turn_failed import failed_status, refused, unexpected

HEALTH = (BUILT_IN / "health.lua").read_text()
STATUSES = {"Healthy", "Progressing", "Degraded", "Suspended"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
CONFIG = config_map(BUILT_IN, APPROVING)["data"]
SUFFIX = f"{keys.GROUP}_{keys.KIND}"
LUA = pytest.mark.parametrize("lua", VERSIONS)


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def cases(folder: Path, file: str, part: str) -> Iterator[Any]:
    for case in load(folder / file)[part]:
        yield pytest.param(folder, case, id=f"{case.get('action', '')} {case['inputPath']}".strip())


def every_action(part: str) -> list[Any]:
    return [case for kind in (BUILT_IN, APPROVING) for case in cases(kind / "actions", "action_test.yaml", part)]


def without_time(resource: Any) -> Any:
    for name in (keys.RECONCILE, keys.RETRY):
        annotations = resource["metadata"].get("annotations", {})
        if name in annotations:
            assert TIME.fullmatch(annotations[name])
            annotations[name] = MOMENT
    return resource


@LUA
@pytest.mark.parametrize(("folder", "case"), cases(BUILT_IN, "health_test.yaml", "tests"))
def test_health_is_as_the_fixture_says(lua: str, folder: Path, case: Any) -> None:
    assert run(lua, HEALTH, load(folder / case["inputPath"])) == case["healthStatus"]


@LUA
@pytest.mark.parametrize(("folder", "case"), every_action("discoveryTests"))
def test_the_actions_that_are_offered_are_as_the_fixture_says(lua: str, folder: Path, case: Any) -> None:
    offered = run(lua, (folder / "discovery.lua").read_text(), load(folder / case["inputPath"]))
    found = [{"name": name, **action} for name, action in offered.items()]
    assert sorted(found, key=lambda row: row["name"]) == sorted(case["result"], key=lambda row: row["name"])


@LUA
@pytest.mark.parametrize(("folder", "case"), every_action("actionTests"))
def test_an_action_changes_just_what_the_fixture_says(lua: str, folder: Path, case: Any) -> None:
    script = (folder / case["action"] / "action.lua").read_text()
    changed = run(lua, script, load(folder / case["inputPath"]))
    assert without_time(changed) == load(folder / case["expectedOutputPath"])


def test_every_phase_has_a_verdict_and_every_action_a_case() -> None:
    assert set(VERDICTS) == set(Phase) == set(READINGS)
    told = {case["inputPath"] for case in load(BUILT_IN / "health_test.yaml")["tests"]}
    assert len(told) >= len(Phase)
    played = {case.values[1]["action"] for case in every_action("actionTests")}
    assert played == {path.parent.name for kind in (BUILT_IN, APPROVING) for path in kind.glob("actions/*/action.lua")}


@pytest.mark.parametrize("phase", Phase)
def test_a_verdict_fits_what_kstatus_reads(phase: Phase) -> None:
    """Who waits by kstatus, as Flux does, and who looks at ArgoCD are told the same."""
    reading, verdict = READINGS[phase], VERDICTS[phase]
    assert (verdict == "Healthy") is reading.ready
    assert (verdict == "Degraded") is reading.stalled
    assert verdict in STATUSES


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("reason", ["", "Program", "SecretMissing", "NotPermitted", "WriteRefused", "Whatever"])
def test_the_reason_changes_no_verdict(phase: Phase, reason: str) -> None:
    status = compose(
        EnvironmentStatus(),
        generation=2,
        layers=("store",),
        phase=phase,
        reason=reason,
        message="why",
        notes={},
        retry_seen="",
        now=0.0,
    )
    assert run("lua51", HEALTH, declared() | {"status": status.dump()}) == {"status": VERDICTS[phase], "message": "why"}


@pytest.mark.parametrize("trouble", [refused(OSError("no")), unexpected(OSError("no"), deleting=False)])
def test_a_turn_that_failed_has_a_verdict_too(trouble: Any) -> None:
    meta = Metadata.parse(declared())
    status = failed_status(EnvironmentStatus(layers=(LayerStatus(name="store"),)), meta, trouble, 0.0)
    found = run("lua51", HEALTH, declared() | {"status": status.dump()})
    assert found == {"status": VERDICTS[trouble.phase], "message": trouble.message}


@pytest.mark.parametrize("status", [None, {}, {"phase": "Pending"}, {"conditions": []}, {"layers": []}])
def test_a_resource_that_nobody_has_taken_up_yet_is_progressing(status: Any) -> None:
    resource = declared() | ({} if status is None else {"status": status})
    assert run("lua51", HEALTH, resource)["status"] == "Progressing"


def test_a_phase_of_a_later_operator_is_read_by_its_conditions() -> None:
    for phase, verdict in ((Phase.READY, "Healthy"), (Phase.FAILED, "Degraded"), (Phase.BUILDING, "Progressing")):
        later = reported(phase)
        later["status"]["phase"] = "Later"
        assert run("lua51", HEALTH, later)["status"] == verdict


@LUA
def test_nothing_is_approved_where_no_plan_waits(lua: str) -> None:
    script = (APPROVING / "actions" / "approve" / "action.lua").read_text()
    for resource in (reported(Phase.READY), reported(Phase.BUILDING), declared()):
        with pytest.raises(LuaError, match="no plan of sample waits for approval"):
            run(lua, script, resource)


@LUA
def test_whoever_names_a_plan_approves_that_one_or_none(lua: str) -> None:
    script, waits = (APPROVING / "actions" / "approve" / "action.lua").read_text(), reported(Phase.APPROVAL)
    for given in (None, {}, {"plan": DIGEST}):
        approved = run(lua, script, waits, given)
        assert approved["metadata"]["annotations"][keys.APPROVE] == DIGEST
    with pytest.raises(LuaError, match=f"another plan waits by now: {DIGEST}"):
        run(lua, script, waits, {"plan": "sha256:older"})


@LUA
def test_an_action_on_a_resource_without_annotations_works(lua: str) -> None:
    for action in ("reconcile", "retry"):
        bare = copy.deepcopy(reported(Phase.FAILED))
        assert "annotations" not in bare["metadata"]
        script = (BUILT_IN / "actions" / action / "action.lua").read_text()
        assert without_time(run(lua, script, bare))["metadata"]["annotations"] == {f"tradai.io/{action}": MOMENT}


def test_approving_is_in_no_file_that_does_not_say_so() -> None:
    plain = config_map(BUILT_IN)["data"][f"resource.customizations.actions.{SUFFIX}"]
    assert "approve" not in plain
    assert {definition["name"] for definition in yaml.safe_load(plain)["definitions"]} == {
        "reconcile", "resume", "retry", "suspend",
    }  # fmt: skip
    assert "approver" in files()["argocd-cm-with-approve.yaml"]


@LUA
def test_the_entries_offer_what_their_folders_offer(lua: str) -> None:
    actions = yaml.safe_load(CONFIG[f"resource.customizations.actions.{SUFFIX}"])
    offered = run(lua, actions["discovery.lua"], reported(Phase.APPROVAL))
    assert set(offered) == {definition["name"] for definition in actions["definitions"]}
    assert offered["approve"]["disabled"] is False
    assert CONFIG[f"resource.customizations.health.{SUFFIX}"] == HEALTH


def test_a_script_that_reaches_for_more_than_argocd_gives_it_fails() -> None:
    for script in (
        "return io.open('x')",
        "return ('x'):upper()",
        "return os.execute('true')",
        "return string.len('x')",
    ):
        with pytest.raises(LuaError):
            run("lua51", script, {})
