"""A plan's way from the preview that makes it to the update that it binds: what is kept, what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.runner.objects import Objects
from tests.unit.runner.test_plan import step
from tests.unit.runner.test_runner_rooms import request
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_runner.contract import PlanRef
from tradai_runner.guard.program import Guard, UnplannedError
from tradai_runner.journal.local import RunJournal
from tradai_runner.plan.changes import Plan
from tradai_runner.planning import Planning
from tradai_runner.state.checkpoint import Checkpoint, Recorded

ENGINE_PLAN = {"resourcePlans": {"urn:x": {"secret": {"ciphertext": "v1:abc"}}}}
KEY = ".tradai/runs/tradai-compute/dev/r1/{}"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Objects:
    found = Objects()
    monkeypatch.setattr("tradai_runner.bucket.store.open_store", lambda *_: found)
    return found


def planning(folder: Path, version: str = "v1", **changes: Any) -> Planning:
    record: Any = SimpleNamespace(get=lambda: Checkpoint(version=version))
    return Planning(request(**changes), TRADAI, record, RunJournal(folder))


def previewed(folder: Path) -> PlanRef:
    preview = planning(folder, operation="preview", keep_plan=True)
    preview.observe(step("delete", old={"name": "a"}))
    Path(preview.options["plan"]).write_text(json.dumps(ENGINE_PLAN))
    summary = preview.keep("salt")
    assert summary is not None
    return PlanRef(run_id="r1", digest=summary.digest)


def test_a_kept_plan_binds_the_engine_with_the_salt_that_opens_it(tmp_path: Path, bucket: Objects) -> None:
    named = previewed(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    update = planning(elsewhere, plan=named)
    assert update.prepare() is None
    assert update.salt == "salt"
    assert json.loads(Path(update.options["plan"]).read_text()) == ENGINE_PLAN
    assert update.keep(None) is None


def test_runs_without_a_plan_tell_the_engine_nothing_and_read_nothing(tmp_path: Path) -> None:
    for operation in ("up", "preview", "destroy"):
        plain = planning(tmp_path, operation=operation)
        plain.observe(step("delete", old={}))
        assert (plain.prepare(), plain.options, plain.keep(None)) == (None, {}, None)


def test_a_plan_that_is_gone_is_refused(tmp_path: Path, bucket: Objects) -> None:
    named = previewed(tmp_path)
    for file in ("plan.json", "update-plan.json"):
        body = bucket.pop(KEY.format(file))
        failure = planning(tmp_path, plan=named).prepare()
        assert failure is not None
        assert (failure.kind, "not in the state bucket" in failure.error) == ("Plan", True)
        bucket.put(KEY.format(file), body)


def refusal(folder: Path, named: PlanRef, version: str = "v1") -> str:
    """Why the update is not begun; nothing of the plan is laid before the engine then."""
    update = planning(folder, version, plan=named)
    Path(update.options["plan"]).unlink(missing_ok=True)
    failure = update.prepare()
    assert failure is not None
    assert failure.kind == "Plan"
    assert update.salt is None
    assert not Path(update.options["plan"]).exists()
    return failure.error


def another_salt(body: bytes) -> bytes:
    return json.dumps(json.loads(body) | {"salt": "pepper"}).encode()


def permit_more(body: bytes) -> bytes:
    kept = json.loads(body)
    kept["plan"]["resourcePlans"]["urn:y"] = {"steps": ["delete"]}
    return json.dumps(kept).encode()


def unlike(body: bytes) -> bytes:
    return body.replace(b'"operation":"delete"', b'"operation":"update"')


def unbound(body: bytes) -> bytes:
    """As a version wrote it that did not note what binds the engine."""
    plan = json.loads(body)
    del plan["binds"]
    return json.dumps(plan).encode()


@pytest.mark.parametrize(
    ("file", "tamper"),
    [
        ("plan.json", unlike),
        ("plan.json", unbound),
        ("plan.json", lambda body: body[: len(body) // 2]),
        ("plan.json", lambda _: b"[]"),
        ("update-plan.json", permit_more),
        ("update-plan.json", another_salt),
        ("update-plan.json", lambda body: body[: len(body) // 2]),
        ("update-plan.json", lambda _: b""),
    ],
    ids=[
        "what people read has another operation", "what people read no longer names what binds the engine",
        "what people read is cut off", "what people read is something else", "the engine may do more",
        "another salt opens it", "what binds the engine is cut off", "what binds the engine is empty",
    ],
)  # fmt: skip
def test_a_plan_of_which_anything_was_altered_is_refused_before_the_engine_starts(
    tmp_path: Path, bucket: Objects, file: str, tamper: Callable[[bytes], bytes]
) -> None:
    named = previewed(tmp_path)
    bucket.put(KEY.format(file), tamper(bucket[KEY.format(file)]))
    assert "not what it was" in refusal(tmp_path, named)


def test_the_engines_plan_of_another_run_does_not_take_the_place_of_the_approved_one(
    tmp_path: Path, bucket: Objects
) -> None:
    """Even of a run that found the very same changes: its plan may have been made from other secret values."""
    named = previewed(tmp_path)
    other = json.dumps({"salt": "salt", "plan": {"resourcePlans": {"urn:x": {"secret": {"ciphertext": "v1:xyz"}}}}})
    bucket.put(KEY.format("update-plan.json"), other.encode())
    assert "not what it was" in refusal(tmp_path, named)


def test_an_approved_plan_of_a_version_that_did_not_note_what_binds_the_engine_is_asked_about_again(
    tmp_path: Path, bucket: Objects
) -> None:
    previewed(tmp_path)
    key = KEY.format("plan.json")
    bucket.put(key, unbound(bucket[key]))
    named = PlanRef(run_id="r1", digest=Plan.model_validate_json(bucket[key]).digest)
    assert "does not name what binds the engine" in refusal(tmp_path, named)


def test_what_a_newer_version_adds_to_a_plan_voids_it_and_breaks_nothing(tmp_path: Path, bucket: Objects) -> None:
    named = previewed(tmp_path)
    key = KEY.format("plan.json")
    bucket.put(key, json.dumps(json.loads(bucket[key]) | {"newer": 1}).encode())
    update = planning(tmp_path, plan=named)
    assert update.prepare() is None, "what this version knows of it is as it was approved"


def test_a_plan_of_another_state_is_refused(tmp_path: Path, bucket: Objects) -> None:
    failure = planning(tmp_path, "v2", plan=previewed(tmp_path)).prepare()
    assert failure is not None
    assert (failure.kind, "the state has changed" in failure.error) == ("Plan", True)


def recorded(type_: str) -> Recorded:
    return Recorded("urn:x", type_, "x", "", {}, {}, protect=False, retained=False)


async def test_a_first_creation_is_refused_where_something_stands() -> None:
    guard = Guard(lambda: [recorded("aws:sns/topic:Topic")], (), only_if_new=True)
    with pytest.raises(UnplannedError):
        guard.check()
    failure = guard.failure()
    assert failure is not None
    assert failure.kind == "Plan"


async def test_an_empty_stack_is_new() -> None:
    guard = Guard(lambda: [recorded("pulumi:pulumi:Stack"), recorded("pulumi:providers:aws")], (), only_if_new=True)
    guard.check()
    assert guard.failure() is None
