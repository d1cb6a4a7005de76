"""One run after another on one state: what a dead one had on its way arrives late, or its port goes on for a while."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.state_bucket import FakeBucket
from tests.unit.runner.port_calls import LOCK, PLACE, lock, read, save, unlock
from tests.unit.runner.port_states import RUN, body, grouped, named, urn
from tradai_runner.stateport.port import Port

#: When something of the first run happens, told by what the second has done by then.
MOMENTS = ("locked", "read", "saved", "saved again", "ended")


def begins(state: bytes | None, name: str) -> bytes:
    """What the next engine writes first: what it has read, and one more creation under way."""
    told: dict[str, Any] = json.loads(state or body())
    pending = told["checkpoint"]["latest"].setdefault("pending_operations", [])
    pending.append({"resource": {"urn": urn(name)}, "type": "creating"})
    return json.dumps(told, indent=4).encode()


def ended(state: bytes, name: str) -> bytes:
    """The same, made."""
    told: dict[str, Any] = json.loads(state)
    latest = told["checkpoint"]["latest"]
    latest["pending_operations"] = [e for e in latest["pending_operations"] if e["resource"]["urn"] != urn(name)]
    latest["resources"].append({"urn": urn(name), "id": name})
    return json.dumps(told, indent=4).encode()


@dataclass
class Dead:
    """A run whose engine died after some saves, with what it had made; its last write may be on its way."""

    bucket: FakeBucket
    port: Port
    made: set[str] = field(default_factory=set)

    @staticmethod
    def after(saves: int, *, late: bool, machine: Path | None = None) -> "Dead":
        bucket = FakeBucket(PLACE.state)
        bucket.put(PLACE.state, body())
        port = grouped(bucket, "r-1", machine)
        port.wait_seconds = 0.0
        lock(port)
        read(port)
        dead = Dead(bucket, port)
        for number, (state, made) in enumerate(RUN[:saves]):
            if late and number == saves - 1:
                bucket.faults = ["late"]
            if save(port, state).done:
                dead.made |= set(made)
        bucket.faults = []
        return dead

    def unlocked(self) -> None:
        """It was proven dead."""
        self.bucket.objects.pop(LOCK)


def successor(port: Port, lives: bool) -> Iterator[tuple[str, bytes | None]]:
    """The next run, moment by moment, with the last state of it that was acknowledged; it stops where it is refused."""
    lock(port)
    yield "locked", None
    first = begins(read(port).body, "x")
    yield "read", None
    if not save(port, first).done:
        return
    yield "saved", first
    if not save(port, ended(first, "x")).done:
        return
    port.flush()
    yield "saved again", ended(first, "x")
    if lives:
        assert unlock(port).done
    yield "ended", ended(first, "x")


@pytest.mark.parametrize("lives", [True, False])
@pytest.mark.parametrize("saves", range(1, len(RUN) + 1))
def test_what_a_dead_run_had_on_its_way_changes_nothing_once_another_has_written(saves: int, lives: bool) -> None:
    for late, when, who in product((False, True), MOMENTS, ("the wire", "its port")):
        dead = Dead.after(saves, late=late)
        dead.unlocked()
        happens = dead.bucket.arrive if who == "the wire" else dead.port.flush
        _followed(dead, grouped(dead.bucket, "r-2"), when, happens, lives)
        assert named(dead.bucket.body()) >= dead.made, (late, when, who)


def _followed(dead: Dead, port: Port, when: str, happens: Callable[[], object], lives: bool) -> None:
    """The next run, and the one after it where that was overtaken."""
    last = None
    for moment, acknowledged in successor(port, lives):
        last = acknowledged or last
        if moment == when:
            happens()
        if last:
            assert dead.bucket.body() == last, "what was acknowledged stays"
    if last is None:  # the dead one's write came between its first look and its first save
        assert "run r-1 has written it" in port.foreign
        dead.bucket.objects.pop(LOCK)
        third = [state for _, state in successor(grouped(dead.bucket, "r-3"), True)]
        assert dead.bucket.body() == third[-1]


@pytest.mark.parametrize("saves", range(1, len(RUN) + 1))
def test_a_person_who_writes_after_a_dead_run_is_overtaken_by_nothing(saves: int) -> None:
    for late, who in product((False, True), ("the wire", "its port")):
        dead = Dead.after(saves, late=late)
        dead.bucket.put(PLACE.state, by_hand := begins(dead.bucket.body(), "x"))
        (dead.bucket.arrive if who == "the wire" else dead.port.flush)()
        assert dead.bucket.body() == by_hand
        assert named(by_hand) >= dead.made


def test_on_the_same_machine_the_next_run_waits_for_the_port_of_the_last(tmp_path: Path) -> None:
    dead = Dead.after(3, late=False, machine=tmp_path)
    dead.unlocked()
    after = grouped(dead.bucket, "r-2", tmp_path)
    assert lock(after).status == 409, "it is asked for as long as the port has wait_seconds"
    assert dead.port.flush() is None
    assert dead.bucket.body() == RUN[2][0]
    assert dead.port.host
    dead.port.host.give_back()  # its process has ended
    assert lock(after).done
    assert read(after).body == RUN[2][0]
