"""Which images count as deployed: those of the last success, whatever was previewed or tried since."""

from typing import Any, Final

from tests.fakes.bodies import annotated, body
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.world import World
from tradai_operator.decide.images import SLOW_SECONDS
from tradai_operator.model import EnvironmentStatus
from tradai_runner.contract import DriftCheck

OLD: Final = "sha256:backend-0"
NEW: Final = "sha256:backend-1"


async def previewed(**spec: Any) -> Drive:
    """Everything stands; then another image was pushed and previewed, and nobody has approved it."""
    drive = Drive(World(), body(approval="OnDestructive", **spec))
    await drive.turn(2)
    for layer, outputs in (("persistent", PERSISTENT), ("foundation", FOUNDATION)):
        drive.world.executor.succeed(layer, outputs)
    await drive.turn()
    for layer in ("compute", "edge"):
        drive.world.executor.succeed(layer)
        await drive.turn()
    assert drive.status["phase"] == "Ready"
    await pushed(drive, 1)
    drive.world.executor.plan("compute", "replaces aws:lambda/function:Function backend")
    await drive.turn()
    assert drive.status["phase"] == "WaitingForApproval"
    return drive


async def pushed(drive: Drive, number: int) -> None:
    drive.world.images.pushed["backend"] = number
    drive.world.clock.time += 2 * SLOW_SECONDS
    drive.world.executor.ended_at = drive.world.clock.time
    await drive.turn()


async def test_a_preview_deploys_nothing() -> None:
    drive = await previewed()
    assert drive.layer("compute")["images"]["backend"] == OLD
    assert drive.layer("compute")["attemptedImages"]["backend"] == NEW


async def test_an_operator_that_restarts_does_not_take_what_waits_for_done() -> None:
    drive = await previewed()
    drive.restart()
    await drive.turn()
    assert drive.status["phase"] == "WaitingForApproval"
    assert drive.status["plan"]["digest"]


async def test_an_image_that_is_put_back_ends_the_question_and_drift_is_looked_for_with_what_is_deployed() -> None:
    drive = await previewed(drift={})
    await pushed(drive, 0)
    assert drive.status["phase"] == "Ready"
    assert drive.layer("compute")["images"]["backend"] == OLD
    while (look := _look_at_compute(drive)) is None:
        for layer in list(drive.world.executor.live):
            drive.world.executor.look(layer)
        drive.world.clock.time += 3600
        drive.world.executor.ended_at = drive.world.clock.time
        await drive.turn()
    assert look.images["backend"] == OLD


async def test_what_was_approved_and_went_well_is_deployed() -> None:
    drive = await previewed()
    await drive.put(annotated(drive.body, approve=drive.status["plan"]["digest"], approved_by="jane"))
    assert drive.layer("compute")["images"]["backend"] == OLD, "it runs, and has not gone well yet"
    drive.world.executor.succeed("compute")
    await drive.turn()
    assert drive.layer("compute")["images"]["backend"] == NEW
    assert "attemptedImages" not in drive.layer("compute")


def test_a_status_of_before_has_the_images_of_its_last_run_and_they_are_taken_for_deployed() -> None:
    layer = {"name": "compute", "state": "Ready", "operation": "up", "images": {"backend": OLD}}
    stored = EnvironmentStatus.parse({"layers": [layer]}).layer("compute")
    assert stored.images == stored.latest_images == {"backend": OLD}


def _look_at_compute(drive: Drive) -> DriftCheck | None:
    handle = drive.world.executor.live.get("compute")
    asked = drive.world.executor.started[handle] if handle else None
    return asked if isinstance(asked, DriftCheck) else None
