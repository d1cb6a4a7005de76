"""The place of a state bucket is part of the answer: another one is asked anew, before anything runs there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.fakes.bodies import body, changed, deleted
from tests.fakes.drive import SETTINGS, Drive
from tests.fakes.world import FakeStacks, World
from tests.unit.operator.guarded import BEFORE, guards
from tests.unit.operator.test_adoption import LAYERS, standing
from tests.unit.operator.test_loop_allowlist import Bounded, aimed
from tradai_operator.decide.facts import StackSeen
from tradai_operator.decide.settings import Settings
from tradai_operator.model import EnvironmentStatus
from tradai_operator.ports import NoBucketError, Shelf

STRONG = {"approval": "Always", "deletionPolicy": "Retain"}
WEAK: dict[str, Any] = {"approval": "Never", "deletionPolicy": "All"}
SANDBOX = "http://127.0.0.1:2"
HERE = f"s3://tradai-pulumi-state-dev {SETTINGS.endpoint_url}"


@dataclass
class TwoPlaces(FakeStacks):
    """A sandbox beside the real thing, in which there is nothing but `there`; `bare`: not even the bucket."""

    bare: bool = False
    there: dict[str, StackSeen] = field(default_factory=dict)

    async def look(
        self, shelf: Shelf, projects: Mapping[str, str], states: Collection[str], known: Collection[str] = ()
    ) -> Mapping[str, StackSeen]:
        if self.bare and shelf.endpoint_url == SANDBOX:
            raise NoBucketError("s3://tradai-pulumi-state-dev: NoSuchBucket")
        found = await super().look(shelf, projects, states, known)
        beside = {layer: self.there.get(layer, StackSeen()) for layer in projects}
        return beside if shelf.endpoint_url == SANDBOX else found


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
    assert drive.status["guards"]["place"] == HERE
    assert EnvironmentStatus.parse({"guards": {"kept": {}}}).guards is not None


async def test_so_is_what_it_noted_without_the_endpoint_of_the_operator() -> None:
    drive = Drive(World(), body())
    await drive.build()
    drive.body["status"]["guards"]["place"] = "s3://tradai-pulumi-state-dev"
    looks = drive.world.stacks.looks
    drive.restart()
    await drive.turn(2)
    assert (drive.world.stacks.looks, drive.status["guards"]["place"]) == (looks, HERE)


def by_way_of(endpoint: str | None) -> Settings:
    """An operator to which AWS answers there, for all that names no endpoint."""
    return replace(SETTINGS, endpoint_url=endpoint)


async def test_an_operator_with_another_endpoint_of_its_own_is_held_to_the_guards_there() -> None:
    drive = Bounded(body(**WEAK, suspend=True))
    drive.permit(backends=["s3://*"], ownIdentity=True)
    drive.world.stacks = TwoPlaces(drive.world.executor)
    standing(drive.world, STRONG)
    drive.restart(by_way_of(SANDBOX))
    await drive.turn(3)
    assert drive.status["guards"]["kept"] == {}
    drive.restart(by_way_of(None))
    await drive.put(changed(drive.body, suspend=False))
    assert drive.status["guards"]["kept"] == {"approval": "Always", "deletionPolicy": "Retain"}
    assert {operation for operation, _ in drive.world.executor.order} == {"preview"}


async def half_built(*, bare: bool = False) -> Drive:
    """Something of its first layer may stand, and an operator comes to whom another AWS answers, with nothing in it."""
    drive = Drive(World(), body())
    drive.world.stacks = TwoPlaces(drive.world.executor, bare=bare)
    drive.restart()
    await drive.turn(2)
    for layer in list(drive.world.executor.live):
        drive.world.executor.fail(layer, "Provider")
    await drive.turn()
    drive.world.clock.time += 3600
    drive.restart(by_way_of(SANDBOX))
    return drive


@pytest.mark.parametrize("policy", ["All", "Retain"])
@pytest.mark.parametrize("bare", [False, True], ids=["an empty bucket", "no bucket"])
async def test_what_is_not_found_at_another_endpoint_is_not_taken_for_gone(policy: str, bare: bool) -> None:
    drive = await half_built(bare=bare)
    runs = list(drive.world.executor.order)
    drive.world.cluster.objects[drive.uid] = deleted(changed(drive.body, deletionPolicy=policy))
    await drive.turn(2)
    assert drive.world.executor.order == runs, "a destroy that finds nothing there would call all of it gone"
    assert (drive.status["phase"], drive.uid in drive.world.cluster.objects) == ("DeleteRetrying", True)
    for said in ("persistent, foundation", HERE, SANDBOX, "tradai.io/abandon=dev"):
        assert said in drive.status["message"]
    drive.world.clock.time += 60
    drive.restart()
    await drive.turn()
    assert drive.world.executor.order[len(runs) :] or drive.uid not in drive.world.cluster.objects


@pytest.mark.parametrize("bare", [False, True], ids=["an empty bucket", "no bucket"])
async def test_nothing_is_built_at_another_endpoint_beside_what_may_stand(bare: bool) -> None:
    drive = await half_built(bare=bare)
    runs = list(drive.world.executor.order)
    await drive.turn(2)
    assert (drive.status["phase"], drive.world.executor.order) == ("Retrying", runs)
    assert f"at {HERE}" in drive.status["message"]


@pytest.mark.parametrize("going", [False, True], ids=["alive", "under deletion"])
async def test_what_one_of_its_name_has_left_at_another_endpoint_is_no_mark_of_its_own_runs(going: bool) -> None:
    drive = Drive(World(), body())
    stacks = drive.world.stacks = TwoPlaces(drive.world.executor)
    stacks.there = dict.fromkeys(LAYERS, StackSeen(BEFORE.model_copy(update={"guards": guards(**WEAK)}), stands=True))
    drive.restart()
    await drive.build()
    runs = list(drive.world.executor.order)
    if going:
        drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    drive.restart(by_way_of(SANDBOX))
    await drive.turn(2)
    assert drive.world.executor.order == runs, "a destroy there would leave all that stands here, and nobody knew"
    assert drive.status["phase"] == ("DeleteRetrying" if going else "Retrying")
    assert f"persistent, foundation, compute, edge at {HERE}" in drive.status["message"]


async def test_what_was_adopted_and_never_run_is_known_by_its_name() -> None:
    drive = Drive(World(), body(**WEAK, suspend=True))
    standing(drive.world, WEAK)
    await drive.turn(2)
    drive.restart(by_way_of("https://vpce-1.s3.eu-central-1.vpce.amazonaws.com"))
    await drive.turn(2)
    assert drive.status["phase"] == "Suspended"


async def test_the_same_bucket_behind_another_endpoint_is_known_by_its_marks() -> None:
    drive = Drive(World(), body())
    await drive.build()
    looks, runs = drive.world.stacks.looks, list(drive.world.executor.order)
    drive.restart(by_way_of("https://vpce-1.s3.eu-central-1.vpce.amazonaws.com"))
    await drive.turn(3)
    assert (drive.status["phase"], drive.world.executor.order) == ("Ready", runs)
    assert drive.world.stacks.looks == looks + 2, "once for what stands, once to note the guards there"
    assert drive.status["guards"]["place"].endswith(" https://vpce-1.s3.eu-central-1.vpce.amazonaws.com")
