"""Data goes from a bucket only while nobody else works on the stack, and only what is there then and was agreed to."""

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.runner.objects import Objects
from tests.unit.runner.test_runner_rooms import request
from tradai_iac.failure import Failure
from tradai_runner.bucket.keys import locks_prefix, owner_key
from tradai_runner.contract import Owner, RunRequest
from tradai_runner.run import Run
from tradai_runner.state.checkpoint import Checkpoint, Recorded
from tradai_runner.teardown import contents
from tradai_runner.teardown.emptying import emptied
from tradai_runner.upkeep import Upkeep

PROJECT = "tradai-persistent"
BUCKET = Recorded("urn:x::configs", "aws:s3/bucket:Bucket", "configs", "tradai-configs-dev", {}, {}, False, False)
STANDING = Checkpoint(resources=(BUCKET,))
ASKS = request(layer="persistent", operation="destroy", confirmed=("*",))


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Objects:
    """The state bucket; what is emptied is noted in it as `emptied/<name>`."""
    found = Objects()
    monkeypatch.setattr("tradai_runner.bucket.store.store_of", lambda _: found)
    monkeypatch.setattr("tradai_runner.repair.clients.clients_for", lambda _: None)
    monkeypatch.setattr(contents, "found_contents", lambda _, seen: tuple(_full(each) for each in seen.of(BUCKET.type)))
    monkeypatch.setattr(contents, "empty", lambda _, content: found.put(f"emptied/{content.name}", b""))
    return found


def _full(resource: Recorded) -> contents.Content:
    return contents.Content("bucket", resource.id, 3, 30)


def _foreign(bucket: Objects) -> None:
    mark = {"username": "ann", "hostname": "elsewhere", "pid": 7, "timestamp": "2026-11-21T17:04:30Z"}
    bucket[f"{locks_prefix(PROJECT, 'dev')}x.json"] = json.dumps(mark).encode()


def took(bucket: Objects) -> list[str]:
    return [key for key in bucket.writes if key.startswith("emptied/")]


def test_a_stack_that_somebody_else_holds_keeps_its_data(bucket: Objects) -> None:
    _foreign(bucket)
    failure = emptied(ASKS, PROJECT, STANDING, lambda: STANDING, lambda _: None)
    assert failure is not None
    assert failure.kind == "Lock"
    assert "ann@elsewhere" in failure.error
    assert took(bucket) == []


def test_it_is_held_from_before_the_first_object_until_after_the_last(bucket: Objects) -> None:
    assert emptied(ASKS, PROJECT, STANDING, lambda: STANDING, lambda _: None) is None
    lock, data, gone = bucket.writes
    assert lock.startswith(locks_prefix(PROJECT, "dev"))
    assert (data, gone) == ("emptied/tradai-configs-dev", lock)


def test_what_was_found_under_the_lock_decides(bucket: Objects) -> None:
    refused = Failure(kind="Owner", error="it is another's by now")
    assert emptied(ASKS, PROJECT, STANDING, lambda: refused, lambda _: None) == refused
    assert emptied(ASKS, PROJECT, STANDING, lambda: Checkpoint(), lambda _: None) is None
    assert took(bucket) == []


def test_who_agreed_to_less_is_asked_under_the_lock(bucket: Objects) -> None:
    seen: list[str] = []
    filled = Failure(kind="Conflict", error="filled meanwhile")

    def refuse(found: tuple[contents.Content, ...]) -> Failure:
        seen.extend([*(content.name for content in found), *bucket.keys(locks_prefix(PROJECT, "dev"))])
        return filled

    assert emptied(ASKS, PROJECT, STANDING, lambda: STANDING, lambda _: None, refuse) == filled
    assert (seen[0], len(seen)) == ("tradai-configs-dev", 2)
    assert took(bucket) == []


def test_where_nothing_lies_nobody_is_locked_out(bucket: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "found_contents", lambda *_: ())
    assert emptied(ASKS, PROJECT, STANDING, lambda: STANDING, lambda _: None) is None
    assert bucket.writes == []


class Journal:
    """As much of one as a run needs."""

    def __init__(self, asked: RunRequest) -> None:
        self._asked = asked
        self.said: list[str] = []

    def request(self) -> RunRequest:
        return self._asked

    def log(self, text: str) -> None:
        self.said.append(text)

    def append(self, _: Any) -> None:
        """Progress."""

    def finish(self, result: Any) -> Any:
        return result


def test_a_run_whose_stack_is_locked_or_anothers_empties_nothing(
    bucket: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    operated: list[str] = []
    run = Run(Journal(ASKS), SimpleNamespace(requested=False))  # type: ignore[arg-type]
    monkeypatch.setattr(run._engine, "operate", lambda *_, **__: operated.append("operated"))
    record: Any = SimpleNamespace(get=lambda: STANDING, again=lambda: None)
    upkeep: Any = SimpleNamespace(look=lambda: None, unsettled=False)
    _foreign(bucket)
    failure = run._attempt(SimpleNamespace(), record, upkeep)  # type: ignore[arg-type]
    assert failure is not None
    assert (failure.kind, took(bucket), operated) == ("Lock", [], [])


@pytest.mark.parametrize(
    ("marker", "owned_only", "refused"),
    [
        (Owner(cluster="c-1", resource="tradai/dev", uid="u-1"), False, False),
        (Owner(cluster="c-2", resource="tradai/dev", uid="u-2"), False, True),
        (None, False, False),
        (None, True, True),
        (Owner(cluster="c-1", resource="tradai/dev", uid="u-1"), True, False),
    ],
)
@pytest.mark.parametrize("how", ["destroy", "its plan"])
def test_whose_a_stack_is_is_asked_before_a_destroy_and_before_its_plan(
    marker: Owner | None, owned_only: bool, refused: bool, how: str, bucket: Objects
) -> None:
    mine = Owner(cluster="c-1", resource="tradai/dev", uid="u-1")
    plan = {"operation": "preview", "keep_plan": True, "teardown": True}
    asked = request(
        layer="persistent",
        owner=mine,
        owned_only=owned_only,
        **(plan if how == "its plan" else {"operation": "destroy"}),
    )
    if marker:
        bucket[owner_key(PROJECT, "dev")] = marker.model_dump_json().encode()
    standing = SimpleNamespace(owner=marker, unsettled=False, checkpoint=STANDING, failure=None)
    record: Any = SimpleNamespace(standing=lambda: standing, fence=lambda: 0)
    failure = Upkeep(asked, PROJECT, record, lambda _: None).look()
    assert (failure is not None and failure.kind == "Owner") == refused


def test_a_refused_pre_flight_and_anothers_stack_say_that_nothing_was_touched(
    bucket: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Failure(kind="Backend", error="NoSuchBucket")
    verdict = SimpleNamespace(failure=refusal, result=lambda _: None)
    monkeypatch.setattr("tradai_runner.guard.asking.preflight", lambda *_: verdict)
    monkeypatch.setattr("tradai_runner.archive.archive", lambda *_: None)
    asked = request(layer="persistent", survey="facts")
    result = Run(Journal(asked), SimpleNamespace(requested=False)).execute()  # type: ignore[arg-type]
    assert (result.outcome, result.failure, result.untouched) == ("failed", refusal, True)
    assert result.finished_at <= time.time()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (contents.Content("bucket", "tradai-configs-dev", 3, 8), "bucket tradai-configs-dev: 3 objects, 8 bytes"),
        (contents.Content("repository", "tradai/api-dev", 1, 2048), "repository tradai/api-dev: 1 images, 2.0 kB"),
        (
            contents.Content("cluster", "arn:aws:ecs:eu-central-1:123456789012:cluster/tradai-dev", 2, 0),
            "cluster tradai-dev: 2 running tasks",
        ),
    ],
)
def test_what_is_in_the_way_is_named_as_people_know_it(content: contents.Content, said: str) -> None:
    assert str(content) == said
