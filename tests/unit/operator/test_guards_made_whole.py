"""A spec that is invalid when its resource is deleted sheds no guard: neither here nor in the markers that stay."""

from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.world import World
from tests.unit.operator.guarded import NOW, environment, guards
from tests.unit.operator.test_adoption import standing
from tradai_operator.decide.adoption import held, lifted
from tradai_operator.decide.markers import marked
from tradai_operator.model import EnvironmentStatus, GuardStatus
from tradai_operator.model.lenient import guards_of, made_whole, with_guards

NIGHT = {"windows": [{"schedule": "0 22 * * SAT", "duration": "4h", "timezone": "UTC"}]}
PINNED = {"update": "Manual", "version": "1"}
NEVER_COMES = {"enabled": False, "schedule": "0 0 31 2 *"}  # the CRD lets it pass, the model does not
STRONG: dict[str, Any] = {"maintenance": NIGHT, "program": PINNED}
HELD = {"approval": "Always", "state.durability": "Sync"}


def state(durability: str) -> dict[str, Any]:
    return {**body()["spec"]["state"], "durability": durability}


def told(world: World) -> set[tuple[str, str, str]]:
    """What the markers say."""
    names = ("maintenance", "program.update", "drift.policy")
    return {tuple(owner.guards[name] for name in names) for owner in world.executor.made.values() if owner.guards}  # type: ignore[misc]


async def made_again(world: World, **spec: Any) -> Drive:
    again = Drive(world, body(uid="uid-2", **spec))
    await again.turn(2)
    return again


def up_by_approval(drive: Drive) -> None:
    """Every run goes well, whatever it is."""
    executor = drive.world.executor
    for layer in list(executor.live):
        request = executor.started[executor.live[layer]]
        executor.plan(layer) if request.operation == "preview" else executor.succeed(layer, PERSISTENT | FOUNDATION)


async def made_again_and_run() -> Drive:
    """A resource made again with weaker guards than those that hold, under which it was run."""
    world = World()
    standing(world, {"approval": "Always", "deletionPolicy": "All", "state": state("Sync")})
    drive = await made_again(world, state=state("Group"))
    for _ in range(6):
        up_by_approval(drive)
        await drive.turn()
        waits = drive.status.get("plan", {}).get("digest")
        if waits:
            await drive.put(annotated(drive.body, approve=waits, approved_by="jane"))
    assert {operation for operation, _ in world.executor.order} == {"preview", "up"}
    assert drive.status["guards"]["kept"] == HELD
    return drive


@pytest.mark.parametrize("forgotten", [False, True], ids=["its status known", "its status lost"])
async def test_a_deletion_by_an_invalid_spec_that_is_valid_again_sheds_nothing_that_was_kept(forgotten: bool) -> None:
    drive = await made_again_and_run()
    weak = drive.body["spec"]
    await drive.put(changed(drive.body, drift=NEVER_COMES))
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    if forgotten:
        drive.body["status"] = {}
        drive.restart()
    await drive.turn()
    assert HELD.items() <= drive.status["guards"]["kept"].items()
    await drive.put(changed(drive.body, **weak))
    await drive.turn()
    up_by_approval(drive)
    await drive.turn(2)
    assert (drive.status["guards"]["kept"], drive.status["guards"]["durability"]) == (HELD, "Sync")
    assert "destroy" not in {operation for operation, _ in drive.world.executor.order}, "nobody has approved it"
    assert drive.status["phase"] == "WaitingForApproval"


def test_what_a_spec_that_was_made_whole_raises_is_in_force_too() -> None:
    written = {"approval": "Always", "deletionPolicy": "Soft", "program": PINNED}
    env = environment(written).model_copy(update={"made_whole": True})
    kept = {"approval": "OnDestructive", "deletionPolicy": "Retain", "program.update": "Auto"}
    status = lifted(env, EnvironmentStatus(guards=GuardStatus(kept=kept, durability="Group", message="as it was")))
    assert status.guards is not None
    pinned = {"program.update": "Manual", "program.version": "1"}
    assert status.guards.kept == {"approval": "Always", "deletionPolicy": "Retain", **pinned}
    assert (status.guards.message, held(env, status).spec.program.version) == ("as it was", "1")
    assert (held(env, status).spec.approval, held(env, status).spec.deletion_policy) == ("Always", "Retain")


@pytest.mark.parametrize("without", [{}, {"maintenance": None, "program": None}], ids=["written on", "written away"])
async def test_an_invalid_spec_that_is_deleted_leaves_every_guard_to_whoever_comes(without: dict[str, None]) -> None:
    world = World()
    drive = Drive(world, body(approval="Never", deletionPolicy="Soft", drift={"enabled": True, "policy": "Correct"}))
    await drive.build()
    await drive.put(changed(drive.body, **STRONG, drift={"enabled": False, "policy": "Report"}))
    await drive.turn(2)
    assert told(world) == {("0 22 * * SAT 4h UTC", "Manual", "Report")}
    weak = changed(drive.body, deletionPolicy="Retain", drift=NEVER_COMES | {"policy": "Correct"}, **without)
    weak["spec"] = {key: value for key, value in weak["spec"].items() if value is not None}
    await drive.put(weak)
    world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert drive.uid not in world.cluster.objects
    assert told(world) == {("0 22 * * SAT 4h UTC", "Manual", "Report")}
    again = await made_again(
        world, approval="Never", deletionPolicy="Retain", drift={"enabled": False, "policy": "Correct"}
    )
    assert again.status["guards"]["kept"] == {
        "maintenance": "0 22 * * SAT 4h UTC",
        "program.update": "Manual",
        "program.version": "1",
        "drift.policy": "Report",
    }


def test_a_marker_of_its_own_loses_nothing_to_a_spec_that_was_made_whole() -> None:
    seen = NOW.model_copy(update={"guards": guards(approval="Always", deletionPolicy="Soft")})
    mine = NOW.model_copy(update={"guards": guards(approval="Never", deletionPolicy="Retain")})
    assert marked(seen, mine) == mine
    after = marked(seen, mine, sure=False)
    assert after is not None
    assert after.guards == guards(approval="Always", deletionPolicy="Retain")


@pytest.mark.parametrize("part", [{"program": {"update": "Manual"}}, {"program": 3}, {"maintenance": {"windows": []}}])
def test_what_was_never_in_force_is_left_out_and_what_was_kept_stays(part: dict[str, Any]) -> None:
    spec = body()["spec"]
    assert made_whole(spec | part, spec) == spec
    strong = spec | STRONG
    assert made_whole(spec | part, strong) == strong
    assert with_guards(strong, guards_of(spec)) == {**spec, "program": {"update": "Auto"}}


def test_drift_that_cannot_be_read_puts_nothing_back() -> None:
    kept = body(drift={"policy": "Correct"})["spec"]
    assert made_whole(kept | {"drift": "daily"}, kept)["drift"] == {"policy": "Report"}
