"""The state port where ends may wait: what the bucket has at any moment, whatever becomes of port, bucket and host."""

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.state_bucket import FAULTS, FakeBucket
from tests.unit.runner.test_state_port import FOREIGN, LOCK, OLD, PLACE, lock, port_of, read, save, unlock
from tradai_iac.runner.repair.rows import FOUND_AGAIN
from tradai_iac.runner.stateport import grouping
from tradai_iac.runner.stateport.asked import Asked
from tradai_iac.runner.stateport.port import Port

QUEUE, TABLE, ROLE = "aws:sqs/queue:Queue", "aws:dynamodb/table:Table", "aws:iam/role:Role"
ONCE = "aws:iam/accessKey:AccessKey"
TYPES = grouping.Types(FOUND_AGAIN, frozenset({TABLE}))


def urn(name: str, type_: str = QUEUE) -> str:
    return f"urn:pulumi:dev::sample-work::tradai:Component${type_}::{name}"


def body(resources: str = "", *pending: tuple[str, str]) -> bytes:
    """A state as the engine writes it, with resources a, b, ... and what is under way."""
    latest: dict[str, Any] = {"manifest": {}, "resources": [{"urn": urn(name), "id": name} for name in resources]}
    if pending:
        latest["pending_operations"] = [{"resource": {"urn": each}, "type": kind} for kind, each in pending]
    return written({"version": 3, "checkpoint": {"stack": "dev", "latest": {**latest, "metadata": {}}}})


def written(state: dict[str, Any]) -> bytes:
    """As the engine does (3.255.0, `compactJSONMarshaler`): on one line, without a blank."""
    return json.dumps(state, separators=(",", ":")).encode()


def grouped(bucket: FakeBucket) -> Port:
    port = port_of(bucket)
    port.types = TYPES
    return port


@pytest.fixture
def bucket() -> FakeBucket:
    found = FakeBucket(PLACE.state)
    found.put(PLACE.state, OLD)
    return found


@pytest.fixture
def port(bucket: FakeBucket) -> Port:
    """One whose engine has saved once."""
    port = grouped(bucket)
    lock(port)
    read(port)
    assert save(port, body()).done
    return port


NOTHING = ()
BEGUN = [("creating", urn("a"))]


@pytest.mark.parametrize(
    ("before", "after", "there"),
    [
        (NOTHING, BEGUN, True),
        (NOTHING, [("updating", urn("a"))], True),
        (NOTHING, [("deleting", urn("a"))], True),
        (NOTHING, [("reading", urn("a"))], False),
        (BEGUN, NOTHING, False),
        (BEGUN, BEGUN, False),
        ([("updating", urn("a", TABLE))], NOTHING, False),
        ([("deleting", urn("a"))], NOTHING, False),
        ([("deleting", urn("a", TABLE))], NOTHING, True),
        ([("creating", urn("a", ONCE))], NOTHING, True),
        ([("creating", urn("a", "aws:iam/rolePolicy:RolePolicy"))], NOTHING, False),
        ([("creating", urn("a", "aws:sns/topicSubscription:TopicSubscription"))], NOTHING, True),
        ([("deleting", urn("a"))] * 2, [("deleting", urn("a"))], False),
        ([("deleting", urn("a"))], [("deleting", urn("a"))] * 2, True),
        (BEGUN, [("creating", urn("b"))], True),
        ([("creating", "not a urn")], NOTHING, True),
    ],
)
def test_what_begins_is_there_first_and_what_is_found_again_may_wait(
    before: list[tuple[str, str]], after: list[tuple[str, str]], there: bool
) -> None:
    states = [grouping.begun(body("", *pending)) for pending in (before, after)]
    assert None not in states
    assert grouping.has_to_be_there(states[0], states[1], TYPES) is there


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"1",
        json.dumps(json.loads(body("a")), indent=4).encode(),
        json.dumps(json.loads(body("a"))).encode(),
        body("", ("creating", urn("a"))).replace(b'"resource"', b'"recource"'),
        body("", ("creating", urn("a")))[:-40],
        body("", ("creating", urn("a")))[:-1],
        body("", ("creating", urn("a"))) + b"}",
        body("a").replace(b'"id":"a"', b'"id":"a","pending_operations":[1]'),
    ],
)
def test_a_state_in_a_form_that_is_not_the_engines_waits_for_nothing(text: bytes) -> None:
    begun = grouping.begun(text)
    assert begun is None
    assert grouping.has_to_be_there(grouping.begun(body()), begun, TYPES)
    assert grouping.has_to_be_there(begun, grouping.begun(body()), TYPES)


def test_a_property_that_is_called_as_the_pending_operations_are_is_none() -> None:
    state = json.loads(body("", ("creating", urn("a"))))
    state["checkpoint"]["latest"]["pending_operations"][0]["resource"]["inputs"] = {
        "a": {"b": [1], "pending_operations": [{"type": "creating", "resource": {"urn": "x"}}]},
        "pending_operations": [{"type": "creating", "resource": {"urn": "x"}}],
        "text": ',"pending_operations":[]',
    }
    state["checkpoint"]["latest"]["metadata"] = {"integrity_error": {"command": "up"}}
    assert grouping.begun(written(state)) == {("creating", urn("a")): 1}


#: Written by the engine (3.255.0) at the begin of a creation, cut down to what matters.
OF_THE_ENGINE = (
    rb'{"version":3,"checkpoint":{"stack":"organization/sample-work/dev","latest":{"manifest":'
    rb'{"time":"2026-11-30T01:56:22.463030388Z","magic":"2f23","version":"v3.255.0"},"secrets_providers":'
    rb'{"type":"passphrase","state":{"salt":"v1:gA="}},"resources":[{"urn":'
    rb'"urn:pulumi:dev::sample-work::pulumi:pulumi:Stack::sample-work-dev","custom":false,'
    rb'"type":"pulumi:pulumi:Stack"}],"pending_operations":[{"resource":{"urn":'
    rb'"urn:pulumi:dev::sample-work::aws:sqs/queue:Queue::a","custom":true,"type":"aws:sqs/queue:Queue",'
    rb'"inputs":{"text":"\"pending_operations\":[]"}},"type":"creating"}],"metadata":{}}}}'
)


def test_a_state_of_the_engine_itself_says_what_is_under_way() -> None:
    assert grouping.begun(OF_THE_ENGINE) == {("creating", "urn:pulumi:dev::sample-work::aws:sqs/queue:Queue::a"): 1}
    state = json.loads(OF_THE_ENGINE)
    assert written(state) == OF_THE_ENGINE
    del state["checkpoint"]["latest"]["pending_operations"]
    assert grouping.begun(written(state)) == {}


@pytest.mark.parametrize(
    ("type_", "custom", "waits"),
    [
        ("tradai:Component", False, True),
        ("pulumi:pulumi:Stack", False, True),
        ("pulumi:providers:aws", True, True),
        (QUEUE, True, False),
        ("another:x/y:Z", True, False),
    ],
)
@pytest.mark.parametrize("kind", ["creating", "updating", "deleting"])
def test_of_what_is_nothing_in_aws_neither_begin_nor_end_is_waited_for(
    kind: str, type_: str, custom: bool, waits: bool
) -> None:
    state = json.loads(body("", (kind, urn("a", type_))))
    entry = state["checkpoint"]["latest"]["pending_operations"][0]
    entry["resource"] |= {"type": type_, "custom": custom}
    assert grouping.has_to_be_there(grouping.begun(body()), grouping.begun(written(state)), TYPES) is not waits
    if waits:
        assert not grouping.has_to_be_there(grouping.begun(written(state)), grouping.begun(body()), TYPES)


def test_an_end_waits_for_the_next_begin_which_takes_it_along(bucket: FakeBucket, port: Port) -> None:
    save(port, body("", *BEGUN))
    bucket.asked.clear()
    assert save(port, body("a")).done
    assert bucket.asked == []
    assert port.lingering.is_set()
    assert read(port).body == body("a"), "the engine sees it"
    assert save(port, body("a", ("creating", urn("b")))).done
    assert bucket.asked == [f"PUT {PLACE.state}"]
    assert not port.lingering.is_set()


def test_an_end_waits_for_a_moment_at_most(bucket: FakeBucket, port: Port) -> None:
    save(port, body("", *BEGUN))
    save(port, body("a"))
    assert bucket.body() == body("", *BEGUN)
    assert port.flush() is None
    assert bucket.body() == body("a")
    assert port.flush() is None
    assert not port.lingering.is_set()


@pytest.mark.parametrize("synchronous", [Asked("DELETE", LOCK), Asked("GET", f"{PLACE.state}.bak")])
def test_whatever_rests_on_the_state_comes_after_it(bucket: FakeBucket, port: Port, synchronous: Asked) -> None:
    save(port, body("", *BEGUN))
    save(port, body("a"))
    port.answer(synchronous)
    assert bucket.body() == body("a")


def test_the_copy_for_the_history_is_of_the_last_state(bucket: FakeBucket, port: Port) -> None:
    save(port, body("", *BEGUN))
    save(port, body("a"))
    history = ".pulumi/history/sample-work/dev/dev-1.checkpoint.json"
    assert port.answer(Asked("PUT", history, "x-id=CopyObject", {"x-amz-copy-source": f"b/{PLACE.state}"})).done
    assert bucket.objects[history].body == body("a")


def test_a_lock_stays_while_the_bucket_does_not_take_what_waits(bucket: FakeBucket, port: Port) -> None:
    save(port, body("", *BEGUN))
    save(port, body("a"))
    bucket.faults = ["busy"] * 1000
    assert unlock(port).status == 507
    assert (LOCK in bucket.objects, port.held) == (True, True)
    assert PLACE.opened("r-1") in bucket.objects
    bucket.faults = []
    assert unlock(port).done
    assert (bucket.body(), port.held) == (body("a"), False)
    assert PLACE.opened("r-1") not in bucket.objects


def test_a_bucket_without_conditional_writes_is_written_at_once() -> None:
    bucket = FakeBucket(PLACE.state, conditions=False)
    port = grouped(bucket)
    lock(port)
    save(port, body())
    save(port, body("", *BEGUN))
    save(port, body("a"))
    assert bucket.body() == body("a")


#: A run: three things are begun and made, two of them at once. Each save, and what AWS has made right before it.
RUN = (
    (body("", ("creating", urn("a"))), ""),
    (body("", ("creating", urn("a")), ("creating", urn("b"))), ""),
    (body("a", ("creating", urn("b"))), "a"),
    (body("a", ("creating", urn("b")), ("creating", urn("c"))), "a"),
    (body("ab", ("creating", urn("c"))), "ab"),
    (body("abc"), "abc"),
)
#: Those of them that may wait.
WAITING = (2, 4, 5)


def named(state: bytes | None) -> set[str]:
    """What a state has, or says that it may be in AWS."""
    latest = json.loads(state or b"{}")["checkpoint"]["latest"]
    pending = [entry["resource"] for entry in latest.get("pending_operations", [])]
    return {raw["urn"].rpartition("::")[2] for raw in [*latest["resources"], *pending]}


@pytest.mark.parametrize("foreign", [None, 1, 3, 5])
@pytest.mark.parametrize("ends_after", range(1, len(RUN) + 1))
def test_whatever_happens_the_bucket_names_all_that_may_be_in_aws_and_has_what_was_one_state_of_the_run(
    ends_after: int, foreign: int | None
) -> None:
    """A run that is lost with its host after `ends_after` saves, or comes to its end; others write before `foreign`."""
    for faults, moments in product(product(FAULTS, repeat=2), product((False, True), repeat=2)):
        flushed = dict(zip(WAITING, moments, strict=False))
        bucket = FakeBucket(PLACE.state, faults=["done", *faults])
        port = grouped(bucket)
        lock(port)
        read(port)
        assert save(port, body()).done
        acknowledged = _played(bucket, port, ends_after, foreign, flushed)
        if foreign is not None and foreign < ends_after:
            _fenced(bucket, port, acknowledged)
        elif ends_after == len(RUN):
            assert unlock(port).done
            bucket.arrive()
            assert bucket.body() == RUN[-1][0]
            assert PLACE.opened("r-1") not in bucket.objects


def _played(bucket: FakeBucket, port: Port, steps: int, foreign: int | None, flushed: dict[int, bool]) -> int:
    """Plays some saves; gives how many were acknowledged."""
    states = [body(), *(state for state, _ in RUN)]
    for number in range(steps):
        if number == foreign:
            bucket.put(PLACE.state, FOREIGN)
        state, made = RUN[number]
        if not save(port, state).done:
            return number
        if foreign is None or number < foreign:
            assert bucket.body() in states[: number + 2]
            assert named(bucket.body()) >= set(made)
            if number not in WAITING:
                assert bucket.body() == state, "what begins is there"
        if flushed.get(number):
            port.flush()
    return steps


def _fenced(bucket: FakeBucket, port: Port, acknowledged: int) -> None:
    """What somebody else wrote stays, the lock and the note stay, and what the run had is beside."""
    assert unlock(port).status == 412
    bucket.arrive()
    assert bucket.body() == FOREIGN
    assert port.foreign
    assert {LOCK, PLACE.opened("r-1")} <= set(bucket.objects)
    kept = bucket.objects[PLACE.unsaved("r-1")].body
    assert named(kept) >= set(RUN[acknowledged - 1][1] if acknowledged else "")


#: What becomes of a save and of the tries after it: an outage that is waited out, or one that is longer than that.
OUTAGES = st.one_of(
    st.just([]),
    st.builds(lambda word, times: [word] * times, st.sampled_from(FAULTS[1:]), st.sampled_from([1, 3, 40])),
)
#: For each save: the outage, whether it ends with the save's last try, whether the moment passes, what is late arrives.
WALKS = st.lists(st.tuples(OUTAGES, st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=len(RUN))


@given(walk=WALKS, ends_well=st.booleans())
def test_whatever_is_given_up_no_begin_is_lost_and_no_lock_goes_before_the_last_state_is_there(
    walk: list[tuple[list[str], bool, bool, bool]], ends_well: bool
) -> None:
    bucket = FakeBucket(PLACE.state)
    bucket.put(PLACE.state, OLD)
    port = grouped(bucket)
    lock(port)
    read(port)
    assert save(port, body()).done
    asked, begun = [body()], 0
    for number, (outage, is_over, flushes, arrives) in enumerate(walk):
        bucket.faults = list(outage)
        answer = save(port, RUN[number][0])
        asked.append(RUN[number][0])
        begun = len(asked) - 1 if answer.done and number not in WAITING else begun
        bucket.faults = [] if is_over else bucket.faults
        if flushes:
            port.flush()
        if arrives:
            bucket.arrive()
        assert asked.index(bucket.body() or b"") >= begun
        assert not port.foreign, "nobody else has written"
    bucket.faults = [] if ends_well else bucket.faults
    gone = unlock(port).done
    bucket.arrive()
    assert gone is (LOCK not in bucket.objects)
    assert not gone or bucket.body() == asked[-1]
    assert gone or not ends_well
