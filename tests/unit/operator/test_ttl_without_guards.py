"""A ttl that ends while nobody knows the guards takes a resource that has made nothing, and no other."""

from typing import Any

import pytest

from tests.fakes.bodies import body, changed, deleted
from tests.fakes.drive import Drive
from tests.fakes.world import World
from tests.integration.guard_table import EPHEMERAL
from tests.unit.operator.test_adoption import standing
from tests.unit.operator.test_loop_allowlist import EVIL, Bounded, aimed
from tradai_operator.model import keys

SHORT: dict[str, Any] = {"approval": "Never", **EPHEMERAL, "ttl": "1h"}


def over(drive: Drive) -> None:
    """Its time is."""
    drive.world.clock.time += 2 * 3600


async def test_what_is_refused_from_the_start_goes_with_a_record_of_what_nobody_knows() -> None:
    drive = Bounded(body(**SHORT, aws=EVIL))
    drive.body["metadata"]["finalizers"] = []
    wake = await drive.turn()
    assert (drive.status["phase"], drive.world.cluster.deletions) == ("Invalid", [])
    assert wake == drive.world.clock.time + 3600 - 60
    over(drive)
    await drive.turn()
    assert drive.body["metadata"]["finalizers"] == [keys.FINALIZER], "held first, so that something can be recorded"
    await drive.turn()
    assert drive.world.cluster.deletions == [drive.uid]
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert drive.uid not in drive.world.cluster.objects
    (record,) = drive.world.cluster.records.values()
    assert record["notKnown"].startswith("what else stands: the state bucket was never read")
    assert (drive.world.stacks.looks, drive.world.executor.order) == (0, [])


async def refused_later(**layer: Any) -> Bounded:
    """Its first run has begun, and then it aims where it may not; nobody has noted its guards."""
    drive = Bounded(body(**SHORT))
    await drive.turn(2)
    for name in list(drive.world.executor.live):
        drive.world.executor.fail(name, **layer)
    await drive.put(changed(drive.body, aws=EVIL))
    drive.body["status"].pop("guards")
    drive.restart()
    return drive


async def test_where_a_run_may_have_left_something_it_stays() -> None:
    drive = await refused_later(kind="Provider")
    over(drive)
    await drive.turn(3)
    assert (drive.world.cluster.deletions, drive.status["phase"]) == ([], "Invalid")


async def test_and_where_its_status_was_lost() -> None:
    drive = await refused_later(kind="Provider")
    drive.body["status"] = {}
    drive.restart()
    over(drive)
    await drive.turn(3)
    assert drive.world.cluster.deletions == []


async def test_where_every_run_was_refused_before_it_could_leave_anything_it_goes() -> None:
    drive = await refused_later(kind="Account")
    over(drive)
    await drive.turn(3)
    assert set(drive.world.cluster.deletions) == {drive.uid}


async def without_bucket(**end: Any) -> Drive:
    """Its state bucket is not there, which its first runs have said; or however else they have ended."""
    drive = Drive(World(), body(**SHORT))
    drive.world.stacks.no_bucket = True
    await drive.turn(2)
    for name in list(drive.world.executor.live):
        drive.world.executor.fail(name, **({"kind": "Backend", "error": "NoSuchBucket"} | end))
    await drive.turn()
    return drive


async def test_what_never_had_a_bucket_goes_when_its_time_is_over() -> None:
    drive = await without_bucket()
    over(drive)
    await drive.turn()
    assert drive.world.cluster.deletions == [drive.uid]
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert drive.uid not in drive.world.cluster.objects


@pytest.mark.parametrize("lost", [False, True], ids=["its run had begun", "and its status was lost"])
async def test_a_bucket_that_is_gone_with_what_a_run_may_have_noted_in_it_ends_nothing(lost: bool) -> None:
    drive = await without_bucket(kind="Provider", untouched=False)
    if lost:
        drive.body["status"] = {}
        drive.restart()
    drive.world.stacks.no_bucket = True
    over(drive)
    await drive.turn()
    assert drive.world.cluster.deletions == []


async def test_a_bucket_that_came_meanwhile_is_asked_whether_the_ttl_is_in_force() -> None:
    drive = await without_bucket()
    drive.world.stacks.no_bucket = False
    standing(drive.world, {**EPHEMERAL, "deletionPolicy": "Soft"})
    over(drive)
    await drive.turn()
    assert drive.world.cluster.deletions == []
    assert drive.status["guards"]["kept"]["ttl"] == ""


async def test_a_place_that_is_permitted_again_is_asked_first() -> None:
    drive = Bounded(body(**SHORT, aws=EVIL))
    await drive.turn()
    standing(drive.world, {**EPHEMERAL, "deletionPolicy": "Soft"})
    over(drive)
    await drive.put(changed(drive.body, aws=aimed()))
    assert drive.world.cluster.deletions == []
    assert drive.status["guards"]["kept"]["ttl"] == ""
