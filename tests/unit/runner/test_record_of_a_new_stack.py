"""A run makes a stack that never was: a state with nothing in it, over nothing, and a note that it stands not yet."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.runner.objects import Objects
from tradai_runner.bucket.keys import state_key, stood_key
from tradai_runner.bucket.store import BucketStore
from tradai_runner.contract import Plan, Update
from tradai_runner.record import Record
from tradai_runner.state.checkpoint import parse_checkpoint
from tradai_runner.state.missing import Stack
from tradai_runner.state.reading import read_stack

AT = ("sample-store", "dev")
STATE, NOTE = state_key(*AT), stood_key(*AT)
ASKED = {"run_id": "r1", "layer": "store", "environment": "dev", "account_id": "1", "region": "eu-central-1"}
PLAN, UPDATE = Plan(**ASKED, backend_url="s3://b"), Update(**ASKED, backend_url="s3://b")


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch) -> Objects:
    found = Objects()
    monkeypatch.setattr("tradai_runner.bucket.store.store_of", lambda _: found)
    return found


def test_a_stack_that_was_just_made_is_new_whoever_looks(objects: Objects) -> None:
    record = Record(PLAN, AT[0])
    assert record.seems_new()
    record.make()
    assert objects.writes == [NOTE, STATE]
    reading = read_stack(objects, Stack(*AT))
    assert reading.failure is None and reading.found and not reading.stands
    assert parse_checkpoint(json.loads(objects[STATE])).resources == ()
    assert json.loads(objects[STATE])["checkpoint"]["stack"] == "organization/sample-store/dev"


@pytest.mark.parametrize("then", [PLAN, UPDATE], ids=["read again", "taken by an update"])
def test_whose_it_is_then_does_not_make_it_one_that_was_lost(objects: Objects, then: Plan | Update) -> None:
    planned = Record(PLAN, AT[0])
    assert planned.seems_new()
    planned.make()
    assert Record(then, AT[0]).get().resources == ()
    assert read_stack(objects, Stack(*AT)).failure is None


def test_what_somebody_has_made_meanwhile_stays(objects: Objects) -> None:
    record = Record(PLAN, AT[0])
    assert record.seems_new()
    objects[STATE], objects[NOTE] = b"theirs", b'{"stands": true}'
    record.make()
    assert (objects[STATE], objects[NOTE]) == (b"theirs", b'{"stands": true}')


class Bucket:
    """An S3 client that answers a conditional write with one of S3's codes, or takes it."""

    def __init__(self, code: str, there: bytes | None) -> None:
        self.code, self.there = code, there

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, IfNoneMatch: str = "") -> None:  # noqa: N803 - AWS's names
        assert (Bucket, Key) == ("b", "it")
        if IfNoneMatch and self.code:
            raise refused(self.code)
        self.there = Body

    def get_object(self, **_: Any) -> Any:
        if self.there is None:
            raise refused("NoSuchKey")
        return {"Body": self}

    def read(self) -> bytes:
        assert self.there is not None
        return self.there


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "PutObject")


@pytest.mark.parametrize(
    ("code", "there", "made", "left"),
    [
        ("", None, True, b"new"),
        ("PreconditionFailed", b"old", False, b"old"),
        ("ConditionalRequestConflict", b"old", False, b"old"),
        ("NotImplemented", None, True, b"new"),
        ("NotImplemented", b"old", False, b"old"),
    ],
)
def test_an_object_is_created_over_nothing_alone(code: str, there: bytes | None, made: bool, left: bytes) -> None:
    bucket = Bucket(code, there)
    assert BucketStore(bucket, "b").create("it", b"new") is made
    assert bucket.there == left


def test_any_other_answer_is_an_error() -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        BucketStore(Bucket("AccessDenied", None), "b").create("it", b"new")
