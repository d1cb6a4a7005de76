"""The state port over a bucket in memory: what it answers itself, what it sends, and what it never acknowledges."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from tests.fakes.state_bucket import FAULTS, FakeBucket
from tradai_iac.runner.stateport import wire
from tradai_iac.runner.stateport.asked import Asked, Kind, Place
from tradai_iac.runner.stateport.hostlock import HostLock
from tradai_iac.runner.stateport.port import Port
from tradai_iac.runner.stateport.sending import UnreachableError
from tradai_iac.runner.stateport.wire import Answer

PLACE = Place("b", "", "sample-work", "dev")
LOCK = f"{PLACE.locks}1.json"
OLD, FOREIGN = b'{"old": 1}', b'{"foreign": 1}'


class Clock:
    """Time that passes only in pauses."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time

    def pause(self, seconds: float) -> None:
        self.time += seconds


def port_of(bucket: FakeBucket, run_id: str = "r-1") -> Port:
    clock = Clock()
    return Port(PLACE, run_id, bucket, patience=60.0, now=clock, pause=clock.pause)


def state(bucket: FakeBucket) -> bytes | None:
    return bucket.body()


def lock(port: Port) -> Answer:
    return port.answer(Asked("PUT", LOCK, "x-id=PutObject", {}, b"{}"))


def unlock(port: Port) -> Answer:
    return port.answer(Asked("DELETE", LOCK))


def save(port: Port, body: bytes) -> Answer:
    """As the engine saves: it looks for the state, copies it to what it was, goes on where that fails, and writes."""
    port.answer(listing())
    if port.answer(Asked("HEAD", PLACE.state)).done:
        source = {"x-amz-copy-source": f"b/{PLACE.state}"}
        port.answer(Asked("PUT", f"{PLACE.state}.bak", "x-id=CopyObject", source))
    return port.answer(Asked("PUT", PLACE.state, "x-id=PutObject", {"content-type": "application/json"}, body))


def read(port: Port) -> Answer:
    return port.answer(Asked("GET", PLACE.state, "x-id=GetObject"))


def listing() -> Asked:
    return Asked("GET", "", f"delimiter=%2F&list-type=2&max-keys=1000&prefix={PLACE.state}")


@pytest.fixture
def bucket() -> FakeBucket:
    found = FakeBucket(PLACE.state)
    found.put(PLACE.state, OLD)
    return found


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (Asked("PUT", LOCK), Kind.LOCK),
        (Asked("DELETE", LOCK), Kind.UNLOCK),
        (Asked("HEAD", LOCK), Kind.OTHER),
        (Asked("PUT", PLACE.state, "x-id=PutObject"), Kind.SAVE),
        (Asked("PUT", f"{PLACE.state}.bak", "", {"x-amz-copy-source": f"b/{PLACE.state}"}), Kind.BACKUP),
        (Asked("PUT", f"{PLACE.state}.bak", "", {"x-amz-copy-source": "b/another"}), Kind.OTHER),
        (Asked("PUT", PLACE.state, "", {"x-amz-copy-source": f"b/{PLACE.state}.bak"}), Kind.OTHER),
        (Asked("GET", PLACE.state), Kind.READ),
        (Asked("GET", PLACE.state, "", {"range": "bytes=0-9"}), Kind.OTHER),
        (Asked("GET", PLACE.state, "versionId=1"), Kind.OTHER),
        (Asked("HEAD", PLACE.state), Kind.LOOK),
        (Asked("POST", PLACE.state, "uploads"), Kind.PARTS),
        (listing(), Kind.LIST),
        (Asked("GET", "", f"list-type=2&prefix={PLACE.state}&continuation-token=x"), Kind.OTHER),
        (Asked("GET", "", "list-type=2&prefix=.pulumi/stacks/"), Kind.OTHER),
        (Asked("GET", ".pulumi/stacks/sample-store/dev.json"), Kind.OTHER),
    ],
)
def test_requests_are_told_apart_by_what_they_are_to_the_state(asked: Asked, kind: Kind) -> None:
    assert PLACE.kind(asked) is kind


def test_a_save_is_one_request_once_the_engine_has_written(bucket: FakeBucket) -> None:
    port = port_of(bucket)
    lock(port)
    assert read(port).body == OLD
    save(port, b"1")
    bucket.asked.clear()
    assert [save(port, body).done for body in (b"2", b"3")] == [True, True]
    assert bucket.asked == [f"PUT {PLACE.state}"] * 2
    assert state(bucket) == b"3"


def test_what_it_answers_itself_is_what_the_bucket_would_have_said(bucket: FakeBucket) -> None:
    port = port_of(bucket)
    bucket.put(f"{PLACE.state}.gz.attrs", b"x")
    lock(port)
    save(port, b"new")
    bucket.put(f"{PLACE.state}.bak", OLD)
    theirs = wire.items_of(bucket.ask(listing()))
    ours = wire.items_of(port.answer(listing()))
    assert [(item.key, item.etag, item.size) for item in ours] == [
        (item.key, item.etag, item.size) for item in theirs if not item.key.endswith(".bak")
    ]
    for method in ("GET", "HEAD"):
        mine, real = port.answer(Asked(method, PLACE.state)), bucket.ask(Asked(method, PLACE.state))
        assert (mine.status, mine.body, mine.etag) == (real.status, real.body, real.etag)
        assert mine.headers.get("content-length", str(len(mine.body))) == real.headers["content-length"]


def test_what_was_before_the_engine_is_kept_beside_once(bucket: FakeBucket) -> None:
    port = port_of(bucket)
    lock(port)
    for body in (b"1", b"2", b"3"):
        save(port, body)
    assert bucket.objects[f"{PLACE.state}.bak"].body == OLD


def test_nothing_is_remembered_without_a_lock_nor_from_one_to_the_next(bucket: FakeBucket) -> None:
    port = port_of(bucket)
    save(port, b"0")
    bucket.put(PLACE.state, FOREIGN)
    assert read(port).body == FOREIGN
    lock(port)
    save(port, b"1")
    unlock(port)
    bucket.put(PLACE.state, FOREIGN)
    assert read(port).body == FOREIGN
    lock(port)
    assert read(port).body == FOREIGN
    assert save(port, b"2").done
    assert state(bucket) == b"2"


def test_a_lock_that_was_not_taken_opens_no_memory(bucket: FakeBucket) -> None:
    port = port_of(bucket)
    bucket.ask = lambda asked: wire.refusal(403, "AccessDenied", "no")  # type: ignore[method-assign]
    assert lock(port).status == 403
    del bucket.ask
    save(port, b"1")
    bucket.put(PLACE.state, FOREIGN)
    assert read(port).body == FOREIGN


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
    ask, bucket.ask = bucket.ask, _refusing(bucket, PLACE.unsaved("r-1"))  # type: ignore[assignment, method-assign]
    assert save(port, b"2").status == 412
    assert PLACE.unsaved("r-1") not in bucket.objects
    bucket.ask = ask  # type: ignore[method-assign]
    assert port.flush() is not None
    assert bucket.objects[PLACE.unsaved("r-1")].body == b"2"


def _refusing(bucket: FakeBucket, key: str) -> Callable[[Asked], Answer]:
    ask = bucket.ask
    return lambda asked: wire.refusal(503, "SlowDown", "slow down") if asked.key == key else ask(asked)


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
    ask, bucket.ask = bucket.ask, _arriving(bucket)  # type: ignore[assignment, method-assign]
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


def _arriving(bucket: FakeBucket) -> Callable[[Asked], Answer]:
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


def test_a_large_state_in_parts_is_one_save(bucket: FakeBucket) -> None:
    port = port_of(bucket)
    lock(port)
    read(port)
    begun = port.answer(Asked("POST", PLACE.state, "uploads"))
    upload = begun.body.decode().partition("<UploadId>")[2].partition("<")[0]
    for number, part in ((2, b"and its end"), (1, b"a large state ")):
        assert port.answer(Asked("PUT", PLACE.state, f"partNumber={number}&uploadId={upload}", {}, part)).etag
    assert port.answer(Asked("POST", PLACE.state, f"uploadId={upload}", {}, b"<x/>")).done
    assert state(bucket) == b"a large state and its end"
    assert bucket.history == [OLD, b"a large state and its end"]
    assert port.answer(Asked("POST", PLACE.state, f"uploadId={upload}")).status == 404


def test_a_lock_that_could_not_be_removed_is_held_still(bucket: FakeBucket) -> None:
    port = port_of(bucket)
    lock(port)
    save(port, b"1")
    ask, bucket.ask = bucket.ask, _refusing(bucket, LOCK)  # type: ignore[assignment, method-assign]
    assert not unlock(port).done
    assert port.held
    bucket.ask = ask  # type: ignore[method-assign]
    assert unlock(port).done
    assert not port.held


@pytest.mark.parametrize("asked", [Asked("DELETE", PLACE.state), Asked("POST", PLACE.state, "delete")])
def test_a_state_that_is_written_in_a_way_of_its_own_is_remembered_no_more(bucket: FakeBucket, asked: Asked) -> None:
    port = port_of(bucket)
    lock(port)
    save(port, b"1")
    port.answer(asked)
    bucket.objects.pop(PLACE.state, None)
    assert read(port).status == 404
    assert wire.items_of(port.answer(listing())) == wire.items_of(bucket.ask(listing()))
    assert save(port, b"2").done
    assert state(bucket) == b"2"


def test_a_machine_that_keeps_no_notes_is_told_to_the_engine(bucket: FakeBucket, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    port = port_of(bucket)
    port.host = HostLock(tmp_path / "file" / "writer.lock")
    answer = lock(port)
    assert answer.status == 507
    assert b"FileExistsError" in answer.body
    assert LOCK not in bucket.objects
