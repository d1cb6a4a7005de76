"""A state that is gone, and a status that is: what stands is asked for before anything is destroyed or let go."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import Drive
from tests.fakes.world import World
from tradai_iac.failure import Failure
from tradai_operator.decide.facts import StackSeen
from tradai_operator.reconcile.estate import AGAIN_SECONDS
from tradai_runner.contract import Owner

OWNER = Owner(cluster="c-1", resource="tradai/dev", uid="uid-1")
GONE = Failure(kind="StateGone", error="the state of this stack is gone", hint="tradai state restore", state="absent")
LAYERS = ("persistent", "foundation", "compute", "edge")


async def built(**spec: Any) -> Drive:
    drive = Drive(World(), body(**spec))
    await drive.build()
    return drive


def lose(drive: Drive, *layers: str) -> None:
    drive.world.stacks.found |= {name: StackSeen(failure=GONE, digest="absent", owner=OWNER) for name in layers}


def put_back(drive: Drive, *layers: str) -> None:
    drive.world.stacks.found |= {name: StackSeen(stands=True, digest="new", owner=OWNER) for name in layers}


def held(drive: Drive) -> bool:
    return drive.uid in drive.world.cluster.objects


@pytest.mark.parametrize("policy", ["Retain", "Soft", "All"])
@pytest.mark.parametrize("approval", ["Never", "OnDestructive"])
async def test_a_deletion_that_meets_a_lost_state_destroys_and_releases_nothing(policy: str, approval: str) -> None:
    drive = await built(deletionPolicy=policy, approval=approval)
    before = len(drive.world.executor.order)
    lose(drive, "edge")
    await drive.put(deleted(drive.body))
    assert held(drive) and len(drive.world.executor.order) == before
    assert drive.status["phase"] == "DeleteFailed"
    assert drive.condition("Stalled")["reason"] == "StateGone"
    for way in ("edge", "tradai state restore", "tradai.io/abandon=dev"):
        assert way in drive.status["message"]
    writes = len(drive.world.cluster.statuses)
    await drive.turn(3)
    assert len(drive.world.cluster.statuses) == writes, "who waits writes nothing"


async def test_it_goes_on_by_itself_once_the_state_is_there_again() -> None:
    drive = await built()
    lose(drive, "edge")
    await drive.put(deleted(drive.body))
    wake = await drive.turn()
    put_back(drive, "edge")
    await drive.turn()
    assert not drive.world.executor.live, "the bucket is not asked at every turn"
    assert wake is not None
    drive.world.clock.time = wake
    await drive.turn()
    assert set(drive.world.executor.live) == {"edge"}


async def test_abandoning_lets_it_go_with_a_record_of_what_stands() -> None:
    drive = await built()
    lose(drive, *LAYERS)
    await drive.put(annotated(deleted(drive.body), abandon="dev"))
    assert not held(drive)
    assert drive.world.cluster.records["tradai-system", "tradai-survivors-uid-1"]["layers"] == ", ".join(LAYERS)


@pytest.mark.parametrize("kind", ["StateGone", "StateDamaged"])
async def test_a_layer_whose_state_is_unfit_is_tried_again_when_the_state_is_another_and_not_before(kind: str) -> None:
    drive = await built()
    await drive.put(changed(drive.body, layers={"persistent": {"config": {"strategyRepositories": ["momentum"]}}}))
    drive.world.executor.fail("persistent", kind, "the state is not there")
    await drive.turn()
    before = len(drive.world.executor.order)
    assert drive.status["phase"] == "Failed"
    assert drive.layer("persistent")["failure"]["state"] == "spoiled"
    for _ in range(100):
        drive.world.clock.time += 3600
        await drive.turn()
    assert len(drive.world.executor.order) == before
    put_back(drive, "persistent")
    drive.world.clock.time += AGAIN_SECONDS
    await drive.turn()
    assert len(drive.world.executor.order) == before + 1
    drive.world.executor.succeed("persistent", {"ecr_repository_arns": {"backend": "arn:1"}})
    await drive.turn()
    assert "failure" not in drive.layer("persistent")


async def test_a_bucket_that_does_not_answer_wakes_nobody() -> None:
    drive = await built()
    await drive.put(changed(drive.body, layers={"persistent": {"config": {"strategyRepositories": ["momentum"]}}}))
    drive.world.executor.fail("persistent", "StateGone")
    drive.world.stacks.broken = True
    before = len(drive.world.executor.order)
    for _ in range(5):
        drive.world.clock.time += 3600
        await drive.turn()
    assert len(drive.world.executor.order) == before


async def test_a_run_is_told_that_its_stack_stood_and_a_first_one_is_not() -> None:
    drive = Drive(World(), body())
    await drive.turn(2)
    assert {request.stood for request in drive.world.executor.started.values()} == {False}
    drive = await built()
    await drive.put(deleted(drive.body))
    assert {request.stood for request in drive.world.executor.started.values()} == {True}


def forgotten(drive: Drive) -> Drive:
    """The same resource under deletion, restored from a backup without its status."""
    gone = deleted(drive.body)
    gone["status"] = {}
    drive.world.cluster.objects[drive.uid] = gone
    return Drive(drive.world, gone)


async def test_an_empty_status_asks_the_bucket_and_what_stands_is_destroyed_in_order() -> None:
    drive = forgotten(await built())
    first = len(drive.world.executor.order)
    for layer in ("edge", "compute", "foundation"):
        await drive.turn()
        assert set(drive.world.executor.live) == {layer}
        drive.world.executor.succeed(layer)
    await drive.turn()
    assert not held(drive)
    assert drive.world.executor.order[first:] == [("destroy", name) for name in ("edge", "compute", "foundation")]
    assert drive.world.cluster.records["tradai-system", "tradai-survivors-uid-1"]["layers"] == "persistent"


@pytest.mark.parametrize("spoil", [{"broken": True}, {"no_bucket": True}], ids=["no answer", "no bucket"])
async def test_an_empty_status_and_a_bucket_that_does_not_answer_let_nothing_go(spoil: dict[str, bool]) -> None:
    drive = forgotten(await built())
    for name, value in spoil.items():
        setattr(drive.world.stacks, name, value)
    await drive.turn(3)
    assert held(drive) and not drive.world.executor.live
    assert drive.condition("Stalled")["reason"] == "StacksUnknown"
    assert "tradai.io/abandon=dev" in drive.status["message"]


async def test_a_resource_that_never_began_anything_goes_where_the_bucket_has_nothing() -> None:
    for no_bucket in (False, True):
        drive = Drive(World(), body())
        drive.world.stacks.no_bucket = no_bucket
        drive.world.cluster.objects[drive.uid] = deleted(drive.body)
        await drive.turn()
        assert not held(drive), no_bucket
        assert not drive.world.cluster.records


async def test_an_environment_whose_layers_were_all_destroyed_goes_without_asking_again() -> None:
    drive = await built(deletionPolicy="Everything")
    await drive.put(annotated(deleted(drive.body), confirm_destroy="dev"))
    while held(drive):
        live = list(drive.world.executor.live)
        assert live, drive.status["message"]
        for layer in live:
            drive.world.executor.succeed(layer)
        await drive.turn()
    assert {operation for operation, _ in drive.world.executor.order[4:]} == {"destroy"}
    assert not drive.world.cluster.records


async def test_what_belongs_to_another_is_left_alone_and_holds_nobody() -> None:
    drive = Drive(World(), body())
    other = replace(StackSeen(stands=True, digest="x"), owner=OWNER.model_copy(update={"cluster": "c-2", "uid": "u"}))
    lost = replace(other, stands=False, failure=GONE)
    drive.world.stacks.found = {"persistent": other, "foundation": lost}
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert not held(drive)
    assert drive.world.executor.order == []


async def test_what_stands_by_hand_is_recorded_and_not_destroyed() -> None:
    drive = Drive(World(), body())
    drive.world.stacks.found = {"persistent": StackSeen(stands=True, digest="x")}
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert not held(drive) and drive.world.executor.order == []
    assert drive.world.cluster.records["tradai-system", "tradai-survivors-uid-1"]["layers"] == "persistent"


async def test_an_invalid_resource_that_began_something_is_not_let_go_for_its_empty_status() -> None:
    drive = await built()
    bad = changed(drive.body, layers={"compute": {"config": {"nonsense": 1}}})
    drive.world.cluster.secrets["tradai-system", "tradai-capsule-uid-1"]["spec"] = json.dumps(bad["spec"])
    gone = deleted(bad)
    gone["status"] = {}
    drive.world.cluster.objects[drive.uid] = gone
    await Drive(drive.world, gone).turn(2)
    assert held(drive)
