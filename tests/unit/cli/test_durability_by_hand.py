"""Runs by hand keep a state as safe as what stands is kept, and less safe only by a person's own word."""

import json
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from tests.documents.manifests import EXAMPLES
from tests.unit.operator.guarded import BEFORE, guards
from tests.unit.runner.objects import Objects
from tests.unit.runner.states import resource, state
from tradai_cli import infra, teardown
from tradai_cli.durability import Seen, chosen, look
from tradai_operator.model.environment import parse_spec
from tradai_operator.model.in_force import DURABILITY
from tradai_runner.bucket import store as stores
from tradai_runner.bucket.keys import owner_key, state_key
from tradai_runner.contract import Durability, Owner, RunRequest
from tradai_runner.state.checkpoint import Checkpoint, Recorded

MANIFEST = EXAMPLES / "env-dev.yaml"
SPEC = parse_spec(yaml.safe_load(MANIFEST.read_text()))


def owner(durability: str | None) -> Owner:
    known = guards() | ({DURABILITY: durability} if durability else {})
    return BEFORE.model_copy(update={"guards": known if durability else None})


NEW, STANDING = Seen(), Seen(stands=True)
SYNC, GROUP, OLD = (Seen((owner(step),), stands=True) for step in ("Sync", "Group", None))
NEXT = Seen((owner("Group"),))
MIXED = Seen((owner("Group"), owner("Sync")))


@pytest.mark.parametrize(
    ("seen", "silent", "sync", "group"),
    [
        pytest.param(NEW, "Group", "Sync", "Group", id="nothing stands"),
        pytest.param(STANDING, "Sync", "Sync", "Group", id="it stands and is nobody's"),
        pytest.param(SYNC, "Sync", "Sync", "Sync!", id="somebody keeps it under Sync"),
        pytest.param(OLD, "Sync", "Sync", "Sync!", id="somebody's of a version before keeps it"),
        pytest.param(GROUP, "Group", "Sync", "Group", id="somebody keeps it under Group"),
        pytest.param(NEXT, "Group", "Sync", "Group", id="a new stack beside others under Group"),
        pytest.param(MIXED, "Sync", "Sync", "Sync!", id="a new stack beside one under Sync"),
        pytest.param(None, "Sync", "Sync", "Sync!", id="the bucket does not tell"),
    ],
)
def test_what_a_run_by_hand_goes_by(seen: Seen | None, silent: str, sync: str, group: str) -> None:
    rows: list[tuple[Durability | None, str]] = [(None, silent), ("Sync", sync), ("Group", group)]
    for written, expected in rows:
        found, told = chosen(None, written, seen)
        assert f"{found}{'!' if told else ''}" == expected
        assert ("--durability Group uses it for this run alone" in told) is bool(told)


@pytest.mark.parametrize("seen", [NEW, STANDING, SYNC, OLD, GROUP, None])
@pytest.mark.parametrize("written", [None, "Sync", "Group"])
def test_a_persons_own_word_counts_and_they_are_told_what_it_lowers(
    seen: Seen | None, written: Durability | None
) -> None:
    assert chosen("Sync", written, seen) == ("Sync", "")
    found, told = chosen("Group", written, seen)
    assert (found, "tradai/dev keeps this environment under" in told) == ("Group", seen in [SYNC, OLD])


def bucket(monkeypatch: pytest.MonkeyPatch, store: Any) -> None:
    monkeypatch.setattr(stores, "open_store", lambda *_: store)


def stack(resources: list[dict[str, Any]]) -> bytes:
    return json.dumps(state(resources, [])).encode()


@pytest.mark.parametrize(
    ("objects", "seen"),
    [
        ({}, NEW),
        ({state_key("tradai-edge", "dev"): stack([resource("aws:sns/topic:Topic", "t", id="t")])}, STANDING),
        ({state_key("tradai-edge", "dev"): stack([])}, NEW),
        ({state_key("tradai-edge", "dev"): b"{"}, STANDING),
        ({owner_key("tradai-persistent", "dev"): owner("Group").model_dump_json().encode()}, NEXT),
        ({owner_key("tradai-persistent", "dev"): b"{"}, None),
    ],
    ids=["nothing", "a stack", "a stack that was destroyed", "a damaged one", "another layer's marker", "no marker"],
)
def test_the_bucket_is_asked_for_the_stack_and_for_all_markers(
    objects: dict[str, bytes], seen: Seen | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Objects(objects)
    bucket(monkeypatch, store)
    assert look(SPEC, "edge") == seen
    assert store.writes == []


class Refusing:
    """A bucket of somebody else's."""

    def get(self, key: str) -> bytes:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")


@pytest.mark.parametrize("store", [None, Refusing()], ids=["no bucket", "refused"])
def test_what_the_bucket_does_not_tell_is_not_taken_for_nothing(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket(monkeypatch, store)
    assert look(SPEC, "edge") is None


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[RunRequest]:
    """What the runner is asked, in its order."""
    asked: list[RunRequest] = []

    def run_layer(request: RunRequest, *_: object) -> str:
        asked.append(request)
        return "succeeded"

    monkeypatch.setattr(infra, "run_layer", run_layer)
    monkeypatch.setattr(teardown, "run_layer", run_layer)
    monkeypatch.setattr(infra, "show_waiting", lambda *_: False)
    monkeypatch.setattr(infra, "_lacks_upstream", lambda *_: True)
    monkeypatch.setattr(teardown, "demand_passphrase", lambda _: None)
    monkeypatch.setattr(teardown, "clients", lambda _: None)
    monkeypatch.setattr(teardown, "found_contents", lambda *_: ())
    monkeypatch.setattr(teardown, "emptied", lambda *_: None)
    table = Recorded("urn:t", "aws:dynamodb/table:Table", "t", "t", {}, {}, protect=True, retained=False)
    standing = {name: Checkpoint((table,) if name == "edge" else ()) for name in SPEC.declaration.layer_names}
    monkeypatch.setattr(teardown, "checkpoints", lambda _: standing)
    return asked


COMMANDS = {
    "up": ["up", "edge", "dev"],
    "refresh": ["refresh", "edge", "dev"],
    "down": ["down", "edge", "dev", "--yes"],
    "teardown": ["teardown", "soft", "dev", "--yes", "--lift-protection"],
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_every_command_that_saves_a_state_goes_by_what_stands_or_by_its_option(
    words: list[str], ran: list[RunRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket(monkeypatch, Objects({owner_key("tradai-edge", "dev"): owner("Sync").model_dump_json().encode()}))
    for more, expected in (([], "Sync"), (["--durability", "Group"], "Group"), (["--durability", "Sync"], "Sync")):
        ran.clear()
        told = CliRunner().invoke(infra.app, [*words, "--file", str(MANIFEST), *more])
        assert told.exit_code == 0, told.output
        assert {request.durability for request in ran} == {expected}
        assert ("this run alone uses Group" in told.output) is (expected == "Group")
    bucket(monkeypatch, Objects())
    ran.clear()
    assert CliRunner().invoke(infra.app, [*words, "--file", str(MANIFEST)]).exit_code == 0
    assert {request.durability for request in ran} == {"Group"}


def test_a_preview_saves_nothing_and_asks_nobody(ran: list[RunRequest], monkeypatch: pytest.MonkeyPatch) -> None:
    bucket(monkeypatch, Refusing())
    told = CliRunner().invoke(infra.app, ["preview", "edge", "dev", "--file", str(MANIFEST)])
    assert told.exit_code == 0, told.output
    assert [request.durability for request in ran] == ["Sync"]
    unknown = CliRunner().invoke(infra.app, ["up", "edge", "dev", "--file", str(MANIFEST), "--durability", "Maybe"])
    assert unknown.exit_code == 2
