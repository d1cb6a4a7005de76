"""Looks for drift in one environment's loop over fakes: what runs, what the status says, what is never done."""

from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import PERSISTENT, Drive
from tests.fakes.world import World
from tradai_operator.decide.drift import SPREAD_SECONDS
from tradai_runner.contract import DriftCheck, Plan, Update

ONE_LAYER = {name: {"enabled": False} for name in ("foundation", "compute", "edge")}
TOLD = "aws:sqs/queue:Queue jobs: tags.Owner is 1, not 2"


@pytest.fixture
def world() -> World:
    return World()


async def built(world: World, **spec: Any) -> Drive:
    """One layer, Ready, with nobody having looked."""
    drive = Drive(world, body(layers=ONE_LAYER, **({"drift": {}} | spec)))
    await drive.turn()
    world.executor.succeed("persistent", PERSISTENT)
    await drive.turn()
    assert drive.status["phase"] == "Ready"
    return drive


async def due(drive: Drive) -> None:
    """The schedule's next moment, and all of the delay."""
    drive.world.clock.time += 6 * 3600 + SPREAD_SECONDS
    drive.world.executor.ended_at = drive.world.clock.time
    await drive.turn()


def drift(drive: Drive) -> dict[str, Any]:
    found: dict[str, Any] = drive.status["drift"]
    return found


async def test_nobody_writes_anything_before_the_first_look(world: World) -> None:
    drive = await built(world)
    writes = len(world.cluster.statuses)
    await drive.turn(3)
    assert len(world.cluster.statuses) == writes
    assert "drift" not in drive.status
    assert [c["type"] for c in drive.status["conditions"]] == ["Ready", "Reconciling", "Stalled"]


async def test_a_look_that_finds_nothing_says_so_and_leaves_ready_alone(world: World) -> None:
    drive = await built(world)
    await due(drive)
    assert world.executor.order[-1] == ("preview", "persistent")
    assert world.executor.asked("persistent", DriftCheck)
    assert drive.condition("Ready")["status"] == "True"
    assert drive.condition("Drifted")["status"] == "Unknown"
    assert drive.layer("persistent")["state"] == "Ready"
    world.executor.look("persistent")
    await drive.turn()
    assert (drive.condition("Drifted")["status"], drift(drive)["text"]) == ("False", "none")
    assert drive.condition("Ready")["status"] == "True"
    count, writes = len(world.executor.order), len(world.cluster.statuses)
    await drive.turn(3)
    assert (len(world.executor.order), len(world.cluster.statuses)) == (count, writes)


async def test_drift_is_counted_told_and_announced_once(world: World) -> None:
    drive = await built(world)
    await due(drive)
    world.executor.look("persistent", TOLD, changed=2, missing=1)
    await drive.turn()
    assert drift(drive)["text"] == "2 changed, 1 missing"
    assert drift(drive)["layers"][0]["first"] == [TOLD]
    assert drive.condition("Drifted")["message"] == f"persistent: 2 changed, 1 missing: {TOLD}"
    assert drive.condition("Ready")["status"] == "True"
    assert drive.status["phase"] == "Ready"
    await due(drive)
    world.executor.look("persistent", TOLD, changed=2, missing=1)
    await drive.turn()
    assert [event.reason for event in world.cluster.events].count("Drifted") == 1
    await due(drive)
    world.executor.look("persistent")
    await drive.turn()
    assert [event.reason for event in world.cluster.events][-1] == "DriftGone"
    assert [order for order in world.executor.order if order[0] == "up"] == [("up", "persistent")]


async def test_a_look_that_fails_is_unknown_waits_and_leaves_ready_alone(world: World) -> None:
    drive = await built(world)
    await due(drive)
    world.executor.fail("persistent", "Network", "connection refused")
    wake = await drive.turn()
    condition = drive.condition("Drifted")
    assert (condition["status"], condition["reason"]) == ("Unknown", "LookFailed")
    assert "connection refused" in condition["message"]
    assert drive.condition("Ready")["status"] == "True"
    assert drift(drive)["text"] == "unknown"
    assert wake == world.clock.time + 5
    world.clock.time += 5
    await drive.turn()
    assert world.executor.order[-1] == ("preview", "persistent")
    world.executor.lose("persistent")
    await drive.turn()
    assert drift(drive)["layers"][0]["failures"] == 2
    assert "the next look comes automatically" in drive.condition("Drifted")["message"]


async def test_a_failure_that_waiting_cannot_mend_waits_for_the_schedule(world: World) -> None:
    drive = await built(world)
    await due(drive)
    world.executor.fail("persistent", "Program")
    await drive.turn()
    count = len(world.executor.order)
    for _ in range(20):
        world.clock.time += 60
        await drive.turn()
    assert len(world.executor.order) == count


async def test_an_operator_that_restarts_finds_its_look_again(world: World) -> None:
    drive = await built(world)
    await due(drive)
    again = Drive(world, drive.body)
    await again.turn()
    assert len(world.executor.live) == 1
    world.executor.look("persistent", TOLD, changed=1)
    await again.turn()
    assert again.condition("Drifted")["status"] == "True"


async def test_a_change_of_the_spec_stops_the_look_and_runs_after_it(world: World) -> None:
    drive = await built(world)
    await due(drive)
    handle = world.executor.live["persistent"]
    layers = ONE_LAYER | {"persistent": {"config": {"strategyRepositories": ["other"]}}}
    await drive.put(changed(drive.body, layers=layers))
    assert world.executor.cancelled == [handle]
    assert world.executor.order[-1] == ("preview", "persistent"), "nothing beside the look"
    world.executor.stop("persistent")
    await drive.turn()
    assert world.executor.order[-1] == ("up", "persistent")
    world.executor.succeed("persistent", PERSISTENT)
    await drive.turn()
    assert drive.status["phase"] == "Ready"


async def test_a_deletion_stops_the_look_before_it_destroys(world: World) -> None:
    drive = await built(world, deletionPolicy="Everything")
    await due(drive)
    await drive.put(annotated(deleted(drive.body), confirm_destroy="dev"))
    assert len(world.executor.cancelled) == 1
    assert [order for order in world.executor.order if order[0] == "destroy"] == []
    world.executor.stop("persistent")
    await drive.turn(2)
    assert world.executor.order[-1] == ("destroy", "persistent")


async def test_what_drifted_is_put_back_looked_at_and_put_back_again_only_later(world: World) -> None:
    drive = await built(world, drift={"policy": "Correct"})
    await due(drive)
    world.executor.look("persistent", TOLD, changed=1)
    await drive.turn()
    assert world.executor.asked("persistent", Update).refresh
    assert "DriftCorrection" in [event.reason for event in world.cluster.events]
    world.executor.succeed("persistent", PERSISTENT)
    await drive.turn()
    assert world.executor.order[-1] == ("preview", "persistent"), "whether it helped is looked at"
    world.executor.look("persistent", TOLD, changed=1)
    await drive.turn()
    ups = [order for order in world.executor.order if order[0] == "up"]
    await drive.turn(5)
    assert [order for order in world.executor.order if order[0] == "up"] == ups, "no hot loop"
    world.clock.time += 600
    await drive.turn()
    assert world.executor.order[-1] == ("up", "persistent")
    assert drift(drive)["layers"][0]["corrections"] == 2


async def test_a_week_of_fighting_over_a_resource_costs_few_corrections(world: World) -> None:
    drive = await built(world, drift={"policy": "Correct", "schedule": "* * * * *"})
    for _ in range(7 * 24 * 6):
        world.clock.time += 600
        world.executor.ended_at = world.clock.time
        await drive.turn()
        while live := world.executor.live.get("persistent"):
            if isinstance(world.executor.started[live], DriftCheck):
                world.executor.look("persistent", TOLD, changed=1)
            else:
                world.executor.succeed("persistent", PERSISTENT)
            await drive.turn()
    corrections = [order for order in world.executor.order if order[0] == "up"]
    assert 20 < len(corrections) < 40


async def test_a_destructive_correction_waits_for_approval(world: World) -> None:
    drive = await built(world, drift={"policy": "Correct"}, approval="OnDestructive")
    await due(drive)
    world.executor.look("persistent", TOLD, changed=1)
    await drive.turn()
    looked = world.executor.asked("persistent", Plan)
    assert (looked.refresh, looked.keep_plan) == (True, True)
    world.executor.plan("persistent", "replaces aws:dynamodb/table:Table deployments with its data")
    await drive.turn(2)
    assert drive.status["phase"] == "WaitingForApproval"
    assert drive.condition("Drifted")["status"] == "True"
    await drive.put(annotated(drive.body, approve=drive.status["plan"]["digest"], approved_by="jane"))
    request = world.executor.asked("persistent", Update)
    assert (request.refresh, bool(request.plan)) == (True, True)


async def test_asking_for_a_look_gives_one(world: World) -> None:
    drive = await built(world)
    await drive.put(annotated(drive.body, drift="1"))
    assert world.executor.order[-1] == ("preview", "persistent")
    world.executor.look("persistent")
    await drive.turn(3)
    assert drift(drive)["layers"][0]["request"] == "1"
    assert len([order for order in world.executor.order if order[0] == "preview"]) == 1


async def test_layers_are_looked_at_one_after_the_other(world: World) -> None:
    drive = Drive(world, body(drift={}))
    await drive.build()
    await due(drive)
    seen = []
    while live := world.executor.live:
        (layer,) = live
        seen.append(layer)
        world.executor.look(layer)
        await drive.turn()
    assert sorted(seen) == ["compute", "edge", "foundation", "persistent"]
    assert drive.condition("Drifted")["status"] == "False"


async def test_until_every_layer_was_looked_at_nobody_says_that_all_is_well(world: World) -> None:
    drive = Drive(world, body(drift={}))
    await drive.build()
    await due(drive)
    (layer,) = world.executor.live
    world.executor.look(layer)
    await drive.turn()
    assert drive.condition("Drifted")["status"] == "Unknown"
    assert "nobody has looked at" in drive.condition("Drifted")["message"]


async def test_switched_off_nothing_is_known_of_drift(world: World) -> None:
    drive = await built(world)
    await due(drive)
    world.executor.look("persistent", TOLD, changed=1)
    await drive.turn()
    await drive.put(changed(drive.body, drift={"enabled": False}))
    assert "drift" not in drive.status
    assert "Drifted" not in [c["type"] for c in drive.status["conditions"]]


async def test_looks_are_told_to_the_metrics_as_runs_of_their_own(world: World) -> None:
    drive = await built(world)
    await due(drive)
    world.executor.look("persistent", TOLD, changed=1)
    await drive.turn()
    told = [(type(item).__name__, item.operation) for item in world.telemetry.happened]
    assert told[-2:] == [("RunBegan", "drift"), ("RunEnded", "drift")]
