"""All loops of one operator: none while it stands by, all when it leads, from what the API server has then."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from tests.fakes.bodies import body, changed, with_secrets
from tests.fakes.drive import SETTINGS
from tests.fakes.world import World
from tradai_operator.handlers import fleet as fleets
from tradai_operator.handlers.fleet import Fleet
from tradai_operator.lead.ending import StuckError
from tradai_operator.ports import RefusedError
from tradai_operator.reconcile.loop import Loop


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


async def test_who_may_not_list_environments_does_not_wait_for_them() -> None:
    world = world_with(versioned(body(), 5))
    fleet = Fleet(world.ports, SETTINGS)

    async def refused() -> list[Any]:
        raise RefusedError("could not list environments: forbidden")

    world.cluster.environments = refused  # type: ignore[method-assign]
    with pytest.raises(RefusedError):
        await fleet.lead()
    assert not fleet.knows("uid-1")


async def test_who_gets_no_list_in_time_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleets, "_LIST_SECONDS", 0.01)
    world = world_with(versioned(body(), 5))
    world.cluster.broken = True
    with pytest.raises(TimeoutError):
        await Fleet(world.ports, SETTINGS).lead()


async def test_a_loop_that_does_not_end_is_no_reason_to_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleets, "_STOP_SECONDS", 0.05)
    stop = asyncio.Event()

    async def deaf(_: Loop) -> None:
        while not stop.is_set():
            with suppress(asyncio.CancelledError):
                await stop.wait()

    monkeypatch.setattr(Loop, "run", deaf)
    world = world_with(versioned(body(), 5))
    fleet = Fleet(world.ports, SETTINGS)
    await fleet.lead()
    await asyncio.sleep(0)
    with pytest.raises(StuckError, match="reconcile uid-1"):
        await fleet.follow()
    stop.set()


async def test_a_loop_that_loses_a_cancel_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleets, "_STOP_SECONDS", 0.05)

    async def hard_of_hearing(_: Loop) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    monkeypatch.setattr(Loop, "run", hard_of_hearing)
    world = world_with(versioned(body(), 5))
    fleet = Fleet(world.ports, SETTINGS)
    await fleet.lead()
    await asyncio.sleep(0)
    await fleet.follow()
    assert fleet.knows("uid-1"), "it is watched on"


async def test_a_loop_that_ends_by_an_error_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleets, "_BEGIN_AGAIN_SECONDS", 0.0)
    run, began = Loop.run, list[Loop]()

    async def failing(self: Loop) -> None:
        began.append(self)
        if len(began) == 1:
            raise KeyError("a bug beside the turns")
        await run(self)

    monkeypatch.setattr(Loop, "run", failing)
    world = world_with(versioned(body(), 5))
    fleet = Fleet(world.ports, SETTINGS)
    await fleet.lead()
    await until_runs(world, 2)
    assert len(began) == 2
    assert fleet.knows("uid-1")
    await fleet.follow()


async def test_a_late_event_takes_nothing_back() -> None:
    world = world_with(versioned(body(suspend=True), 99))
    fleet = Fleet(world.ports, SETTINGS)
    await fleet.lead()
    fleet.seen(versioned(body(), 60))
    loop = fleet._loops["uid-1"]
    assert loop._kept.body()["spec"].get("suspend") is True
    fleet.seen(versioned(changed(body(), suspend=False), 100))
    assert loop._kept.body()["spec"]["suspend"] is False
    fleet.seen(versioned(body(suspend=True), 99))
    assert loop._kept.body()["spec"]["suspend"] is False
    await fleet.follow()


async def test_a_late_event_makes_no_loop_of_what_a_new_leader_has_not_listed() -> None:
    world = world_with(made := versioned(body(), 99))
    fleet = Fleet(world.ports, SETTINGS)
    fleet.seen(made)
    fleet.seen(versioned(body(suspend=True), 60))
    await fleet.lead()
    assert fleet._loops["uid-1"]._kept.body()["spec"].get("suspend") is None
    await fleet.follow()
