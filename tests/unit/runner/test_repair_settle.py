"""A repair from end to end over a store in a dict: everything decided first, backed up, and finished after a crash."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.runner.mending import BACKUP, INTENT, QUEUE, ROLE, STATE, Aws, Engine, latest, settler, stored
from tests.unit.runner.objects import Objects
from tests.unit.runner.states import PROJECT, operation, resource, state, urn
from tradai_iac.failure import Failure
from tradai_runner.repair.intent import Intent, read_intent, write_intent
from tradai_runner.state.checkpoint import Interrupted


def test_what_was_made_is_imported_and_what_was_not_is_cleared(tmp_path: Path) -> None:
    store, engine = stored(operation("creating", QUEUE, "jobs"), operation("creating", QUEUE, "gone")), Engine()
    before = store[STATE]
    done = settler(store, tmp_path).settle(engine)
    assert done.failure is None
    assert [line.what for line in done.repairs] == [
        "aws:sqs/queue:Queue jobs: made by a run that died, taken into the state as http://jobs",
        "aws:sqs/queue:Queue gone: its interrupted creation was cleared: nothing of it is in AWS",
    ]
    assert [(each["type"], each["id"]) for each in latest(store)["resources"]] == [
        (ROLE, "known"),
        (QUEUE, "http://jobs"),
    ]
    assert latest(store)["pending_operations"] == []
    assert engine.targets == [[urn(QUEUE, "jobs")]]
    assert json.loads(store[BACKUP]) == json.loads(before)
    assert set(store) == {STATE, BACKUP}


def test_everything_is_written_under_the_lock_the_intent_first(tmp_path: Path) -> None:
    store = stored(operation("creating", QUEUE, "jobs"))
    settler(store, tmp_path).settle(Engine())
    lock = store.writes[0]
    assert lock.startswith(".pulumi/locks/")
    assert store.writes == [lock, INTENT, BACKUP, STATE, lock, INTENT]


@pytest.mark.parametrize(
    ("entry", "aws", "kind"),
    [
        pytest.param(operation("creating", "aws:x/y:Z", "it"), Aws(), "Unresolved", id="a type without a row"),
        pytest.param(operation("inventing", QUEUE, "it"), Aws(), "Unresolved", id="an unknown kind"),
        pytest.param(operation("creating", QUEUE, "jobs"), Aws("AccessDenied"), "Credentials", id="refused"),
        pytest.param(operation("creating", QUEUE, "jobs"), Aws("Throttling"), "Throttled", id="throttled"),
    ],
)
def test_where_one_cannot_be_decided_nothing_is_changed(
    tmp_path: Path, entry: dict[str, Any], aws: Aws, kind: str
) -> None:
    store, engine = stored(operation("creating", QUEUE, "jobs"), entry), Engine()
    before = dict(store)
    done = settler(store, tmp_path, aws).settle(engine)
    assert done.failure is not None
    assert done.failure.kind == kind
    assert dict(store) == before
    assert engine.targets == []


def test_an_interrupted_deletion_that_makes_room_is_taken_for_undone_until_it_is_read_anew(tmp_path: Path) -> None:
    old = resource(QUEUE, "jobs", id="http://jobs", pendingReplacement=True)
    body = state([old], [operation("deleting", QUEUE, "jobs")])
    store, engine = Objects({STATE: json.dumps(body).encode()}), Engine()
    assert settler(store, tmp_path).settle(engine).failure is None
    assert engine.targets == [[urn(QUEUE, "jobs")]]
    assert "pendingReplacement" not in latest(store)["resources"][0]
    assert json.loads(store[BACKUP]) == body


def test_so_it_is_where_the_repair_dies_and_the_engine_has_forgotten_the_deletion(tmp_path: Path) -> None:
    old = resource(QUEUE, "jobs", id="http://jobs", pendingReplacement=True)
    store = Objects({STATE: json.dumps(state([old], [])).encode()})
    write_intent(store, PROJECT, "dev", Intent(run_id="dead", settle=(urn(QUEUE, "jobs"),)))
    assert settler(store, tmp_path).settle(Engine()).failure is None
    assert "pendingReplacement" not in latest(store)["resources"][0]


def test_a_replacement_whose_old_one_is_gone_is_taken_over_under_the_same_name(tmp_path: Path) -> None:
    old = resource(QUEUE, "jobs", id="http://jobs", pendingReplacement=True)
    body = state([old], [operation("creating", QUEUE, "jobs")])
    store = Objects({STATE: json.dumps(body).encode()})
    done = settler(store, tmp_path).settle(Engine())
    assert "taken into the state as http://jobs" in done.repairs[0].what
    (only,) = latest(store)["resources"]
    assert "pendingReplacement" not in only


def test_interrupted_work_on_what_the_state_knows_is_read_anew(tmp_path: Path) -> None:
    store, engine = stored(operation("updating", ROLE, "known"), operation("deleting", ROLE, "away")), Engine()
    before = store[STATE]
    done = settler(store, tmp_path).settle(engine)
    assert engine.targets == [[urn(ROLE, "known")]]
    assert "read again, because a run died while updating it" in done.repairs[0].what
    assert store[STATE] == before


def test_what_the_engine_has_forgotten_since_the_first_look_is_read_anew_all_the_same(tmp_path: Path) -> None:
    store, engine = stored(), Engine()
    seen = (Interrupted("updating", urn(ROLE, "known")), Interrupted("creating", urn(QUEUE, "jobs")))
    done = replace(settler(store, tmp_path), seen=seen).settle(engine)
    assert engine.targets == [[urn(ROLE, "known")]]
    assert [line.urn for line in done.repairs] == [urn(ROLE, "known")]


def test_a_repair_that_dies_before_the_engine_read_is_finished_by_the_next(tmp_path: Path) -> None:
    store = stored(operation("creating", QUEUE, "jobs"))
    first = settler(store, tmp_path).settle(Engine(Failure(kind="Lost", error="killed")))
    assert first.failure is not None
    left = read_intent(store, PROJECT, "dev")
    assert left is not None
    assert left.settle == (urn(QUEUE, "jobs"),)
    engine = Engine()
    done = settler(store, tmp_path).settle(engine)
    assert engine.targets == [[urn(QUEUE, "jobs")]]
    assert "taken into the state" in done.repairs[0].what
    assert read_intent(store, PROJECT, "dev") is None


def test_a_stack_that_another_holds_is_left_alone(tmp_path: Path) -> None:
    store = stored(operation("creating", QUEUE, "jobs"))
    key = f".pulumi/locks/organization/{PROJECT}/dev/x.json"
    store[key] = json.dumps({"pid": 1, "username": "ann", "hostname": "away", "timestamp": "2026-11-21"}).encode()
    before = dict(store)
    done = settler(store, tmp_path).settle(Engine())
    assert done.failure is not None
    assert done.failure.kind == "Lock"
    assert "ann@away" in done.failure.error
    assert dict(store) == before


def test_what_a_person_gave_up_is_cleared(tmp_path: Path) -> None:
    store = stored(operation("creating", "aws:x/y:Z", "it"))
    done = settler(store, tmp_path, clear_pending=(urn("aws:x/y:Z", "it"),)).settle(Engine())
    assert done.failure is None
    assert latest(store)["pending_operations"] == []
    assert "cleared by hand" in done.repairs[0].what


@pytest.mark.parametrize("body", [None, b"", b"{", b'{"checkpoint": {"latest": {}}}'])
@pytest.mark.parametrize("take", [False, True], ids=["settle", "take over"])
def test_no_state_is_made_out_of_one_that_is_gone_or_cannot_be_read(
    body: bytes | None, take: bool, tmp_path: Path
) -> None:
    """It was there when the run looked, and is not any more once the stack is held."""
    store = Objects({STATE: body} if body is not None else {})
    settle = settler(store, tmp_path)
    creation = [resource(QUEUE, "jobs", inputs={"name": "jobs"})]
    done = settle.take_over(creation, lambda _: None) if take else settle.settle(lambda _: None)
    assert done.failure is not None
    assert done.failure.kind in {"StateGone", "StateDamaged"}
    assert store.get(STATE) == body
    assert not [key for key in store.writes if "/locks/" not in key]
