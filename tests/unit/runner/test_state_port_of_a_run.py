"""What a run makes of its state port: what it is described by, when it is asked, and what its answers mean."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from pulumi import automation as auto

from tradai_runner import archive
from tradai_runner.contract import Update
from tradai_runner.engine.interrupt import Interrupt
from tradai_runner.engine.process import Engine
from tradai_runner.journal.local import RunJournal
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.run import Run
from tradai_runner.stateport.beside import Beside, Verdict, described

REQUEST = Update(
    run_id="r1",
    layer="foundation",
    environment="dev",
    account_id="1",
    region="us-east-1",
    backend_url="s3://b/team",
)


class Answering(Beside):
    """A port that gives one verdict, and notes that it was asked."""

    given: Verdict | None = None
    asked: int = 0

    def verdict(self) -> Verdict | None:
        type(self).asked += 1
        return self.given


def port_of(given: Verdict | None) -> Answering:
    found = described(REQUEST, "tradai-foundation", ())
    assert found
    kind: type[Answering] = type("Port", (Answering,), {"given": given, "asked": 0})
    return kind("http://127.0.0.1:4711/token", found, io.BytesIO())


@pytest.mark.parametrize(
    ("status", "given", "noted"),
    [
        (0, Verdict(), 0),
        (0, Verdict(held=True), 1),
        (0, None, 1),
        (1, Verdict(), 1),
    ],
    ids=["all is there", "the lock stands", "the port has died, and its lock may stand", "the engine failed"],
)
def test_who_may_have_left_a_lock_stays_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, given: Verdict | None, noted: int
) -> None:
    """An engine says that all went well though it could not give its lock back."""
    program = tmp_path / "pulumi"
    program.write_text(f'#!/bin/sh\n[ "$1" = version ] && {{ echo v3.255.0; exit; }}\nexit {status}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    port = port_of(given)
    engine = Engine("r1", RunRegistry(tmp_path / "notes"), port=port)
    try:
        engine.run(["up"], str(tmp_path), {})
    except auto.CommandError:
        assert status
    assert len(list((tmp_path / "notes").rglob("*.json"))) == noted
    assert port.asked == 1, "what waits is sent before anything else is done"


@pytest.mark.parametrize(
    ("url", "region", "endpoint"),
    [
        ("s3://b", "us-east-1", None),
        ("s3://b?region=eu-central-1", "eu-central-1", None),
        ("s3://b?endpoint=http://127.0.0.1:4566&region=eu-central-1", "eu-central-1", "http://127.0.0.1:4566"),
    ],
)
def test_the_bucket_is_where_the_engine_would_look_for_it(url: str, region: str, endpoint: str | None) -> None:
    found = described(REQUEST.model_copy(update={"backend_url": url}), "tradai-foundation", ())
    assert found
    assert (found.region, found.endpoint) == (region, endpoint)


def test_a_state_that_is_in_no_bucket_needs_no_port() -> None:
    assert described(REQUEST.model_copy(update={"backend_url": "file:///x"}), "tradai-foundation", ()) is None


@pytest.mark.parametrize(
    "said",
    [
        'Get "http://127.0.0.1:4711/token/b/x": dial tcp 127.0.0.1:4711: connect: connection refused',
        "s3://b/.pulumi/locks/1.json?disable_https=true&endpoint=http%3A%2F%2F127.0.0.1%3A4711%2Ftoken&region=r",
    ],
)
def test_no_part_of_the_ports_address_is_told(said: str) -> None:
    plain = port_of(None).plain(said)
    assert "4711" not in plain
    assert "token" not in plain


def test_what_engines_say_names_the_bucket_and_never_the_port() -> None:
    port = port_of(None)
    bucket = port.described.bucket
    said = f"error: locked by 1 lock(s): {port.backend}/.pulumi/locks; PUT {port.url}/{bucket}/x: EOF"
    plain = port.plain(said)
    assert port.url not in plain
    assert plain == f"error: locked by 1 lock(s): s3://{bucket}/.pulumi/locks; PUT s3://{bucket}/x: EOF"
    assert port.plain("nothing of it") == "nothing of it"


def test_what_goes_wrong_beside_engines_names_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, port = RunJournal(tmp_path / "run"), port_of(None)
    journal.open(REQUEST)
    run = Run(journal, Interrupt(list))

    def drive() -> None:
        run._journal.plain = port.plain
        raise OSError(f"{port.url} is gone")

    monkeypatch.setattr(run, "_drive", drive)
    monkeypatch.setattr(archive, "archive", lambda *_: None)
    result = run.execute()
    assert result.failure
    assert "is gone" in result.failure.error
    assert "4711" not in journal.log_path.read_text() + result.model_dump_json()


#: A run that is refused before anybody has asked for its port, which was begun beside all that comes first.
REFUSED = """
import os, sys
from tradai_runner.contract.request import REQUESTS
from tradai_runner.stateport.beside import way
with way(REQUESTS.validate_json(sys.argv[1]), "tradai-foundation", ()) as comes_up:
    pass
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("nobody is left")
"""


def test_a_port_that_nobody_asks_for_ends_with_its_run_and_says_nothing() -> None:
    words = [sys.executable, "-c", REFUSED, REQUEST.model_dump_json()]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "nobody is left\n", "")
