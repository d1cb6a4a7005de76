"""AWS refuses to make what is there already: ours goes into the state, another's stays where it is."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fakes.requests import request_of
from tests.unit.runner.late_aws import STACK, STATE, TABLE, Clock, LateAws
from tests.unit.runner.mending import Engine
from tests.unit.runner.objects import Objects
from tests.unit.runner.states import PROJECT, resource, state, urn
from tradai_iac.core.tagging import urn_tag_of
from tradai_iac.failure import Diagnosis, Failure
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.repair.answer import Present
from tradai_runner.repair.collision import Collisions, ours
from tradai_runner.repair.find import Found
from tradai_runner.repair.pending import creating_of
from tradai_runner.repair.rows import FINDS
from tradai_runner.repair.settle import Settler

TAG = urn_tag_of(urn(TABLE, "it"))
#: Since when the stack of these tests stands.
SINCE = 1_799_990_000.0
RAW = resource(TABLE, "it", inputs={"name": "it"}, provider="p::id")


def found(mark: str | None = TAG, made: float | None = SINCE + 60, *, ready: bool = True) -> Found:
    return Found("it", None, ready, mark, made)


@pytest.mark.parametrize(
    ("one", "has", "expected"),
    [
        pytest.param(found(), [STACK], "it", id="ours"),
        pytest.param(found("another"), [STACK], None, id="another's"),
        pytest.param(found(""), [STACK], None, id="nobody's"),
        pytest.param(found(None), [STACK], None, id="a type without tags"),
        pytest.param(found(ready=False), [STACK], None, id="being made"),
        pytest.param(found(), [STACK, resource(TABLE, "it", id="it")], None, id="the state has it"),
        pytest.param(found(), [STACK, resource(TABLE, "it", id="it", pendingReplacement=True)], "it", id="made anew"),
        pytest.param(found(), [STACK, RAW | {"id": "it", "delete": True}], "it", id="the state is to delete it"),
        pytest.param(found(made=SINCE - 3600), [STACK], "is older than its state", id="older than the state"),
        pytest.param(found(made=None), [STACK], "does not tell when", id="of an age that is not told"),
        pytest.param(found(), [], "does not tell when", id="a state of an age that is not told"),
    ],
)
def test_what_is_in_the_way_is_ours_by_tag_and_age(one: Found, has: list[dict[str, Any]], expected: str | None) -> None:
    said = ours(creating_of(RAW), FINDS[TABLE], [one], has)
    if isinstance(said, Failure):
        assert expected is not None
        assert said.kind == "Conflict"
        assert expected in said.error
        assert "does not own" not in said.hint
    else:
        assert said == (Present(expected) if expected else None)


def event(op: str, inputs: dict[str, Any]) -> Any:
    new = SimpleNamespace(urn=RAW["urn"], type=TABLE, custom=True, inputs=inputs, parent="", provider="p::id")
    step = SimpleNamespace(op=SimpleNamespace(value=op), urn=RAW["urn"], new=new)
    return SimpleNamespace(res_op_failed_event=SimpleNamespace(metadata=step))


def test_a_refused_creation_is_kept_as_the_state_would_have_it_and_without_secrets() -> None:
    seen = Collisions()
    seen.observe(SimpleNamespace(res_op_failed_event=None))
    seen.observe(event("update", {"name": "it"}))
    assert seen.of([RAW["urn"]]) == []
    seen.observe(event("create", {"name": "it", "password": "[secret]", "deep": [{"x": "[secret]"}]}))
    assert seen.of([RAW["urn"]]) == [RAW]
    assert seen.of([]) == []


def test_only_what_is_said_to_be_there_already_is_looked_for() -> None:
    said = Diagnosis()
    said.add("a", "api error ResourceInUseException: Table already exists: it")
    said.add("a", "the same once more: already exists")
    said.add("b", "api error AccessDenied: no")
    said.add("", "update failed: already exists")
    assert said.taken() == ("a",)


def settler(tmp_path: Path, aws: LateAws, store: Objects) -> Settler:
    base = {"layer": "foundation", "environment": "dev", "operation": "up", "account_id": "1"}
    request = request_of(run_id="r", region="eu-central-1", backend_url="s3://b", **base)
    return Settler(request, PROJECT, store, RunRegistry(tmp_path), lambda: aws, aws.clock, pause=aws.clock.pass_)


def test_ours_is_taken_into_the_state_and_read_once_aws_shows_it_to_all(tmp_path: Path) -> None:
    provider = {"urn": "p", "type": "pulumi:providers:aws", "custom": True, "id": "id"}
    body = json.dumps(state([STACK, provider], [])).encode()
    aws, store, engine = LateAws(TABLE, Clock()), Objects({STATE: body}), Engine()
    aws.create("it", 1)
    done = settler(tmp_path, aws, store).take_over([RAW], engine)
    assert done.failure is None
    assert [line.what for line in done.repairs] == [
        "aws:dynamodb/table:Table it: AWS had it already, made by this stack; taken into the state as it"
    ]
    latest = json.loads(store[STATE])["checkpoint"]["latest"]
    assert [each.get("id") for each in latest["resources"]] == [None, "id", "it"]
    assert latest["pending_operations"] == []
    assert engine.targets == [[RAW["urn"]]]


def test_where_none_is_ours_nothing_is_written_but_the_lock(tmp_path: Path) -> None:
    aws, store, engine = LateAws(TABLE, Clock()), Objects({STATE: json.dumps(state([STACK], [])).encode()}), Engine()
    before = dict(store)
    done = settler(tmp_path, aws, store).take_over([RAW], engine)
    assert (done.failure, done.repairs, dict(store), engine.targets) == (None, (), before, [])


def test_one_that_only_bears_our_tag_is_told_and_left_alone(tmp_path: Path) -> None:
    aws, store = LateAws(TABLE, Clock()), Objects({STATE: json.dumps(state([STACK], [])).encode()})
    aws.clock = replace(aws.clock, now=SINCE - 7200)
    aws.create("it", 1)
    before = dict(store)
    done = settler(tmp_path, aws, store).take_over([RAW], Engine())
    assert done.failure is not None
    assert "with the tag of this very stack" in done.failure.error
    assert dict(store) == before
