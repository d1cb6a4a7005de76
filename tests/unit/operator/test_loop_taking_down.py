"""The loop takes an environment down: in which order, what stays, and who has to say a word before."""

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import Drive
from tests.fakes.world import World
from tradai_operator.reconcile.bodies import Kept
from tradai_operator.reconcile.destroy_record import name_of


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def drive(world: World) -> Drive:
    return Drive(world, body())


async def test_deletion_takes_what_the_policy_names_in_reverse_order(drive: Drive) -> None:
    await drive.build()
    await drive.put(deleted(drive.body))
    for layer in ("edge", "compute", "foundation"):
        assert set(drive.world.executor.live) == {layer}
        drive.world.executor.succeed(layer)
        await drive.turn()
    assert drive.uid not in drive.world.cluster.objects
    assert drive.world.executor.order[4:] == [("destroy", "edge"), ("destroy", "compute"), ("destroy", "foundation")]
    record = drive.world.cluster.records["tradai-system", f"tradai-survivors-{drive.uid}"]
    assert record["layers"] == "persistent"


@pytest.mark.parametrize(
    ("policy", "destroyed"),
    [("Retain", []), ("Soft", ["edge", "compute"]), ("All", ["edge", "compute", "foundation"])],
)
async def test_each_policy_takes_its_own_layers(world: World, policy: str, destroyed: list[str]) -> None:
    drive = Drive(world, body(deletionPolicy=policy))
    await drive.build()
    await drive.put(deleted(drive.body))
    for layer in destroyed:
        world.executor.succeed(layer)
        await drive.turn()
    assert [layer for operation, layer in world.executor.order if operation == "destroy"] == destroyed
    assert drive.uid not in world.cluster.objects


async def test_everything_needs_a_word_that_names_the_environment(world: World) -> None:
    drive = Drive(world, body(deletionPolicy="Everything"))
    await drive.build()
    await drive.put(deleted(drive.body))
    assert drive.condition("Stalled")["reason"] == "ConfirmationMissing"
    assert not world.executor.live
    await drive.put(annotated(drive.body, confirm_destroy="dev"))
    for layers in ({"edge"}, {"compute"}, {"foundation", "persistent"}):
        assert set(world.executor.live) == layers
        for layer in layers:
            world.executor.succeed(layer)
        await drive.turn()
    assert drive.uid not in world.cluster.objects


async def test_deletion_interrupts_a_build_before_it_destroys(drive: Drive) -> None:
    await drive.turn()
    await drive.put(deleted(drive.body))
    assert len(drive.world.executor.cancelled) == 2
    assert all(operation == "up" for operation, _ in drive.world.executor.order)
    drive.world.executor.stop("persistent")
    drive.world.executor.stop("foundation")
    await drive.turn()
    assert drive.world.executor.order[2:] == [("destroy", "foundation")]


async def test_deletion_works_when_the_passphrase_secret_went_first(drive: Drive) -> None:
    await drive.build()
    del drive.world.cluster.secrets["tradai", "tradai-state"]
    drive.loop.notice_secret()
    await drive.put(deleted(drive.body))
    assert set(drive.world.executor.live) == {"edge"}


async def test_what_a_deletion_needs_is_kept_and_goes_with_the_resource(drive: Drive) -> None:
    await drive.build()
    assert drive.world.cluster.secrets["tradai-system", name_of(drive.uid)]["passphrase"] == "open sesame"
    await drive.put(deleted(drive.body))
    for layer in ("edge", "compute", "foundation"):
        drive.world.executor.succeed(layer)
        await drive.turn()
    assert ("tradai-system", name_of(drive.uid)) not in drive.world.cluster.secrets


async def test_a_dead_backend_is_said_and_abandon_releases(drive: Drive) -> None:
    await drive.build()
    await drive.put(deleted(drive.body))
    drive.world.executor.fail("edge", "Backend", "NoSuchBucket")
    await drive.turn()
    assert drive.condition("Reconciling")["status"] == "True"
    assert "tradai.io/abandon=dev" in drive.status["message"]
    await drive.put(annotated(drive.body, abandon="prod"))
    assert drive.uid in drive.world.cluster.objects, "another environment's name abandons nothing"
    drive.world.cluster.objects[drive.uid] = annotated(drive.body, abandon="dev")
    await drive.turn()
    assert drive.uid not in drive.world.cluster.objects
    record = drive.world.cluster.records["tradai-system", f"tradai-survivors-{drive.uid}"]
    assert record["layers"] == "persistent, foundation, compute, edge"
    assert record["why"] == "abandoned"


async def test_an_environment_with_a_ttl_ends_when_its_time_is_over(world: World) -> None:
    drive = Drive(world, body(environment="eph-a", ttl="1h", deletionPolicy="Everything"))
    world.clock.time = 1_800_000_000.0
    wake = await drive.turn()
    assert not world.cluster.deletions
    assert wake is not None
    world.clock.time += 3601
    await drive.turn()
    assert world.cluster.deletions == ["uid-1"]


async def test_an_invalid_resource_that_built_nothing_is_released(drive: Drive) -> None:
    await drive.put(deleted(changed(drive.body, aws={})))
    assert drive.uid not in drive.world.cluster.objects


async def test_an_invalid_resource_is_destroyed_as_it_was_last_applied(drive: Drive) -> None:
    await drive.build()
    drive.world.cluster.objects[drive.uid] = deleted(changed(drive.body, aws={}))
    await drive.turn()
    drive.loop._kept = Kept.of({**drive.body, "spec": drive.loop._kept.body()["spec"]})
    await drive.loop._turn()
    assert set(drive.world.executor.live) == {"edge"}
