"""All loops of one operator: none while it stands by, all when it leads, from what the API server has then."""

import asyncio
from typing import Any

from tests.fakes.bodies import body, changed, with_secrets
from tests.fakes.drive import SETTINGS
from tests.fakes.world import World
from tradai_operator.handlers.fleet import Fleet


def versioned(made: dict[str, Any], version: int) -> dict[str, Any]:
    made["metadata"]["resourceVersion"] = str(version)
    return made


def world_with(*bodies: dict[str, Any]) -> World:
    world = World()
    with_secrets(world.cluster)
    world.cluster.objects |= {made["metadata"]["uid"]: made for made in bodies}
    return world


async def until_runs(world: World, count: int) -> None:
    async with asyncio.timeout(20):
        while len(world.executor.order) < count:  # noqa: ASYNC110 - a fake executor sends no event
            await asyncio.sleep(0.001)


async def test_who_stands_by_watches_and_runs_nothing() -> None:
    world = world_with(made := versioned(body(), 5))
    fleet = Fleet(world.ports, SETTINGS)
    fleet.seen(made)
    await asyncio.sleep(0.01)
    assert fleet.knows("uid-1")
    assert not fleet.knows("uid-2")
    assert not world.cluster.asked


async def test_a_new_leader_begins_with_what_the_server_has_now() -> None:
    world = world_with(versioned(body(), 7))
    fleet = Fleet(world.ports, SETTINGS)
    stale = versioned(body(suspend=True), 5)
    fleet.seen(stale)
    await fleet.lead()
    await until_runs(world, 2)
    fleet.seen(world.cluster.objects["uid-1"])
    assert fleet.knows("uid-1")
    await fleet.follow()
    assert fleet.knows("uid-1"), "it is watched on"
    assert not world.telemetry.standing, "and shown by whoever leads"


async def test_what_changes_while_a_new_leader_lists_is_not_missed() -> None:
    world = world_with(versioned(body(suspend=True), 5))
    fleet = Fleet(world.ports, SETTINGS)
    listed = world.cluster.environments

    async def late() -> list[Any]:
        found = await listed()
        fleet.seen(versioned(changed(body(), suspend=False), 6))
        return found

    world.cluster.environments = late  # type: ignore[method-assign]
    await fleet.lead()
    await until_runs(world, 2)
    await fleet.follow()


async def test_what_goes_while_a_new_leader_lists_stays_gone() -> None:
    world = world_with(made := versioned(body(), 5))
    fleet = Fleet(world.ports, SETTINGS)
    listed = world.cluster.environments

    async def late() -> list[Any]:
        found = await listed()
        fleet.gone(made)
        return found

    world.cluster.environments = late  # type: ignore[method-assign]
    await fleet.lead()
    assert not fleet.knows("uid-1")
    await fleet.follow()


async def test_a_leader_waits_for_an_api_server_that_does_not_answer() -> None:
    world = world_with(versioned(body(), 5))
    world.cluster.broken = True
    fleet = Fleet(world.ports, SETTINGS)
    leading = asyncio.create_task(fleet.lead())
    await asyncio.sleep(0.01)
    assert not leading.done()
    world.cluster.broken = False
    await leading
    await until_runs(world, 2)
    await fleet.follow()
