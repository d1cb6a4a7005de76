"""The state port where a bucket fails or somebody else writes: what it acknowledges, refuses, and keeps."""

from collections.abc import Callable
from itertools import product

import pytest

from tests.fakes.state_bucket import FAULTS, FakeBucket
from tests.unit.runner.port_calls import (
    FOREIGN,
    LOCK,
    OLD,
    PLACE,
    holding,
    lock,
    port_of,
    read,
    refusing,
    save,
    state,
    unlock,
)
from tradai_runner.stateport import wire
from tradai_runner.stateport.asked import Asked
from tradai_runner.stateport.port import Port
from tradai_runner.stateport.sending import UnreachableError
from tradai_runner.stateport.wire import Answer


@pytest.fixture
def bucket() -> FakeBucket:
    return holding(OLD)


@pytest.mark.parametrize("there", [True, False])
def test_what_somebody_else_wrote_meanwhile_stays_and_stops_the_engine(there: bool) -> None:
    bucket = FakeBucket(PLACE.state)
    if there:
        bucket.put(PLACE.state, OLD)
    port = port_of(bucket)
    lock(port)
    read(port)
    bucket.put(PLACE.state, FOREIGN)
    assert save(port, b"1").status == 412
    assert "by hand, with a plain `pulumi`" in port.foreign
    assert state(bucket) == FOREIGN
    assert bucket.objects[PLACE.unsaved("r-1")].body == b"1"
    for refused in (save(port, b"2"), unlock(port), lock(port)):
        assert refused.status == 412
    assert LOCK in bucket.objects, "the lock says that this stack was not left in order"


def test_a_state_of_another_run_is_named(bucket: FakeBucket) -> None:
    port, other = port_of(bucket), port_of(bucket, "r-2")
    lock(port)
    read(port)
    lock(other)
    save(other, b"theirs")
    assert save(port, b"1").status == 412
    assert port.foreign == "run r-2 has written it"


@pytest.mark.parametrize("conditions", [True, False])
@pytest.mark.parametrize("foreign", [None, 0, 1, 2])
def test_whatever_becomes_of_its_writes_it_acknowledges_only_what_is_there(
    foreign: int | None, conditions: bool
) -> None:
    """Three saves, with one word of trouble for each try in turn; somebody else may write before any of them."""
    for faults in product(FAULTS, repeat=3):
        bucket = FakeBucket(PLACE.state, conditions=conditions, faults=list(faults))
        bucket.put(PLACE.state, OLD)
        port = port_of(bucket)
        lock(port)
        read(port)
        for number in range(3):
            _save_and_look(port, bucket, number, foreign, faults)
        assert bool(port.foreign) is (foreign is not None), faults


def _save_and_look(port: Port, bucket: FakeBucket, number: int, foreign: int | None, faults: tuple[str, ...]) -> None:
    if foreign == number:
        bucket.put(PLACE.state, FOREIGN)
    answer = save(port, body := f"{number}".encode())
    assert answer.done is (foreign is None or number < foreign), faults
    there = body if answer.done else FOREIGN
    assert state(bucket) == there, faults
    if bucket.conditions:
        bucket.arrive()
        assert state(bucket) == there, f"what comes late changes nothing: {faults}"


def test_a_state_that_was_removed_meanwhile_stops_the_engine_and_what_it_had_is_kept(bucket: FakeBucket) -> None:
    """AWS answers 404, not 412, where the state that is to be replaced is not there."""
    port = port_of(bucket)
    lock(port)
    save(port, b"1")
    del bucket.objects[PLACE.state]
    assert save(port, b"2").status == 412
    assert port.foreign == "the state was removed"
    assert state(bucket) is None
    assert bucket.objects[PLACE.unsaved("r-1")].body == b"2"


def test_what_is_kept_of_a_fenced_run_is_the_newest_that_its_engine_had(bucket: FakeBucket) -> None:
    port = port_of(bucket)
    lock(port)
    save(port, b"1")
    bucket.put(PLACE.state, FOREIGN)
    for body in (b"2", b"3", b"3"):
        assert save(port, body).status == 412
    assert bucket.objects[PLACE.unsaved("r-1")].body == b"3", "what was under way has ended meanwhile"
    assert bucket.asked.count(f"PUT {PLACE.unsaved('r-1')}") == 2


def test_what_could_not_be_kept_of_a_fenced_run_is_kept_once_the_bucket_takes_it(bucket: FakeBucket) -> None:
    port = port_of(bucket)
    lock(port)
    save(port, b"1")
    bucket.put(PLACE.state, FOREIGN)
    ask, bucket.ask = bucket.ask, refusing(bucket, PLACE.unsaved("r-1"))  # type: ignore[assignment, method-assign]
    assert save(port, b"2").status == 412
    assert PLACE.unsaved("r-1") not in bucket.objects
    bucket.ask = ask  # type: ignore[method-assign]
    assert port.flush() is not None
    assert bucket.objects[PLACE.unsaved("r-1")].body == b"2"


def test_a_save_that_the_bucket_did_not_take_comes_before_the_lock_goes(bucket: FakeBucket) -> None:
    """The engine gives it up, and would leave the stack as if all were there."""
    port = port_of(bucket)
    lock(port)
    save(port, b"1")
    bucket.faults = ["busy"] * 1000
    assert save(port, b"2").status == 507
    assert read(port).body == b"1", "it was not acknowledged"
    assert unlock(port).status == 507
    assert {LOCK, PLACE.opened("r-1")} <= set(bucket.objects)
    bucket.faults = []
    assert unlock(port).done
    assert state(bucket) == b"2"


def test_a_save_that_was_given_up_and_had_arrived_is_nobody_elses(bucket: FakeBucket) -> None:
    """The answer was lost, and the bucket out of reach for longer than was waited; the engine tries again then."""
    port = port_of(bucket)
    lock(port)
    save(port, b"1")
    ask, bucket.ask = bucket.ask, arriving(bucket)  # type: ignore[assignment, method-assign]
    assert save(port, b"2").status == 507
    assert state(bucket) == b"2"
    bucket.ask = ask  # type: ignore[method-assign]
    assert save(port, b"2").done
    assert save(port, b"3").done
    assert (state(bucket), port.foreign) == (b"3", "")


def test_a_state_of_this_very_run_that_somebody_has_put_back_is_somebody_elses(bucket: FakeBucket) -> None:
    port = port_of(bucket)
    lock(port)
    save(port, b"1")
    earlier = bucket.objects[PLACE.state]
    save(port, b"2")
    bucket.objects[PLACE.state] = earlier
    assert save(port, b"3").status == 412
    assert port.foreign == "run r-1 has written it"
    assert state(bucket) == b"1"


def arriving(bucket: FakeBucket) -> Callable[[Asked], Answer]:
    """Does what it is asked, and is not heard."""
    ask = bucket.ask

    def unheard(asked: Asked) -> Answer:
        ask(asked)
        raise UnreachableError("unheard")

    return unheard


@pytest.mark.parametrize("status", [403, 400])
def test_a_refusal_that_leaves_no_doubt_is_handed_on(bucket: FakeBucket, status: int) -> None:
    port = port_of(bucket)
    lock(port)
    read(port)
    bucket.ask = lambda asked: wire.refusal(status, "No", "no")  # type: ignore[method-assign]
    assert port.answer(Asked("PUT", PLACE.state, "", {}, b"1")).status == status
    assert not port.foreign


def test_a_bucket_that_fails_for_long_is_given_up_in_a_way_that_is_not_tried_again(bucket: FakeBucket) -> None:
    port = port_of(bucket)
    lock(port)
    read(port)
    bucket.ask = lambda asked: wire.refusal(503, "SlowDown", "slow down")  # type: ignore[method-assign]
    answer = port.answer(Asked("PUT", PLACE.state, "", {}, b"1"))
    assert answer.status == 507
    assert b"it said 503" in answer.body
    del bucket.ask
    assert save(port, b"2").done, "and goes on once the bucket does"
    assert state(bucket) == b"2"
