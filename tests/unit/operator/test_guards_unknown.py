"""Guards that nobody knows yet: what may not be begun or ended before the state bucket was asked, and has answered."""

from typing import Any

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import Drive
from tests.fakes.world import World
from tests.integration.guard_table import EPHEMERAL
from tests.unit.operator.test_adoption import standing
from tests.unit.operator.test_loop_allowlist import EVIL, Bounded

STRONG = {"approval": "Always", "deletionPolicy": "Retain"}
WEAK: dict[str, Any] = {"approval": "Never", "deletionPolicy": "All"}


async def test_a_bucket_that_is_not_there_is_asked_again_before_the_first_run() -> None:
    world = World()
    world.stacks.no_bucket = True
    drive = Drive(world, body(**WEAK, suspend=True))
    await drive.turn(3)
    assert "guards" not in drive.status
    world.stacks.no_bucket = False
    standing(world, STRONG)
    await drive.put(changed(drive.body, suspend=False))
    assert drive.status["guards"]["kept"] == {"approval": "Always", "deletionPolicy": "Retain"}
    assert {operation for operation, _ in world.executor.order} == {"preview"}


async def test_a_new_environment_without_a_bucket_is_told_so_by_its_first_run() -> None:
    world = World()
    world.stacks.no_bucket = True
    drive = Drive(world, body(**WEAK))
    await drive.turn(2)
    assert world.executor.order == [("up", "persistent"), ("up", "foundation")]
    for layer in list(world.executor.live):
        world.executor.fail(layer, "Backend", "NoSuchBucket")
    await drive.turn()
    assert drive.status["phase"] in {"Retrying", "Failed"}
    assert "NoSuchBucket" in drive.status["message"]
    looks = world.stacks.looks
    world.stacks.no_bucket = False
    world.clock.time += 3600
    await drive.turn()
    assert world.stacks.looks > looks
    assert drive.status["guards"]["kept"] == {}
    assert world.executor.live


async def test_a_bucket_that_comes_while_a_first_run_goes_on_is_seen_before_the_next_begins() -> None:
    world = World()
    world.stacks.no_bucket = True
    drive = Drive(world, body(**WEAK))
    await drive.turn(2)
    assert set(world.executor.live) == {"persistent", "foundation"}
    world.executor.fail("persistent", "Backend", "NoSuchBucket")
    await drive.turn()
    world.stacks.no_bucket = False
    standing(world, STRONG)
    world.clock.time += 60
    await drive.turn()
    assert drive.status["guards"]["kept"] == {"approval": "Always", "deletionPolicy": "Retain"}
    assert world.executor.order[2:] == [("preview", "persistent")]


async def test_giving_up_a_resource_that_nobody_deletes_lowers_no_guard() -> None:
    world = World()
    standing(world, STRONG)
    drive = Drive(world, annotated(body(**WEAK), abandon="dev"))
    await drive.turn(3)
    assert drive.status["guards"]["kept"] == {"approval": "Always", "deletionPolicy": "Retain"}
    assert {operation for operation, _ in world.executor.order} == {"preview"}


async def test_a_ttl_ends_nothing_while_the_guards_are_not_known() -> None:
    world = World()
    standing(world, {**EPHEMERAL, "deletionPolicy": "Soft"})
    world.stacks.broken = True
    drive = Drive(world, body(approval="Never", **EPHEMERAL, ttl="1m"))
    world.clock.time += 3600
    await drive.turn(2)
    assert (world.cluster.deletions, drive.status["phase"]) == ([], "Retrying")
    world.stacks.broken = False
    world.clock.time += 60
    await drive.turn(2)
    assert world.cluster.deletions == []
    assert drive.status["guards"]["kept"]["ttl"] == ""


async def test_a_resource_that_goes_unasked_from_a_refused_place_leaves_a_record_that_says_so() -> None:
    drive = Bounded(body(aws=EVIL))
    standing(drive.world, STRONG)
    await drive.turn()
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert drive.uid not in drive.world.cluster.objects
    (record,) = drive.world.cluster.records.values()
    assert (record["layers"], record["environment"]) == ("", "dev")
    assert record["notKnown"].startswith("what else stands: the state bucket was never read, because aws.endpointUrl")
    assert drive.world.stacks.looks == 0


async def test_so_does_one_that_was_asked_about_elsewhere_alone() -> None:
    drive = Bounded(body(deletionPolicy="Retain"))
    await drive.build()
    await drive.put(changed(drive.body, aws=EVIL))
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert drive.uid not in drive.world.cluster.objects
    (record,) = drive.world.cluster.records.values()
    assert record["layers"] == "persistent, foundation, compute, edge"
    assert "was never read, because aws.endpointUrl http://evil" in record["notKnown"]
