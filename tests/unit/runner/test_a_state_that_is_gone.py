"""Evidence and state → what may be done with a stack: nothing that says that it stood is taken for a first run."""

import json
from typing import Any

import pytest

from tests.unit.runner.objects import Objects
from tests.unit.runner.states import resource, state
from tradai_runner.bucket.keys import history_prefix, owner_key, repair_key, state_key, stood_key
from tradai_runner.state.missing import ABSENT, Stack, Traces, gone
from tradai_runner.state.reading import Reading, read_stack
from tradai_runner.state.traces import find, read_mark, write_mark

STACK = Stack("tradai-foundation", "dev")
AT = ("tradai-foundation", "dev")
KEY = state_key(*AT)
FULL = json.dumps(state([resource("aws:sqs/queue:Queue", "a", id="a")], [])).encode()
EMPTY = json.dumps(state([], [])).encode()
BEGUN = json.dumps(state([], [{"type": "creating", "resource": resource("aws:sqs/queue:Queue", "a")}])).encode()
READY = json.dumps({"layers": "persistent, foundation"}).encode()
OTHERS = json.dumps({"layers": "persistent"}).encode()
HISTORY = history_prefix("tradai", "dev")
ENGINE = ".pulumi/history/tradai-foundation/dev/dev-{}.checkpoint.json"
STANDS, NOT_YET = b'{"stands": true}', b'{"stands": false}'


def bucket(objects: dict[str, bytes]) -> Any:
    return Objects(objects)


#: What the bucket has beside the state → whether a missing state is a loss.
EVIDENCE = [
    pytest.param({}, False, id="nothing at all"),
    pytest.param({KEY + ".bak": FULL}, True, id="the engine's copy has resources"),
    pytest.param({KEY + ".bak": BEGUN}, True, id="the engine's copy has begun one"),
    pytest.param({KEY + ".bak": b"{"}, True, id="the engine's copy cannot be read"),
    pytest.param({KEY + ".bak": b""}, True, id="the engine's copy is an empty file"),
    pytest.param({KEY + ".bak": EMPTY}, False, id="the engine's copy is of an empty stack"),
    pytest.param({KEY + ".gz": b"x"}, True, id="the engine keeps it compressed"),
    pytest.param({ENGINE.format(1): EMPTY, ENGINE.format(2): FULL}, True, id="its last update left resources"),
    pytest.param({ENGINE.format(1): FULL, ENGINE.format(2): EMPTY}, False, id="its last update was a destroy"),
    pytest.param({stood_key(*AT): STANDS}, True, id="a run noted that it stands"),
    pytest.param({stood_key(*AT): b"{"}, True, id="what a run noted cannot be read"),
    pytest.param({stood_key(*AT): NOT_YET}, False, id="a run noted that it does not yet"),
    pytest.param({owner_key(*AT): b"{}"}, True, id="it is somebody's, as of an earlier version"),
    pytest.param(
        {owner_key(*AT): b"{}", stood_key(*AT): NOT_YET}, False, id="claimed by a first run that made nothing"
    ),
    pytest.param({repair_key(*AT): b"{}"}, True, id="a repair of it was begun"),
    pytest.param({HISTORY + "1.json": READY}, True, id="it was part of a Ready environment"),
    pytest.param({HISTORY + "1.json": OTHERS}, False, id="the environment was Ready without it"),
    pytest.param({HISTORY + "1.json": b"{"}, True, id="what the environment was cannot be read"),
    pytest.param({HISTORY + "1.json": READY, stood_key(*AT): NOT_YET}, False, id="it was Ready, and was destroyed"),
]


@pytest.mark.parametrize(("objects", "lost"), EVIDENCE)
def test_a_missing_state_is_new_only_where_nothing_says_that_it_stood(objects: dict[str, bytes], lost: bool) -> None:
    reading = read_stack(bucket(objects), STACK)
    assert not reading.found and reading.checkpoint.resources == ()
    assert (reading.failure is not None) == lost
    if reading.failure:
        assert (reading.failure.kind, reading.failure.state) == ("StateGone", ABSENT)
        for way in ("tradai state list dev foundation", "object-versions", "tradai.io/abandon=dev"):
            assert way in reading.failure.hint or objects.keys() == {KEY + ".gz"}


@pytest.mark.parametrize(("objects", "_lost"), EVIDENCE)
def test_what_the_asker_knows_is_enough(objects: dict[str, bytes], _lost: bool) -> None:
    failure = read_stack(bucket(objects), STACK, known=True).failure
    assert failure is not None and failure.kind == "StateGone"


@pytest.mark.parametrize(("objects", "_lost"), EVIDENCE)
@pytest.mark.parametrize("body", [FULL, EMPTY, BEGUN], ids=["full", "empty", "begun"])
def test_a_state_that_is_there_speaks_for_itself(objects: dict[str, bytes], _lost: bool, body: bytes) -> None:
    reading = read_stack(bucket(objects | {KEY: body}), STACK, known=True)
    assert reading.failure is None and reading.found
    assert reading.stands == (body != EMPTY)


@pytest.mark.parametrize(("objects", "_lost"), EVIDENCE)
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b"\xff", b'{"checkpoint": 1}', b'{"checkpoint": {"latest": []}}']
)
def test_a_state_that_cannot_be_read_is_never_an_empty_one(objects: dict[str, bytes], _lost: bool, body: bytes) -> None:
    reading = read_stack(bucket(objects | {KEY: body}), STACK)
    assert reading.failure is not None and reading.failure.kind == "StateDamaged"
    assert reading.failure.state == reading.digest != ABSENT
    assert "tradai state restore dev foundation" in reading.failure.hint


#: As `pulumi stack init` leaves it, or whoever cut it down: nothing was ever saved into it.
UNWRITTEN = [
    b'{"version": 3, "checkpoint": {"stack": "dev"}}',
    b'{"checkpoint": {}}',
    b'{"checkpoint": {"latest": {}}}',
]


@pytest.mark.parametrize(("objects", "lost"), EVIDENCE)
@pytest.mark.parametrize("body", UNWRITTEN)
def test_a_state_that_nothing_was_ever_saved_into_is_new_only_where_nothing_says_that_it_stood(
    objects: dict[str, bytes], lost: bool, body: bytes
) -> None:
    reading = read_stack(bucket(objects | {KEY: body}), STACK)
    assert not reading.stands
    assert (reading.failure is not None) == lost
    if reading.failure:
        assert (reading.failure.kind, reading.failure.state) == ("StateGone", reading.digest)
    known = read_stack(bucket(objects | {KEY: body}), STACK, known=True).failure
    assert known is not None and known.kind == "StateGone"


def test_what_lies_in_the_way_of_a_new_start_is_named_with_its_place() -> None:
    failure = gone(STACK, Traces(mark=True, copies=("x.bak",)))
    assert failure is not None
    assert f"remove {stood_key(*AT)}, x.bak" in failure.hint
    known = gone(STACK, Traces(known=True))
    assert known is not None and "remove" not in known.hint


def test_another_layers_traces_are_none_of_its_own() -> None:
    other = ("tradai-persistent", "dev")
    objects = {stood_key(*other): STANDS, owner_key(*other): b"{}", state_key(*other) + ".bak": FULL}
    assert read_stack(bucket(objects), STACK).failure is None
    assert read_stack(bucket({state_key("tradai-foundation", "dev2") + ".bak": FULL}), STACK).failure is None


def test_the_mark_says_what_was_noted_last() -> None:
    store = bucket({})
    assert read_mark(store, STACK) is None
    for stands in (False, True, False):
        write_mark(store, STACK, stands=stands)
        assert read_mark(store, STACK) is stands
    assert not find(store, STACK, known=False).mark


def test_one_state_file_is_told_from_another() -> None:
    digests = {read_stack(bucket({KEY: body} if body else {}), STACK).digest for body in (FULL, EMPTY, b"{", b"")}
    assert len(digests) == 4
    assert Reading().digest == ABSENT
