"""A start that comes to nothing is that layer's own failure with its own words, and no death of a run."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.fakes.bodies import body
from tests.fakes.drive import PERSISTENT, Drive
from tests.fakes.world import World
from tradai_operator.decide.drift import SPREAD_SECONDS
from tradai_operator.ports import Observation
from tradai_operator.status.outcomes import not_started
from tradai_runner.contract import RunRequest

ONE_LAYER = {name: {"enabled": False} for name in ("foundation", "compute", "edge")}
CAPACITY = "could not run a task: RESOURCE:MEMORY; Capacity is unavailable at this time"


@pytest.fixture
def drive() -> Drive:
    return Drive(World(), body())


def refuse(drive: Drive, monkeypatch: pytest.MonkeyPatch, layer: str = "persistent", error: str = CAPACITY) -> None:
    """The host takes no run of that layer."""
    start = drive.world.executor.start

    async def refusing(handle: str, request: RunRequest, passphrase: str, secrets: Mapping[str, str]) -> None:
        if request.layer == layer:
            raise OSError(error)
        await start(handle, request, passphrase, secrets)

    monkeypatch.setattr(drive.world.executor, "start", refusing)


async def test_a_refused_start_is_told_at_once_and_keeps_no_other_layer_from_its_own(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(drive, monkeypatch)
    await drive.turn(2)
    layer = drive.layer("persistent")
    assert layer["state"] == "Failed"
    assert layer["failure"]["kind"] == "NotStarted"
    assert CAPACITY in layer["failure"]["error"]
    assert "killed" not in layer["failure"]["hint"]
    assert layer["attempts"] == 1
    assert "run" not in layer
    assert layer["nextRetryAt"]
    assert drive.layer("foundation")["state"] == "Running"
    assert "turn failed" not in drive.world.telemetry.turns


async def test_it_is_tried_again_and_goes_on_where_the_host_takes_it(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(drive, monkeypatch)
    await drive.turn(2)
    monkeypatch.undo()
    drive.world.clock.time += 6
    await drive.turn(2)
    assert drive.layer("persistent")["state"] == "Running"
    assert list(drive.world.executor.live) == ["foundation", "persistent"]


async def test_a_refused_look_for_drift_is_no_failure_of_the_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    drive = Drive(World(), body(layers=ONE_LAYER, drift={}))
    await drive.turn()
    drive.world.executor.succeed("persistent", PERSISTENT)
    await drive.turn()
    refuse(drive, monkeypatch)
    drive.world.clock.time += 6 * 3600 + SPREAD_SECONDS
    await drive.turn()
    (look,) = drive.status["drift"]["layers"]
    assert look["kind"] == "NotStarted"
    assert CAPACITY in look["message"]
    assert drive.layer("persistent")["state"] == "Ready"


@pytest.mark.parametrize(
    ("why", "kind"), [(None, "Lost"), (not_started("its image could not be pulled"), "NotStarted")]
)
async def test_what_is_known_of_a_run_that_is_gone_is_told(drive: Drive, why: Any, kind: str) -> None:
    await drive.turn(2)
    handle = drive.world.executor.live["persistent"]
    drive.world.executor.observations[handle] = Observation(lost=True, why=why)
    await drive.turn()
    assert drive.layer("persistent")["failure"]["kind"] == kind
