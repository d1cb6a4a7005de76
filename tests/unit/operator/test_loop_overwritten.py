"""A status is the operator's own: what somebody else writes over it is put back, and what comes too late is refused."""

from typing import Any

import pytest

from tests.fakes.bodies import body, changed
from tests.fakes.cluster import FakeCluster
from tests.fakes.drive import PERSISTENT, SETTINGS, Drive
from tests.fakes.lease import FakeLease, LeaseStore
from tests.fakes.world import FakeClock, World
from tradai_operator.lead.fenced import FencedCluster
from tradai_operator.lead.leader import Leader
from tradai_operator.model import EnvironmentStatus
from tradai_operator.ports import ClusterError, Ref, RefusedError
from tradai_operator.reconcile.loop import Loop
from tradai_operator.reconcile.memory import PROGRESS_SECONDS

REF = Ref("tradai", "dev", "uid-1")
EDITS: dict[str, Any] = {
    "emptied": {},
    "taken away": None,
    "made up": {"phase": "Ready", "message": "as if it were there"},
    "with a term of its own": {"phase": "Ready", "term": 2**40},
}


@pytest.fixture
async def drive() -> Drive:
    drive = Drive(World(), body())
    await drive.turn(2)
    return drive


def stranger(drive: Drive, status: Any) -> None:
    """Somebody who may writes the status."""
    drive.body["status"] = status
    FakeCluster.bumped(drive.body)


def later(drive: Drive) -> None:
    drive.world.clock.time += PROGRESS_SECONDS


@pytest.mark.parametrize("edit", EDITS)
async def test_what_a_stranger_writes_into_the_status_is_put_back(drive: Drive, edit: str) -> None:
    before = {**drive.status, "term": 0}
    stranger(drive, EDITS[edit])
    later(drive)
    await drive.turn()
    assert {**drive.status, "term": 0} == before
    writes = len(drive.world.cluster.statuses)
    later(drive)
    await drive.turn(3)
    assert len(drive.world.cluster.statuses) == writes, "once is enough"
    assert set(drive.world.executor.live) == {"persistent", "foundation"}, "and nothing begins by it"


async def test_who_writes_again_and_again_makes_no_hot_loop(drive: Drive) -> None:
    later(drive)
    writes = len(drive.world.cluster.statuses)
    wake = None
    for _ in range(5):
        stranger(drive, {})
        wake = await drive.turn()
    assert len(drive.world.cluster.statuses) == writes + 1
    assert wake == drive.world.clock.time + PROGRESS_SECONDS
    drive.world.clock.time = wake
    await drive.turn()
    assert drive.status["phase"] == "Building"


async def test_what_a_watch_shows_late_is_nobody_elses(drive: Drive) -> None:
    early = drive.body | {"metadata": dict(drive.body["metadata"])}
    drive.world.executor.succeed("persistent", PERSISTENT)
    await drive.turn()
    writes = len(drive.world.cluster.statuses)
    later(drive)
    drive.loop.notice(early)
    await drive.loop._turn()
    assert len(drive.world.cluster.statuses) == writes


async def test_a_change_of_the_spec_is_no_change_of_the_status(drive: Drive) -> None:
    drive.world.cluster.objects[drive.uid] = FakeCluster.bumped(changed(drive.body))
    later(drive)
    await drive.turn()
    assert not drive.loop._writer.memory.overwritten
    assert drive.status["observedGeneration"] == 2


async def test_a_write_whose_answer_is_lost_is_written_again(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    write = drive.world.cluster.write_status

    async def deaf(ref: Ref, status: Any) -> Any:
        await write(ref, status)
        raise ClusterError("no answer")

    monkeypatch.setattr(drive.world.cluster, "write_status", deaf)
    drive.world.executor.succeed("persistent", PERSISTENT)
    with pytest.raises(ClusterError):
        await drive.turn()
    monkeypatch.undo()
    later(drive)
    await drive.turn()
    assert drive.layer("persistent")["state"] == "Ready"
    assert not drive.loop._writer.memory.overwritten


async def leader(clock: FakeClock, store: LeaseStore) -> Leader:
    found = Leader(FakeLease(store), clock, "a")
    await found._take()
    return found


async def test_what_an_earlier_leader_sent_never_lands_after_what_a_later_one_has_written() -> None:
    cluster, clock, store = FakeCluster(objects={"uid-1": body()}), FakeClock(), LeaseStore()
    first = await leader(clock, store)
    early = FencedCluster(cluster, first)
    await early.write_status(REF, {"phase": "Building"})
    under_way = dict(cluster.statuses[-1]) | {"message": "long under way"}
    clock.time += 60
    store.record = None
    await FencedCluster(cluster, await leader(clock, store)).write_status(REF, {"phase": "Ready"})
    with pytest.raises(RefusedError):
        await cluster.write_status(REF, under_way)
    assert cluster.objects["uid-1"]["status"]["phase"] == "Ready"


async def test_what_landed_before_a_new_leader_wrote_anything_is_put_back_by_it() -> None:
    world = World()
    drive = Drive(world, body())
    await drive.turn(2)
    known = dict(drive.status)
    drive.loop = Loop(drive.body, world.ports, SETTINGS)
    stranger(drive, {**known, "phase": "Pending", "layers": []})
    later(drive)
    await drive.turn()
    assert drive.status["phase"] == "Building"
    assert drive.layer("persistent")["run"]


async def test_a_term_that_somebody_made_up_shuts_no_leader_out() -> None:
    cluster, clock = FakeCluster(objects={"uid-1": body()}), FakeClock()
    cluster.objects["uid-1"]["status"] = {"term": 2**40}
    fenced = FencedCluster(cluster, await leader(clock, LeaseStore()))
    await fenced.write_status(REF, {"phase": "Ready", "term": 2**40})
    assert EnvironmentStatus.parse(cluster.objects["uid-1"]["status"]).phase == "Ready"
