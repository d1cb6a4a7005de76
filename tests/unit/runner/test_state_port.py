"""The state port over a bucket in memory: what it answers itself, what it sends, and what it remembers."""

import json
from pathlib import Path

import pytest

from tests.fakes.state_bucket import FakeBucket
from tests.unit.runner.port_calls import (
    FOREIGN,
    LOCK,
    OLD,
    PLACE,
    holding,
    listing,
    lock,
    port_of,
    read,
    refusing,
    save,
    state,
    unlock,
)
from tradai_runner.stateport import wire
from tradai_runner.stateport.asked import Asked, Kind
from tradai_runner.stateport.hostlock import HostLock


@pytest.fixture
def bucket() -> FakeBucket:
    return holding(OLD)


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


def test_it_notes_since_when_an_engine_writes_before_that_is_so(bucket: FakeBucket) -> None:
    port = port_of(bucket)
    lock(port)
    assert PLACE.opened("r-1") not in bucket.objects
    began = port.now()
    save(port, b"1")
    assert json.loads(bucket.objects[PLACE.opened("r-1")].body) == {"since": began}
    assert bucket.asked.index(f"PUT {PLACE.opened('r-1')}") < bucket.asked.index(f"PUT {PLACE.state}")


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
    ask, bucket.ask = bucket.ask, refusing(bucket, LOCK)  # type: ignore[assignment, method-assign]
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
