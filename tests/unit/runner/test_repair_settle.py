"""A repair from end to end over a store in a dict: everything decided first, backed up, and finished after a crash."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.runner.objects import Objects
from tests.unit.runner.states import PROJECT, operation, resource, state, urn
from tradai_iac.core.tagging import urn_tag_of
from tradai_iac.runner.checkpoint import Interrupted
from tradai_iac.runner.contract import Failure, RunRequest
from tradai_iac.runner.presence import Presences
from tradai_iac.runner.repair.intent import Intent, read_intent, write_intent
from tradai_iac.runner.repair.settle import Settler

QUEUE, ROLE = "aws:sqs/queue:Queue", "aws:iam/role:Role"
STATE = f".pulumi/stacks/{PROJECT}/dev.json"
BACKUP = f".tradai/backups/{PROJECT}/dev/r1.json"
INTENT = f".tradai/repairs/{PROJECT}/dev.json"
LOOKS = f".tradai/repairs/{PROJECT}/dev.looks.json"
#: When the states of these tests were written.
BEGAN, HOUR = datetime(2026, 11, 21, 17, 4, 30, tzinfo=UTC).timestamp(), 3600.0


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self, now: float) -> None:
        self.now, self.waited = now, list[float]()

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


class Aws:
    """An account that has one queue, made by us."""

    def __init__(self, error: str = "") -> None:
        self.error = error

    def __call__(self, service: str) -> "Aws":
        return self

    def can_paginate(self, call: str) -> bool:
        return False

    def get_queue_url(self, QueueName: str) -> Mapping[str, Any]:  # noqa: N803 - AWS's own name
        if self.error or QueueName != "jobs":
            code = self.error or "AWS.SimpleQueueService.NonExistentQueue"
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetQueueUrl")
        return {"QueueUrl": "http://jobs"}

    def list_queue_tags(self, QueueUrl: str) -> Mapping[str, Any]:  # noqa: N803 - AWS's own name
        return {"Tags": {"tradai:urn": urn_tag_of(urn(QUEUE, "jobs"))}}


def settler(store: Any, tmp_path: Path, aws: Aws | None = None, **more: Any) -> Settler:
    """Of a stack whose endpoint agrees with itself within five seconds; with `endpoint_url=None`, of AWS."""
    base = {"run_id": "r1", "layer": "foundation", "environment": "dev", "operation": "up", "account_id": "1"}
    where = {"region": "eu-central-1", "backend_url": "s3://b", "endpoint_url": "http://127.0.0.1:4566"}
    asked = RunRequest(**{**base, **where, **more})
    clock = Clock(BEGAN + HOUR)
    return Settler(asked, PROJECT, store, Presences(tmp_path), lambda: aws or Aws(), clock, pause=clock.pause)


def stored(*pending: dict[str, Any]) -> Any:
    body = state([resource(ROLE, "known", id="known")], list(pending))
    return Objects({STATE: json.dumps(body).encode()})


class Engine:
    """Takes note of what is to be read anew, and may fail at it."""

    def __init__(self, failure: Failure | None = None) -> None:
        self.failure, self.targets = failure, list[list[str]]()

    def __call__(self, urns: list[str]) -> Failure | None:
        self.targets.append(urns)
        return self.failure


def latest(store: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(store[STATE])["checkpoint"]["latest"]
    return found


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


class Late(Aws):
    """AWS shows the queue only after that many questions."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden

    def get_queue_url(self, QueueName: str) -> Mapping[str, Any]:  # noqa: N803 - AWS's own name
        self.hidden -= 1
        return super().get_queue_url("nothing yet" if self.hidden >= 0 else QueueName)


def test_what_aws_does_not_show_yet_is_looked_at_again_in_the_same_run_where_that_is_soon(tmp_path: Path) -> None:
    store, clock = stored(operation("creating", QUEUE, "jobs")), Clock(BEGAN + 52)
    late = replace(settler(store, tmp_path, Late(1)), now=clock, pause=clock.pause)
    done = late.settle(Engine())
    assert done.failure is None
    assert "taken into the state" in done.repairs[0].what
    assert clock.waited == [5.0, 5.0], "one for the look, and one before what was found is read"
    assert set(store) == {STATE, BACKUP}


def test_what_aws_may_not_show_yet_is_the_runs_outcome_and_the_next_runs_look(tmp_path: Path) -> None:
    store, clock, aws = stored(operation("creating", QUEUE, "jobs")), Clock(BEGAN + HOUR), Late(1)
    before = store[STATE]
    one = replace(settler(store, tmp_path, aws, endpoint_url=None), now=clock, pause=clock.pause)
    first = one.settle(Engine())
    assert first.failure is not None
    assert (first.failure.kind, first.failure.urn) == ("Unseen", urn(QUEUE, "jobs"))
    assert clock.waited == []
    assert store[STATE] == before
    assert set(store) == {STATE, LOOKS}
    second = one.settle(engine := Engine())
    assert second.failure is not None
    assert second.failure.kind == "Unseen"
    assert latest(store)["resources"][1]["id"] == "http://jobs"
    assert engine.targets == [], "AWS may not show it to everybody yet, and what is not shown would be dropped"
    clock.now += HOUR
    third = one.settle(engine)
    assert "taken into the state" in third.repairs[0].what
    assert engine.targets == [[urn(QUEUE, "jobs")]]
    assert set(store) == {STATE, BACKUP}


def test_an_engine_that_writes_the_state_anew_does_not_make_the_interruption_younger(tmp_path: Path) -> None:
    store, clock = stored(operation("creating", QUEUE, "gone")), Clock(BEGAN + 5)
    again = replace(settler(store, tmp_path, endpoint_url=None), now=clock, pause=clock.pause)
    for _ in range(9):
        assert again.settle(Engine()).failure is not None
        body = json.loads(store[STATE])
        body["checkpoint"]["latest"]["manifest"]["time"] = datetime.fromtimestamp(clock.now, UTC).isoformat()
        store[STATE] = json.dumps(body).encode()
        clock.now += 5
    clock.now += 15
    done = again.settle(Engine())
    assert done.failure is None
    assert "nothing of it is in AWS" in done.repairs[0].what
    assert set(store) == {STATE, BACKUP}


@pytest.mark.parametrize(
    "change", [{"parent": "another"}, {}], ids=["of other inputs", "cleared by hand, and the same again"]
)
def test_another_interruption_of_the_same_thing_is_as_young_as_it_is(change: dict[str, Any], tmp_path: Path) -> None:
    store, clock = stored(operation("creating", QUEUE, "gone")), Clock(BEGAN + 5)
    first = replace(settler(store, tmp_path, endpoint_url=None), now=clock, pause=clock.pause)
    assert first.settle(Engine()).failure is not None
    looks = store[LOOKS]
    store |= stored(operation("creating", QUEUE, "gone", **change))
    store[LOOKS] = looks
    clock.now = BEGAN + HOUR
    assert first.settle(Engine()).failure is not None


def test_where_nothing_is_half_made_any_more_earlier_looks_are_forgotten(tmp_path: Path) -> None:
    store, clock = stored(operation("creating", QUEUE, "gone")), Clock(BEGAN + 5)
    one = replace(settler(store, tmp_path, endpoint_url=None), now=clock, pause=clock.pause)
    one.settle(Engine())
    assert LOOKS in store
    store |= stored(operation("updating", ROLE, "known"))
    one.settle(Engine())
    assert LOOKS not in store


def test_one_of_our_own_machines_that_is_ahead_of_time_makes_nothing_old(tmp_path: Path) -> None:
    store, clock = stored(operation("creating", QUEUE, "gone")), Clock(BEGAN - 30)
    done = replace(settler(store, tmp_path, endpoint_url=None), now=clock, pause=clock.pause).settle(Engine())
    assert done.failure is not None
    assert done.failure.kind == "Unseen"


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
    assert "read anew, because a run died while updating it" in done.repairs[0].what
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
