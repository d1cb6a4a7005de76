"""The journal of a run elsewhere, over a bucket in memory."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.runner.objects import Objects
from tradai_runner.contract import Progress, RunResult, Update
from tradai_runner.engine.interrupt import Interrupt
from tradai_runner.journal.address import RunAddress
from tradai_runner.journal.bucket import BucketJournal
from tradai_runner.lock.dead_runs import DeadRun, declare_dead
from tradai_runner.remote import journal as remote
from tradai_runner.remote import start
from tradai_runner.remote.journal import DeclaredDeadError, RemoteJournal
from tradai_runner.remote.secrets import folder_of

ADDRESS = RunAddress(bucket="b", region="eu-central-1", project="tradai-edge", stack="dev", run_id="r1")
REQUEST = Update(
    run_id="r1",
    layer="edge",
    environment="dev",
    account_id="123456789012",
    region="eu-central-1",
    backend_url="s3://b",
    passphrase_file="state.passphrase",
    secret_files={"token": "value.token"},
)
RESULT = RunResult(run_id="r1", layer="edge", operation="up", outcome="succeeded")
_WORDS = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(remote, "_RESULT_POLL_SECONDS", 0.01)


@pytest.fixture
def store() -> Any:
    store: Any = Objects({})
    BucketJournal(ADDRESS, store).open(REQUEST, {"namespace": "tradai-system", "job": "x"})
    return store


def until(seen: Any) -> None:
    deadline = time.monotonic() + 30
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def opened(store: Any, stops: list[bool] | None = None) -> RemoteJournal:
    journal = RemoteJournal(ADDRESS, store, Path("/secrets"), lambda: (stops if stops is not None else []).append(True))
    journal.open()
    return journal


@given(
    bucket=_WORDS,
    folder=st.one_of(st.just(""), _WORDS.map(lambda word: f"{word}/")),
    endpoint=st.one_of(st.none(), st.just("http://127.0.0.1:5000"), st.just("https://s3.example/x?y=z&a=b")),
    stack=_WORDS,
)
def test_an_address_survives_being_a_word_of_a_command(
    bucket: str, folder: str, endpoint: str | None, stack: str
) -> None:
    address = ADDRESS.model_copy(update={"bucket": bucket, "folder": folder, "endpoint_url": endpoint, "stack": stack})
    assert RunAddress.parse(str(address)) == address


@pytest.mark.parametrize("text", ["", "s3://b", "s3://b?region=r", "s3://b?region=r#a/b", "file:///x?region=r#a/b/c"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not the address of a run"):
        RunAddress.parse(text)


def test_a_backend_that_is_no_bucket_has_no_address() -> None:
    with pytest.raises(ValueError, match="needs a state bucket"):
        RunAddress.of(REQUEST.model_copy(update={"backend_url": "file:///x"}), "tradai-edge")


def test_the_first_word_comes_before_the_run_and_others_follow(store: Any) -> None:
    seen, journal = BucketJournal(ADDRESS, store), opened(store)
    first = seen.beat()
    assert first is not None
    assert first.host
    journal.append(Progress(phase="running", current="aws:sqs/queue:Queue x"))
    until(lambda: (beat := seen.beat()) and beat.count > first.count and beat.progress)
    journal.finish(RESULT)
    assert seen.result() == RESULT
    last = seen.beat()
    time.sleep(0.05)
    assert seen.beat() == last


def test_secrets_are_files_where_the_container_has_them(store: Any) -> None:
    journal = opened(store)
    request = journal.request()
    assert request.passphrase_file == "/secrets/state.passphrase"
    assert request.secret_files == {"token": "/secrets/value.token"}
    journal.finish(RESULT)


def test_a_run_that_was_declared_dead_does_not_begin(store: Any) -> None:
    declare_dead(store, "tradai-edge", "dev", DeadRun(run_id="r1", executor="kubernetes"))
    with pytest.raises(DeclaredDeadError):
        opened(store)
    assert BucketJournal(ADDRESS, store).beat() is None


def test_a_run_that_is_declared_dead_stops(store: Any) -> None:
    stops: list[bool] = [False]
    journal = opened(store, stops)
    declare_dead(store, "tradai-edge", "dev", DeadRun(run_id="r1", executor="kubernetes"))
    until(lambda: stops[-1])
    journal.finish(RESULT)


def test_a_bucket_that_fails_for_a_while_costs_neither_the_run_nor_its_result(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, failures = opened(store), iter(range(5))
    put = Objects.put

    def sometimes(self: Any, key: str, body: bytes) -> None:
        if next(failures, None) is not None:
            raise EndpointConnectionError(endpoint_url="http://bucket")
        put(self, key, body)

    monkeypatch.setattr(Objects, "put", sometimes)
    journal.finish(RESULT)
    assert BucketJournal(ADDRESS, store).result() == RESULT
    assert "does not" in journal.log_path.read_text()


def test_nothing_of_the_journal_is_left_when_the_result_was_taken(store: Any) -> None:
    journal = opened(store)
    journal.finish(RESULT)
    BucketJournal(ADDRESS, store).clear()
    assert not list(store)


class Manager:
    """Secrets Manager with one secret."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def get_secret_value(self, **named: str) -> dict[str, str]:
        assert named == {"SecretId": "tradai-run-x"}
        return {"SecretString": '{"state.passphrase": "open sesame"}'}

    def delete_secret(self, **named: Any) -> None:
        assert named.pop("ForceDeleteWithoutRecovery")
        self.deleted.append(named["SecretId"])


def test_a_secret_of_aws_is_read_once_into_private_files() -> None:
    manager = Manager()
    folder = folder_of({"TRADAI_SECRETS_ID": "tradai-run-x"}, "eu-central-1", manager)
    (file,) = folder.iterdir()
    assert (file.name, file.read_text(), file.stat().st_mode & 0o777) == ("state.passphrase", "open sesame", 0o600)
    assert manager.deleted == ["tradai-run-x"]
    file.unlink()
    folder.rmdir()


def test_mounted_secrets_are_taken_where_they_are() -> None:
    assert folder_of({"TRADAI_SECRETS_DIR": "/run/x"}, "eu-central-1") == Path("/run/x")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param(
            {"a_new_field": 1}, "another version than the operator: it does not understand a_new_field", id="version"
        ),
        pytest.param({"operation": "import"}, "it does not understand operation", id="operation"),
        pytest.param({"keep_plan": True}, "it does not understand keep_plan", id="what does not go together"),
        pytest.param({}, "lacks TRADAI_SECRETS_ID", id="no secrets"),
    ],
)
def test_a_container_that_does_not_begin_says_why(
    changes: dict[str, Any], said: str, store: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(start, "store_at", lambda run: store)
    monkeypatch.setattr(start, "Insistence", lambda interrupt: Quiet())
    if changes:
        monkeypatch.setenv("TRADAI_SECRETS_DIR", str(tmp_path))
    (key,) = [key for key in store if key.endswith("request.json")]
    store[key] = json.dumps(json.loads(store[key]) | changes).encode()
    opened = start.open_remote(str(ADDRESS), Interrupt())
    assert isinstance(opened, start.NothingToRun)
    refusal = BucketJournal(ADDRESS, store).refusal()
    assert refusal is not None
    assert said in refusal.why
    assert BucketJournal(ADDRESS, store).beat() is None


class Quiet:
    """Takes no signals: they are the tests' own."""

    def begin(self) -> None:
        return

    def stop(self) -> None:
        return
