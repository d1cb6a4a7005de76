"""Manual updates: an environment stays on its version, sees what another would change, and goes when told."""

from dataclasses import replace

import pytest

from tests.fakes.bodies import annotated, body, changed
from tests.fakes.drive import SETTINGS, Drive
from tests.fakes.world import World
from tradai_operator.model import Environment, InvalidResource
from tradai_operator.reconcile.loop import Loop
from tradai_runner.contract import Update

PINNED = {"update": "Manual", "version": "1"}


async def built() -> Drive:
    drive = Drive(World(), body(program=PINNED, approval="OnDestructive"))
    await drive.build()
    drive.world.executor.order.clear()
    return drive


async def upgraded(drive: Drive, version: str = "2") -> Drive:
    """The same with an operator of another version, which has looked for the images once."""
    drive.loop = Loop(drive.body, drive.world.ports, replace(SETTINGS, program_version=version))
    await drive.turn()
    drive.world.clock.time += 900
    await drive.turn()
    return drive


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ({"update": "Manual"}, "write the version to stay on"),
        ({"version": "1"}, "remove version, or set update: Manual"),
        ({"update": "Manual", "version": "one two"}, "write a version in quotation marks"),
    ],
)
def test_a_version_goes_with_a_manual_update_alone(program: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidResource, match=says):
        Environment.parse(body(program=program))


async def test_an_automatic_environment_runs_with_the_newer_program() -> None:
    drive = Drive(World(), body())
    await drive.build()
    await upgraded(drive)
    assert {"persistent", "foundation"} == set(drive.world.executor.live)


async def test_a_manual_one_stays_ready_while_the_newer_program_is_looked_at() -> None:
    drive = await upgraded(await built())
    assert {operation for operation, _ in drive.world.executor.order} == {"preview"}
    assert sorted(layer for _, layer in drive.world.executor.order) == ["compute", "edge", "foundation", "persistent"]
    assert drive.condition("Ready")["status"] == "True"
    assert drive.status["layersText"] == "4/4"
    assert "not previewed" in drive.condition("UpdateAvailable")["message"]
    for layer in ("persistent", "foundation", "compute"):
        drive.world.executor.plan(layer)
    drive.world.executor.plan("edge", update=2)
    await drive.turn(2)
    assert drive.condition("UpdateAvailable")["message"].startswith("1 → 2: 2 to update in edge; set spec.program")
    assert drive.condition("Ready")["status"] == "True"
    await drive.turn(3)
    assert len(drive.world.executor.order) == 4
    assert drive.condition("Stalled")["status"] == "False"


async def test_setting_the_version_applies_it_as_it_was_shown() -> None:
    drive = await upgraded(await built())
    for layer in ("persistent", "foundation", "compute"):
        drive.world.executor.plan(layer)
    drive.world.executor.plan("edge", update=2)
    await drive.turn()
    drive.world.executor.order.clear()
    await drive.put(changed(drive.body, program={"update": "Manual", "version": "2"}))
    assert set(drive.world.executor.order) == {("up", "persistent"), ("up", "foundation")}
    assert all(isinstance(request, Update) and request.plan for request in drive.world.executor.started.values())
    assert not [c for c in drive.status["conditions"] if c["type"] == "UpdateAvailable"]


async def test_what_the_newer_program_destroys_waits_for_approval_like_any_change() -> None:
    drive = await upgraded(await built())
    for layer in ("foundation", "compute", "edge"):
        drive.world.executor.plan(layer)
    drive.world.executor.plan("persistent", "deletes aws:ecr/repository:Repository momentum")
    await drive.turn()
    assert drive.condition("Ready")["status"] == "True"
    await drive.put(changed(drive.body, program={"update": "Manual", "version": "2"}))
    drive.world.executor.succeed("foundation", drive.status["outputs"]["foundation"])
    await drive.turn()
    assert drive.status["phase"] == "WaitingForApproval"


async def test_a_look_that_fails_is_told_and_not_repeated_until_somebody_asks() -> None:
    drive = await upgraded(await built())
    for layer in ("persistent", "foundation", "compute", "edge"):
        drive.world.executor.fail(layer, "Network")
    await drive.turn(2)
    drive.world.clock.time += 7200
    await drive.turn(3)
    assert len(drive.world.executor.order) == 4
    assert drive.condition("Ready")["status"] == "True"
    assert "persistent, foundation, compute, edge not previewed" in drive.condition("UpdateAvailable")["message"]
    await drive.put(annotated(drive.body, retry="1"))
    assert len(drive.world.executor.order) >= 5


async def test_a_changed_spec_waits_for_an_operator_of_the_version() -> None:
    drive = await upgraded(await built())
    for layer in ("persistent", "foundation", "compute", "edge"):
        drive.world.executor.plan(layer)
    await drive.turn()
    new = changed(drive.body, layers={"compute": {"config": {"skipAlb": True}}})
    await drive.put(new)
    assert ("up", "compute") not in drive.world.executor.order
    assert drive.status["phase"] == "Blocked"
    assert drive.condition("Ready")["status"] == "False"
    assert "spec.program.version is 1, but this operator can only build with 2" in drive.status["message"]
    await upgraded(drive, "1")
    for layer in list(drive.world.executor.live):
        drive.world.executor.plan(layer)
    await drive.turn()
    assert "compute" in drive.world.executor.live


async def test_the_old_operator_waits_for_the_newer_one() -> None:
    drive = await built()
    await drive.put(changed(drive.body, program={"update": "Manual", "version": "2"}))
    assert not drive.world.executor.order
    assert drive.status["phase"] == "Blocked"
    await upgraded(drive)
    assert set(drive.world.executor.live) == {"persistent", "foundation"}
