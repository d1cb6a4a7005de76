"""After a run that never said that all of its state is in the bucket: what the state lacks of it is looked up."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.runner.mending import BEGAN, QUEUE, ROLE, STATE, Aws, Engine, latest, settler
from tests.unit.runner.objects import Objects
from tests.unit.runner.states import PROJECT, SECRET, operation, resource, state, urn
from tradai_runner.repair.opened import Overlooked, overlooked
from tradai_runner.state.integrity import flaw

OPENED = f".tradai/repairs/{PROJECT}/dev.opened/r0.json"
UNSAVED = f".tradai/unsaved/{PROJECT}/dev/r0.json"
KNOWN = resource(ROLE, "known", id="known")
TABLE = "aws:dynamodb/table:Table"
#: The note of a run that says since when it writes.
BEGUN = json.dumps({"since": BEGAN}).encode()


class Gone(Aws):
    """An account from which somebody has removed the queue."""

    def get_queue_url(self, QueueName: str) -> Any:  # noqa: N803 - AWS's own name
        return super().get_queue_url(f"no {QueueName}")


def stored(body: dict[str, Any], unsaved: dict[str, Any] | None = None) -> Any:
    kept = {} if unsaved is None else {UNSAVED: json.dumps(unsaved).encode()}
    return Objects({STATE: json.dumps(body).encode(), OPENED: b"{}", **kept})


@pytest.mark.parametrize(
    ("there", "copy", "found"),
    [
        (state([KNOWN], []), state([KNOWN], []), Overlooked()),
        (
            state([KNOWN], []),
            state([KNOWN, resource(QUEUE, "jobs", id="http://jobs")], []),
            Overlooked((resource(QUEUE, "jobs", id="http://jobs"),)),
        ),
        (
            state([KNOWN], []),
            state([KNOWN], [operation("creating", QUEUE, "jobs")]),
            Overlooked((resource(QUEUE, "jobs"),)),
        ),
        (
            state([KNOWN], [operation("creating", QUEUE, "jobs")]),
            state([KNOWN, resource(QUEUE, "jobs", id="http://jobs")], []),
            Overlooked(),
        ),
        (
            state([resource(TABLE, "t", id="old")], []),
            state([resource(TABLE, "t", id="new"), resource(TABLE, "t", id="old", delete=True)], []),
            Overlooked((resource(TABLE, "t", id="new"),), (urn(TABLE, "t"),)),
        ),
        (state([KNOWN], []), state([], []), Overlooked(changed=(KNOWN["urn"],))),
        (state([KNOWN], []), state([{**KNOWN, "inputs": {"a": 1}}], []), Overlooked(changed=(KNOWN["urn"],))),
        (
            state([], []),
            state([{**KNOWN, "custom": False, "type": "tradai:Component"}, {**KNOWN, "delete": True}], []),
            Overlooked(),
        ),
    ],
)
def test_what_a_state_lacks_of_a_run_is_what_that_run_made_began_or_changed(
    there: dict[str, Any], copy: dict[str, Any], found: Overlooked
) -> None:
    assert overlooked(there, copy) == found


def test_what_a_run_made_that_somebody_elses_state_lacks_is_taken_in(tmp_path: Path) -> None:
    unsaved = state([KNOWN, resource(QUEUE, "jobs", id="http://jobs"), resource(QUEUE, "gone", id="http://gone")], [])
    store, engine = stored(state([KNOWN], []), unsaved), Engine()
    done = settler(store, tmp_path).settle(engine)
    assert done.failure is None
    assert [(raw["type"], raw["id"]) for raw in latest(store)["resources"]] == [(ROLE, "known"), (QUEUE, "http://jobs")]
    assert engine.targets == [[urn(QUEUE, "jobs")]]
    assert OPENED not in store
    assert UNSAVED in store, "for people"


def test_what_a_run_changed_is_read_anew(tmp_path: Path) -> None:
    store, engine = stored(state([KNOWN], []), state([{**KNOWN, "inputs": {"a": 1}}], [])), Engine()
    assert settler(store, tmp_path).settle(engine).failure is None
    assert engine.targets == [[KNOWN["urn"]]]
    assert OPENED not in store


def test_a_run_that_saved_all_that_it_began_leaves_nothing_to_do(tmp_path: Path) -> None:
    store, engine = stored(state([KNOWN], [])), Engine()
    before = store[STATE]
    done = settler(store, tmp_path).settle(engine)
    assert (done.failure, done.repairs, engine.targets) == (None, (), [])
    assert (store[STATE], OPENED in store) == (before, False)


def test_the_run_stays_open_until_all_of_it_is_known(tmp_path: Path) -> None:
    unsaved = state([KNOWN], [operation("creating", QUEUE, "jobs")])
    store = stored(state([KNOWN], []), unsaved)
    assert settler(store, tmp_path, Aws(error="AccessDenied")).settle(Engine()).failure is not None
    assert OPENED in store
    assert [raw["id"] for raw in latest(store)["resources"]] == ["known"]
    assert settler(store, tmp_path).settle(Engine()).failure is None
    assert [raw["id"] for raw in latest(store)["resources"]] == ["known", "http://jobs"]
    assert OPENED not in store


def test_a_copy_that_cannot_be_read_is_named_and_nothing_is_touched(tmp_path: Path) -> None:
    store = stored(state([KNOWN], []))
    store[UNSAVED] = b"{"
    failure = settler(store, tmp_path).settle(Engine()).failure
    assert failure is not None
    assert UNSAVED in failure.error
    assert OPENED in failure.hint
    assert OPENED in store


STACK = "pulumi:pulumi:Stack"
COMPONENT, PROVIDER = "tradai:Work", "pulumi:providers:aws"


def stack() -> dict[str, Any]:
    return {"urn": urn(STACK, "s"), "type": STACK, "custom": False}


def component(name: str, parent: str) -> dict[str, Any]:
    return {"urn": urn(COMPONENT, name), "type": COMPONENT, "custom": False, "parent": parent}


def test_what_is_taken_in_stands_below_its_parents_and_by_its_provider_though_somebody_elses_state_has_neither(
    tmp_path: Path,
) -> None:
    """A program's resources are children of components, which nobody looks up: they are nothing in AWS."""
    outer, inner = component("outer", urn(STACK, "s")), component("inner", urn(COMPONENT, "outer"))
    provider = resource(PROVIDER, "aws", id="p-1")
    refused = resource(QUEUE, "refused", id="http://refused")
    jobs = resource(
        QUEUE,
        "jobs",
        id="http://jobs",
        parent=inner["urn"],
        provider=f"{provider['urn']}::p-1",
        dependencies=[KNOWN["urn"], refused["urn"]],
        propertyDependencies={"name": [refused["urn"]], "tags": [KNOWN["urn"]]},
        deletedWith=refused["urn"],
    )
    unsaved = state([stack(), KNOWN, outer, inner, provider, refused, jobs], [])
    store = stored(state([stack(), KNOWN], []), unsaved)
    assert settler(store, tmp_path).settle(Engine()).failure is None
    body = json.loads(store[STATE])
    assert flaw(body) is None
    assert [raw["urn"] for raw in latest(store)["resources"]] == [
        each["urn"] for each in (stack(), KNOWN, outer, inner, provider, jobs)
    ]
    taken = latest(store)["resources"][-1]
    assert (taken["dependencies"], taken["propertyDependencies"]) == (
        [KNOWN["urn"]],
        {"name": [], "tags": [KNOWN["urn"]]},
    )
    assert "deletedWith" not in taken


def test_what_is_taken_in_has_the_provider_that_somebody_elses_state_has(tmp_path: Path) -> None:
    theirs, ours = resource(PROVIDER, "aws", id="p-2"), resource(PROVIDER, "aws", id="p-1")
    jobs = resource(QUEUE, "jobs", id="http://jobs", provider=f"{ours['urn']}::p-1")
    store = stored(state([theirs, KNOWN], []), state([ours, KNOWN, jobs], []))
    assert settler(store, tmp_path).settle(Engine()).failure is None
    assert flaw(json.loads(store[STATE])) is None
    assert latest(store)["resources"][-1]["provider"] == f"{theirs['urn']}::p-2"


@pytest.mark.parametrize("saved", ["pending", "beside"])
@pytest.mark.parametrize(("note", "made", "stays"), [(BEGUN, 9, True), (BEGUN, -9, False), (b"{}", 9, False)])
def test_what_somebody_made_anew_since_is_never_replaced_by_what_the_run_had_made(
    tmp_path: Path, saved: str, note: bytes, made: float, *, stays: bool
) -> None:
    """An engine without ours takes a creation under way for not made; in a replacement the old one is older."""
    theirs = resource(QUEUE, "jobs", id="http://theirs", created=datetime.fromtimestamp(BEGAN + made, UTC).isoformat())
    begun = operation("creating", QUEUE, "jobs")
    ours = {**begun["resource"], "id": "http://jobs"}
    pending = saved == "pending"
    store = stored(state([theirs], [begun] if pending else []), None if pending else state([ours], []))
    store[OPENED] = note
    failure = settler(store, tmp_path).settle(Engine()).failure
    there = [(raw["id"], bool(raw.get("delete"))) for raw in latest(store)["resources"]]
    if not stays:
        assert (failure, there) == (None, [("http://jobs", False), ("http://theirs", True)])
        return
    assert there == [("http://theirs", False)]
    assert failure is not None
    assert (failure.kind, OPENED in store) == ("Unresolved", True)
    assert "AWS has http://jobs, and http://theirs was made since" in failure.error
    assert f"--clear-pending '{theirs['urn']}'" in failure.hint
    assert settler(store, tmp_path, Gone()).settle(Engine()).failure is None, "it goes on once that was removed"
    assert [raw["id"] for raw in latest(store)["resources"]] == ["http://theirs"]


@pytest.mark.parametrize("made", [True, False])
@pytest.mark.parametrize("salt", ["v1:s", "v1:another"])
def test_what_another_salt_has_encrypted_is_left_to_the_next_update(tmp_path: Path, salt: str, made: bool) -> None:
    """Each run of an engine has a salt of its own; a state with what another one encrypted would open no more."""
    inputs = {"name": "jobs", "word": SECRET, "list": [{"deep": SECRET}]}
    jobs = resource(QUEUE, "jobs", outputs={"arn": "a", "word": SECRET}) | {"inputs": inputs}
    begun = [] if made else [{"resource": jobs, "type": "creating"}]
    unsaved = state([KNOWN, {**jobs, "id": "http://jobs"}] if made else [KNOWN], begun)
    unsaved["checkpoint"]["latest"]["secrets_providers"]["state"]["salt"] = salt
    store = stored(state([KNOWN], []), unsaved)
    assert settler(store, tmp_path).settle(Engine()).failure is None
    taken = latest(store)["resources"][-1]
    assert taken["inputs"] == (inputs if salt == "v1:s" else {"name": "jobs"})
    assert taken["outputs"]["arn"] == "a"
    assert (SECRET["ciphertext"] in store[STATE].decode()) is (salt == "v1:s")


def test_a_run_that_died_ahead_of_its_very_first_state_leaves_nothing_to_do(tmp_path: Path) -> None:
    """It has noted that it begins, and made nothing yet: the stack never was."""
    store, engine = Objects({OPENED: b"{}"}), Engine()
    done = settler(store, tmp_path).settle(engine)
    assert (done.failure, done.repairs, engine.targets) == (None, (), [])
    assert [key for key in store if "/locks/" not in key] == []


def test_a_state_that_is_gone_is_settled_by_nobody(tmp_path: Path) -> None:
    store = Objects({OPENED: b"{}", UNSAVED: json.dumps(state([KNOWN], [])).encode()})
    failure = settler(store, tmp_path).settle(Engine()).failure
    assert failure is not None
    assert failure.kind == "StateGone"
    assert OPENED in store
    known = settler(Objects({OPENED: b"{}"}), tmp_path, stood=True).settle(Engine()).failure
    assert known is not None
    assert known.kind == "StateGone"


def test_what_a_port_that_is_left_over_saves_during_a_repair_is_not_overwritten(tmp_path: Path) -> None:
    """A killed run's port sends its last state whenever the bucket takes it, also between a repair's look and write."""
    store = stored(state([KNOWN], [operation("creating", QUEUE, "jobs")]))
    late = json.dumps(state([KNOWN, resource(QUEUE, "jobs", id="http://jobs", outputs={"once": "said"})], [])).encode()

    class Late(Aws):
        def list_queue_tags(self, QueueUrl: str) -> Any:  # noqa: N803 - AWS's own name
            store[STATE] = late
            return super().list_queue_tags(QueueUrl)

    failure = settler(store, tmp_path, Late()).settle(Engine()).failure
    assert failure is not None
    assert (failure.kind, "while a repair" in failure.error) == ("Lost", True)
    assert store[STATE] == late
    assert OPENED in store
    assert settler(store, tmp_path).settle(Engine()).failure is None
    assert latest(store)["resources"][-1]["outputs"] == {"once": "said"}
