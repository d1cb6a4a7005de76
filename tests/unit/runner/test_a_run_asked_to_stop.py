"""A run that was asked to stop says so: it begins nothing any more, and what it did not do it never calls done."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi import automation as auto

from tests.fakes.requests import request_of
from tests.unit.runner.objects import Objects
from tests.unit.runner.states import PROJECT, operation, resource, state
from tradai_runner import run as running
from tradai_runner.bucket.keys import owner_key, state_key, stood_key
from tradai_runner.contract import ALL_DATA, Owner, RunResult
from tradai_runner.engine import process as engines
from tradai_runner.engine.interrupt import Interrupt
from tradai_runner.journal.local import RunJournal
from tradai_runner.lock.registry import RunRegistry

TABLE = "aws:dynamodb/table:Table"
STANDING = [resource("pulumi:pulumi:Stack", "s", custom=False), resource(TABLE, "old", id="old")]
OURS = Owner(cluster="c", resource="ns/e", uid="u", account="123456789012", region="eu-central-1", blueprint="tradai")
STATE, MARK, OWNER = state_key(PROJECT, "dev"), stood_key(PROJECT, "dev"), owner_key(PROJECT, "dev")


class Site:
    """One stack in a bucket in memory, and an engine that tells what it was asked to do."""

    def __init__(self, folder: Path, *pending: dict[str, Any]) -> None:
        self.folder = folder
        self.store = Objects()
        self.store[STATE] = json.dumps(state(STANDING, list(pending))).encode()
        self.store[OWNER] = OURS.model_dump_json().encode()
        self.store[MARK] = b'{"stands": true}'
        self.interrupt = Interrupt(list)
        self.done: list[str] = []
        self.stop_at = ""

    def stop(self) -> None:
        self.interrupt.handle(signal.SIGTERM, None)

    def did(self, what: str) -> None:
        self.done.append(what)
        if what == self.stop_at:
            self.stop()

    def run(self, name: str) -> RunResult:
        request = request_of(
            run_id="r1",
            layer="foundation",
            environment="dev",
            operation=name,
            account_id="123456789012",
            region="eu-central-1",
            backend_url="s3://b",
            owner=OURS,
            confirmed=(ALL_DATA,) if name == "destroy" else None,
            stood=True,
        )
        journal = RunJournal(self.folder / "journal")
        journal.path.mkdir()
        journal.open(request)
        return running.run(journal, self.interrupt)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Site]:
    def make(*pending: dict[str, Any]) -> Site:
        found = Site(tmp_path, *pending)
        monkeypatch.setattr("tradai_runner.bucket.store.store_of", lambda _: found.store)
        monkeypatch.setattr("tradai_runner.bucket.store.open_store", lambda *_: found.store)
        acts = {name: lambda _name=name, **_: found.did(f"engine {_name}") for name in ("up", "refresh", "destroy")}
        stack = SimpleNamespace(name="dev", workspace=SimpleNamespace(work_dir=tmp_path / "work"), preview=None, **acts)
        monkeypatch.setattr(running, "open_stack", lambda *_, **__: stack)
        monkeypatch.setattr(running, "salt_of", lambda _: None)
        monkeypatch.setattr(running, "emptied", lambda *_: found.did("emptied"))
        return found

    return make


@pytest.mark.parametrize("name", ["destroy", "refresh"])
@pytest.mark.parametrize("pending", [(), (operation("creating", TABLE, "it"),)], ids=["whole", "half done"])
def test_asked_before_its_engine_it_does_nothing_and_notes_nothing(
    site: Callable[..., Site], name: str, pending: tuple[dict[str, Any], ...]
) -> None:
    here = site(*pending)
    before = dict(here.store)
    here.stop()
    result = here.run(name)
    assert (result.outcome, result.failure and result.failure.kind) == ("cancelled", "Cancelled")
    assert here.done == []
    assert {key: here.store.get(key) for key in (STATE, MARK, OWNER)} == {
        key: before[key] for key in (STATE, MARK, OWNER)
    }


def test_asked_between_two_steps_it_takes_no_further_one(site: Callable[..., Site]) -> None:
    here = site()
    here.stop_at = "emptied"
    result = here.run("destroy")
    assert result.outcome == "cancelled"
    assert here.done == ["emptied"]
    assert json.loads(here.store[MARK]) == {"stands": True}
    assert OWNER in here.store


def test_what_is_still_half_done_in_the_end_is_not_called_done(
    site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However that may come about: the attempt after the repair finds something again."""
    here = site(operation("creating", TABLE, "it"))
    monkeypatch.setattr("tradai_runner.upkeep.Upkeep.settle", lambda *_: None)
    result = here.run("destroy")
    assert (result.outcome, result.failure and result.failure.kind) == ("failed", "Unfinished")
    assert here.done == []
    assert OWNER in here.store


def test_an_engine_that_was_about_to_begin_never_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wish came after the last look and before there was a process to hand it to."""
    ran = tmp_path / "ran"
    program = tmp_path / "pulumi"
    program.write_text(f'#!/bin/sh\n[ "$1" = version ] && {{ echo v3.255.0; exit; }}\ntouch {ran}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    engine = engines.Engine("r1", RunRegistry(tmp_path / "notes"), lambda: True)
    with pytest.raises(auto.CommandError, match="asked to stop"):
        engine.run(["up"], str(tmp_path), {})
    assert not ran.exists()
