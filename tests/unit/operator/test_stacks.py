"""What the state bucket has of stacks: present, absent, or not known."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tests.unit.runner.objects import Objects
from tests.unit.runner.states import operation, resource, state
from tradai_operator.adapters.aws.stacks import BucketStacks
from tradai_operator.decide.facts import StackSeen
from tradai_operator.ports import NoBucketError, Shelf, StacksError
from tradai_runner.bucket import store
from tradai_runner.bucket.keys import owner_key, state_key
from tradai_runner.contract import Owner

PROJECT = "tradai-foundation"
SHELF = Shelf("s3://b", "eu-central-1", None, "tradai", "dev")
OWNER = Owner(cluster="c-1", resource="tradai/dev", uid="u-1", guards={"approval": "Always"})
TABLE = resource("aws:dynamodb/table:Table", "orders", id="orders")


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "GetObject")


class Refusing(Objects):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get(self, key: str, default: Any = None) -> Any:
        raise self.error

    def put(self, key: str, body: bytes) -> None:
        raise self.error


def bucket(monkeypatch: pytest.MonkeyPatch, objects: Objects | None) -> BucketStacks:
    monkeypatch.setattr(store, "open_store", lambda *_: objects)
    return BucketStacks()


async def look(stacks: BucketStacks, *states: str) -> StackSeen:
    return (await stacks.look(SHELF, {"foundation": PROJECT}, states)).get("foundation", StackSeen())


@pytest.mark.parametrize(
    ("marker", "body", "stands"),
    [
        pytest.param(False, None, False, id="nothing"),
        pytest.param(True, None, True, id="a marker whose state may be lost"),
        pytest.param(False, state([TABLE], []), True, id="a stack of nobody"),
        pytest.param(True, state([TABLE], []), True, id="a stack"),
        pytest.param(True, state([], []), False, id="an empty stack"),
        pytest.param(True, state([resource("pulumi:providers:aws", "p")], []), False, id="a provider alone"),
        pytest.param(True, state([], [operation("creating", "aws:sqs/queue:Queue", "q")]), True, id="half made"),
    ],
)
async def test_what_may_be_in_aws_stands(
    monkeypatch: pytest.MonkeyPatch, marker: bool, body: Any, stands: bool
) -> None:
    objects = Objects()
    if marker:
        objects[owner_key(PROJECT, "dev")] = OWNER.model_dump_json().encode()
    if body:
        objects[state_key(PROJECT, "dev")] = json.dumps(body).encode()
    seen = await look(bucket(monkeypatch, objects), "foundation")
    assert (seen.owner, seen.may_stand) == (OWNER if marker else None, stands)


async def test_a_state_that_nobody_asks_for_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    objects = Objects()
    objects[owner_key(PROJECT, "dev")] = OWNER.model_dump_json().encode()
    objects[state_key(PROJECT, "dev")] = b"megabytes"
    assert (await look(bucket(monkeypatch, objects))).stands


async def test_a_bucket_that_does_not_exist_is_told_from_one_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(NoBucketError):
        await look(bucket(monkeypatch, Refusing(refusal("NoSuchBucket"))), "foundation")


@pytest.mark.parametrize(
    ("objects", "kind"),
    [
        pytest.param({owner_key(PROJECT, "dev"): OWNER.model_dump_json().encode()}, "StateGone", id="by its marker"),
        pytest.param({state_key(PROJECT, "dev") + ".bak": b"{"}, "StateGone", id="by the engine's copy"),
        pytest.param({state_key(PROJECT, "dev"): b'{"version": 3, "check'}, "StateDamaged", id="a state cut off"),
    ],
)
async def test_a_state_that_is_none_to_work_on_says_so(
    monkeypatch: pytest.MonkeyPatch, objects: dict[str, bytes], kind: str
) -> None:
    seen = await look(bucket(monkeypatch, Objects(objects)), "foundation")
    assert seen.may_stand and not seen.stands
    assert seen.failure is not None and seen.failure.kind == kind


async def test_what_the_resource_knows_to_have_stood_is_no_stack_that_never_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stacks = bucket(monkeypatch, Objects())
    found = await stacks.look(SHELF, {"foundation": PROJECT}, ["foundation"], ["foundation"])
    assert found["foundation"].failure is not None
    assert not (await look(stacks, "foundation")).may_stand


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param(Refusing(refusal("AccessDenied")), id="refused"),
        pytest.param(Refusing(refusal("SlowDown")), id="throttled"),
        pytest.param(Refusing(EndpointConnectionError(endpoint_url="https://s3")), id="out of reach"),
        pytest.param(Objects({owner_key(PROJECT, "dev"): b"{}"}), id="a marker of nobody"),
        pytest.param(None, id="no bucket at all"),
    ],
)
async def test_an_answer_that_did_not_come_is_none(monkeypatch: pytest.MonkeyPatch, objects: Objects | None) -> None:
    with pytest.raises(StacksError, match="s3://b"):
        await look(bucket(monkeypatch, objects), "foundation")


async def test_a_mark_is_written_or_fails_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    objects = Objects()
    await bucket(monkeypatch, objects).mark(SHELF, PROJECT, OWNER)
    assert Owner.model_validate_json(objects[owner_key(PROJECT, "dev")]) == OWNER
    with pytest.raises(StacksError, match="AccessDenied"):
        await bucket(monkeypatch, Refusing(refusal("AccessDenied"))).mark(SHELF, PROJECT, OWNER)
