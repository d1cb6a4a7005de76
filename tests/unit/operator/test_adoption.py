"""A resource that comes to stacks which stand already: no guard is lowered, nothing is left behind or destroyed."""

from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import SETTINGS, Drive
from tests.fakes.world import World
from tests.integration.guard_table import EPHEMERAL, IN_FORCE, Row
from tests.unit.operator.guarded import BEFORE, NOW, guards
from tradai_operator.decide.facts import StackSeen
from tradai_operator.model import Environment
from tradai_operator.reconcile.loop import Loop
from tradai_runner.contract import Owner, TeardownPlan

LAYERS = ("persistent", "foundation", "compute", "edge")


def standing(world: World, spec: dict[str, Any], owner: Owner = BEFORE) -> None:
    """Everything stands in AWS, as another resource of the name has left it."""
    marker = owner.model_copy(update={"guards": guards(**spec)})
    world.stacks.found = {layer: StackSeen(marker, stands=True) for layer in LAYERS}


async def test_a_resource_made_again_with_weaker_guards_destroys_nothing_by_being_deleted() -> None:
    world = World()
    standing(world, {"approval": "OnDestructive", "deletionPolicy": "Soft"})
    drive = Drive(world, body(approval="Never", deletionPolicy="Everything"))
    await drive.turn(2)
    assert drive.condition("GuardsKept")["status"] == "True"
    assert (
        "and these stay in force: deletionPolicy Soft, approval OnDestructive. An approver"
        in drive.condition("GuardsKept")["message"]
    )
    assert {operation for operation, _ in world.executor.order} == {"preview"}, "no update that nobody has seen"
    for layer in list(world.executor.live):
        world.executor.plan(layer)
    world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn(2)
    destroys = [layer for operation, layer in world.executor.order if operation == "destroy"]
    assert destroys == []
    asked = world.executor.started.values()
    assert {request.layer for request in asked if isinstance(request, TeardownPlan)} == {"compute", "edge"}


async def test_a_ttl_that_was_not_there_before_ends_nothing() -> None:
    world = World()
    standing(world, EPHEMERAL)
    drive = Drive(world, body(approval="Never", **EPHEMERAL, ttl="1m"))
    world.clock.time += 3600
    await drive.turn(2)
    assert world.cluster.deletions == []
    assert drive.condition("GuardsKept")["status"] == "True"


async def test_a_spec_whose_guards_are_not_in_force_is_not_ready_until_an_approver_permits_just_that() -> None:
    world = World()
    standing(world, {"deletionPolicy": "Retain", "approval": "Never"})
    world.stacks.found = {"persistent": world.stacks.found["persistent"]}
    drive = Drive(world, body(approval="Never", deletionPolicy="All"))
    await build(drive)
    assert (drive.status["phase"], drive.condition("Ready")["status"]) == ("WaitingForApproval", "False")
    assert "with the annotation tradai.io/lower-guards=deletionPolicy=All" in drive.status["message"]
    await drive.put(annotated(drive.body, lower_guards="deletionPolicy=All"))
    assert drive.status["phase"] == "Ready"
    assert "GuardsKept" not in {condition["type"] for condition in drive.status["conditions"]}
    del drive.body["metadata"]["annotations"]
    await drive.turn()
    assert drive.status["phase"] == "Ready", "what was permitted stays permitted"


async def build(drive: Drive) -> None:
    """All the way, whatever is asked for on it."""
    for _ in range(9):
        await drive.turn()
        for layer in list(drive.world.executor.live):
            outputs: dict[str, Any] = {"persistent": {"ecr_repository_arns": {"b": "1"}}, "foundation": {"vpc_id": "v"}}
            drive.world.executor.succeed(layer, outputs.get(layer, {}))


async def test_a_spec_that_asks_for_no_less_any_more_is_held_to_nothing() -> None:
    world = World()
    standing(world, {"deletionPolicy": "Soft", "approval": "Never"})
    drive = Drive(world, body(approval="Never", deletionPolicy="All"))
    await drive.turn(2)
    await drive.put(changed(drive.body, deletionPolicy="Retain"))
    assert drive.status["guards"]["kept"] == {}
    await drive.put(changed(drive.body, deletionPolicy="Soft"))  # an approver's change, as the API server knows it
    assert drive.status["guards"]["kept"] == {}


@pytest.mark.parametrize("policy", ["Never", "OnDestructive"])
async def test_a_deletion_takes_also_what_the_new_resource_has_not_run_yet(policy: str) -> None:
    world = World()
    standing(world, {"approval": policy, "deletionPolicy": "All"})
    drive = Drive(world, deleted(body(approval=policy, deletionPolicy="All")))
    await drive.turn()
    wanted = {"edge"} if policy == "Never" else {"edge", "compute", "foundation"}
    assert {request.layer for request in world.executor.started.values()} == wanted
    assert drive.uid in world.cluster.objects


async def test_what_survives_is_recorded_though_the_resource_never_ran_it() -> None:
    world = World()
    standing(world, {"deletionPolicy": "Retain"})
    drive = Drive(world, deleted(body(deletionPolicy="Retain")))
    await drive.turn()
    assert drive.uid not in world.cluster.objects
    (record,) = world.cluster.records.values()
    assert set(record["layers"].split(", ")) == set(LAYERS)


async def test_while_the_bucket_does_not_tell_nothing_runs_and_nothing_is_released() -> None:
    world = World()
    world.stacks.broken = True
    drive = Drive(world, body())
    await drive.turn(2)
    assert (drive.status["phase"], world.executor.order) == ("Retrying", [])
    assert "AccessDenied" in drive.status["message"]
    looks = world.stacks.looks
    await drive.turn(3)
    assert world.stacks.looks == looks, "it is not asked in every turn"
    world.cluster.objects[drive.uid] = deleted(drive.body)
    world.clock.time += 60
    await drive.turn()
    assert (drive.status["phase"], drive.uid in world.cluster.objects) == ("DeleteRetrying", True)
    assert "tradai.io/abandon=dev" in drive.status["message"]
    world.stacks.broken = False
    world.clock.time += 60
    await drive.turn()
    assert drive.uid not in world.cluster.objects


async def test_abandoning_asks_no_bucket() -> None:
    world = World()
    world.stacks.broken = True
    drive = Drive(world, annotated(deleted(body()), abandon="dev"))
    await drive.turn()
    assert drive.uid not in world.cluster.objects


async def test_an_empty_status_of_the_same_resource_is_filled_by_what_the_bucket_has() -> None:
    world = World()
    standing(world, {"deletionPolicy": "All", "approval": "Never"}, NOW)
    drive = Drive(world, deleted(body(approval="Never", deletionPolicy="All")))
    await drive.turn()
    assert world.executor.order == [("destroy", "edge")]
    assert drive.status["guards"]["kept"] == {}


async def test_guards_that_are_kept_outlive_the_status_and_every_later_look() -> None:
    world = World()
    standing(world, {"deletionPolicy": "Soft", "approval": "Always"})
    drive = Drive(world, annotated(body(approval="Never", deletionPolicy="All"), handover="uid-0"))
    await drive.turn(2)
    kept = {"deletionPolicy": "Soft", "approval": "Always"}
    marker = NOW.model_copy(update={"guards": guards(**kept)})
    world.stacks.found = {layer: StackSeen(marker, stands=True) for layer in LAYERS}  # as its own runs mark them
    del drive.body["metadata"]["annotations"]
    await drive.turn()
    assert drive.status["guards"]["kept"] == kept
    drive.body["status"] = {}
    drive.loop = Loop(drive.body, world.ports, SETTINGS)
    await drive.turn(2)
    assert drive.status["guards"]["kept"] == kept


async def test_a_marker_of_a_version_before_binds_its_own_resource_to_nothing_new() -> None:
    world = World()
    world.stacks.found = {layer: StackSeen(NOW, stands=True) for layer in LAYERS}
    drive = Drive(world, body(approval="Never", deletionPolicy="Everything"))
    await drive.turn(2)
    assert drive.status["guards"]["kept"] == {}


async def test_a_guard_that_is_raised_without_a_run_is_in_the_markers_before_the_resource_goes() -> None:
    world = World()
    drive = Drive(world, body(approval="Never", deletionPolicy="All"))
    await drive.build()
    world.stacks.found = {
        layer: StackSeen(request.owner, stands=True) for layer in LAYERS for request in [owner_request(drive)]
    }
    assert world.stacks.marks == []
    await drive.put(changed(drive.body, deletionPolicy="Retain"))
    assert {mark.guards["deletionPolicy"] for mark in world.stacks.marks if mark.guards} == {"Retain"}
    assert len(world.stacks.marks) == len(LAYERS)
    world.stacks.broken = True
    await drive.put(changed(drive.body, approval="Always"))
    world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert drive.uid in world.cluster.objects, "nothing is released whose guards would be forgotten"
    world.stacks.broken = False
    world.clock.time += 60
    await drive.turn()
    assert drive.uid not in world.cluster.objects
    again = Drive(world, body(uid="uid-2", approval="Never", deletionPolicy="All"))
    await again.turn(2)
    assert again.status["guards"]["kept"] == {"deletionPolicy": "Retain", "approval": "Always"}


def owner_request(drive: Drive) -> Any:
    """A request as the operator makes it, for its owner."""
    from tradai_operator.decide.decision import StartUpdate
    from tradai_operator.decide.requests import request_for

    return request_for(Environment.parse(drive.body), StartUpdate("edge", "x"), "r", SETTINGS)


async def test_what_belongs_to_another_resource_is_not_taken_but_its_guards_hold_once_it_is_handed_over() -> None:
    world = World()
    other = Owner(cluster="c-2", resource="tradai/dev", uid="uid-9")
    standing(world, {"deletionPolicy": "Soft", "approval": "OnDestructive"}, other)
    drive = Drive(world, body(approval="Never", deletionPolicy="Everything"))
    await drive.turn(2)
    assert [layer.get("attemptedDigest") for layer in drive.status["layers"]].count("adopted") == 0
    await drive.put(annotated(drive.body, handover="uid-9"))
    assert drive.status["guards"]["kept"] == {"deletionPolicy": "Soft", "approval": "OnDestructive"}
    assert world.stacks.marks == [], "another's marker is the runs' to take over"


async def test_an_environment_at_rest_asks_the_bucket_nothing() -> None:
    world = World()
    drive = Drive(world, body())
    await drive.build()
    looks, writes = world.stacks.looks, len(world.cluster.statuses)
    drive.loop = Loop(drive.body, world.ports, SETTINGS)
    await drive.turn(3)
    assert (world.stacks.looks, len(world.cluster.statuses), world.stacks.marks) == (looks, writes, [])


@pytest.mark.parametrize("row", IN_FORCE, ids=lambda row: row.word)
async def test_deleting_what_was_made_again_does_what_it_would_have_done_before(row: Row) -> None:
    done = []
    for spec in (row.strong, row.weak):
        world = World()
        base = {"approval": "OnDestructive", "deletionPolicy": "Soft"}
        standing(world, base | row.strong)
        drive = Drive(world, deleted(body(**(base | spec))))
        await drive.turn()
        done.append((world.executor.order, drive.uid in world.cluster.objects))
    assert done[0] == done[1]
