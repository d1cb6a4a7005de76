"""What metrics and logs are told of a life: each run's beginning and end once, and what an environment waits for."""

import asyncio
from typing import get_args

import pytest

from tests.fakes.bodies import annotated, body, deleted
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.world import World
from tradai_operator.model import EnvironmentStatus, LayerFailure, LayerStatus
from tradai_operator.model.status import Phase
from tradai_operator.ports import ClusterError
from tradai_operator.status.happenings import MOVING, REASONS, RunBegan, RunEnded, happenings, waits_for


@pytest.fixture
def drive() -> Drive:
    return Drive(World(), body())


def ended(drive: Drive) -> list[tuple[str, str, str, str | None]]:
    happened = drive.world.telemetry.happened
    return [(x.layer, x.operation, x.outcome, x.failure) for x in happened if isinstance(x, RunEnded)]


def began(drive: Drive) -> list[tuple[str, str]]:
    return [(x.layer, x.operation) for x in drive.world.telemetry.happened if isinstance(x, RunBegan)]


async def test_a_build_tells_each_run_once_however_often_the_loop_turns(drive: Drive) -> None:
    await drive.build()
    await drive.turn(3)
    layers = ["foundation", "persistent", "compute", "edge"]
    assert sorted(began(drive)) == sorted((layer, "up") for layer in layers)
    assert sorted(ended(drive)) == sorted((layer, "up", "succeeded", None) for layer in layers)
    assert drive.world.telemetry.standing[drive.uid].phase == "Ready"


async def test_a_failure_has_its_class_and_a_duration(drive: Drive) -> None:
    await drive.turn()
    drive.world.executor.fail("persistent", "Throttled")
    drive.world.clock.time += 1
    await drive.turn()
    assert ended(drive) == [("persistent", "up", "failed", "Throttled")]
    (told,) = (x for x in drive.world.telemetry.happened if isinstance(x, RunEnded))
    assert (told.seconds, told.request_id) == (1.0, "req-12345")


async def test_a_lost_run_and_a_cancelled_one_end_too(drive: Drive) -> None:
    await drive.turn()
    await drive.put(annotated(drive.body, cancel=drive.layer("foundation")["run"]["id"]))
    drive.world.executor.stop("foundation")
    drive.world.executor.lose("persistent")
    await drive.turn()
    assert sorted(ended(drive), key=str) == [
        ("foundation", "up", "cancelled", None),
        ("persistent", "up", "failed", "Lost"),
    ]


async def test_a_run_that_ends_and_begins_anew_in_one_turn_is_told_as_both(drive: Drive) -> None:
    await drive.turn()
    drive.world.executor.fail("persistent", "Program")
    drive.world.cluster.objects[drive.uid] = annotated(drive.body, retry="now")
    await drive.turn()
    assert ended(drive) == [("persistent", "up", "failed", "Program")]
    assert began(drive)[2:] == [("persistent", "up")]


async def test_what_could_not_be_written_is_told_only_when_it_is(drive: Drive) -> None:
    await drive.turn()
    drive.world.executor.fail("persistent", "Program")
    drive.world.cluster.broken = True
    with pytest.raises(ClusterError):
        await drive.turn()
    assert ended(drive) == []
    drive.world.cluster.broken = False
    await drive.turn()
    assert len(ended(drive)) == 1


async def test_destroys_are_told_as_such(drive: Drive) -> None:
    await drive.build()
    await drive.put(deleted(drive.body))
    drive.world.executor.succeed("edge")
    await drive.turn()
    assert ended(drive)[4:] == [("edge", "destroy", "succeeded", None)]


async def test_turns_are_told_with_how_they_ended(drive: Drive) -> None:
    drive.world.cluster.broken = True
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(drive.loop.run(), 0.1)
    assert drive.world.telemetry.turns == ["ClusterError"]
    drive.world.cluster.broken = False
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(drive.loop.run(), 0.1)
    assert drive.world.telemetry.turns == ["ClusterError", "done"]
    assert drive.world.telemetry.decisions == 1


def test_an_operator_that_starts_anew_tells_nothing_of_what_was() -> None:
    layer = LayerStatus.model_validate({"name": "edge", "state": "Ready", "operation": "up"})
    status = EnvironmentStatus(layers=(layer,))
    assert happenings(status, status) == ()


def test_every_phase_either_moves_or_waits_for_something() -> None:
    phases = set(get_args(Phase))
    assert set(REASONS) | MOVING == phases
    assert not set(REASONS) & MOVING


@pytest.mark.parametrize(("kind", "reason"), [("Lock", "lock"), ("Throttled", "retry")])
def test_a_held_lock_is_told_from_other_retries(kind: str, reason: str) -> None:
    failure = LayerFailure.model_validate({"kind": kind})
    layer = LayerStatus(name="edge", state="Failed", failure=failure)
    assert waits_for(EnvironmentStatus(phase="Retrying", layers=(layer,))) == reason


async def test_a_whole_life_keeps_to_the_layers_that_exist(drive: Drive) -> None:
    await drive.turn()
    drive.world.executor.succeed("persistent", PERSISTENT)
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.turn()
    assert {layer for layer, _ in began(drive)} == {"persistent", "foundation", "compute"}
