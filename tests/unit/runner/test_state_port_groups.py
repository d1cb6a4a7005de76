"""The state port where ends may wait: what the bucket has at any moment, whatever becomes of port, bucket and host."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.state_bucket import FAULTS, FakeBucket
from tests.unit.runner.port_calls import FOREIGN, LOCK, OLD, PLACE, holding, lock, read, save, unlock
from tests.unit.runner.port_states import (
    BEGUN,
    RUN,
    WAITING,
    body,
    grouped,
    named,
    urn,
)
from tradai_runner.stateport.asked import Asked
from tradai_runner.stateport.port import Port


@pytest.fixture
def bucket() -> FakeBucket:
    return holding(OLD)


@pytest.fixture
def port(bucket: FakeBucket) -> Port:
    """One whose engine has saved once."""
    port = grouped(bucket)
    lock(port)
    read(port)
    assert save(port, body()).done
    return port


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
