"""The place of a state bucket is part of the answer: another one is asked anew, before anything runs there."""

from collections.abc import Collection, Mapping
from typing import Any

from tests.fakes.bodies import body, changed
from tests.fakes.drive import SETTINGS, Drive
from tests.fakes.world import FakeStacks, World
from tests.unit.operator.test_adoption import standing
from tests.unit.operator.test_loop_allowlist import Bounded, aimed
from tradai_operator.model import EnvironmentStatus
from tradai_operator.reconcile.facts import StackSeen
from tradai_operator.reconcile.ports import Shelf

STRONG = {"approval": "Always", "deletionPolicy": "Retain"}
WEAK: dict[str, Any] = {"approval": "Never", "deletionPolicy": "All"}
SANDBOX = "http://127.0.0.1:2"


class TwoPlaces(FakeStacks):
    """A sandbox beside the real thing, in which there is nothing."""

    async def look(
        self, shelf: Shelf, projects: Mapping[str, str], states: Collection[str], known: Collection[str] = ()
    ) -> Mapping[str, StackSeen]:
        found = await super().look(shelf, projects, states, known)
        return dict.fromkeys(projects, StackSeen()) if shelf.endpoint_url == SANDBOX else found


async def asked_in_the_sandbox() -> Bounded:
    drive = Bounded(body(**WEAK, suspend=True, aws=aimed(endpointUrl=SANDBOX)))
    drive.world.stacks = TwoPlaces(drive.world.executor)
    drive.restart()
    standing(drive.world, STRONG)
    drive.permit(endpoints=["http://127.0.0.1:*"], ownIdentity=True, backends=["s3://*"])
    await drive.turn(3)
    assert drive.status["guards"]["kept"] == {}
    return drive


async def test_an_environment_that_is_aimed_elsewhere_is_held_to_the_guards_there() -> None:
    drive = await asked_in_the_sandbox()
    await drive.put(changed(drive.body, suspend=False, aws=aimed()))
    assert drive.status["guards"]["kept"] == {"approval": "Always", "deletionPolicy": "Retain"}
    assert {operation for operation, _ in drive.world.executor.order} == {"preview"}


async def test_nothing_runs_in_another_place_before_that_has_answered() -> None:
    drive = await asked_in_the_sandbox()
    drive.world.stacks.broken = True
    await drive.put(changed(drive.body, suspend=False, aws=aimed()))
    assert (drive.status["phase"], drive.world.executor.order) == ("Retrying", [])
    drive.world.stacks.broken = False
    drive.world.clock.time += 60
    await drive.turn()
    assert drive.status["guards"]["kept"] == {"approval": "Always", "deletionPolicy": "Retain"}


async def test_what_an_earlier_version_noted_of_guards_is_taken_for_the_place_of_now() -> None:
    drive = Drive(World(), body())
    await drive.build()
    del drive.body["status"]["guards"]["place"]
    looks = drive.world.stacks.looks
    drive.restart()
    await drive.turn(2)
    assert drive.world.stacks.looks == looks
    assert drive.status["guards"]["place"] == "s3://tradai-pulumi-state-dev"
    assert EnvironmentStatus.parse({"guards": {"kept": {}}}).guards is not None
    assert SETTINGS.endpoint_url
