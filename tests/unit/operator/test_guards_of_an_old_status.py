"""A status that was put back from a backup says less of the guards than the markers do: the stricter ones hold."""

from copy import deepcopy
from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import Drive
from tests.fakes.world import World
from tests.integration.guard_table import EPHEMERAL, IN_FORCE, Row
from tests.unit.operator.guarded import BEFORE, NOW, environment, guards
from tests.unit.operator.test_adoption import LAYERS, standing
from tests.unit.operator.test_guards_made_whole import state
from tradai_operator.decide.adoption import held, lifted
from tradai_operator.decide.facts import StackSeen
from tradai_operator.decide.markers import recalled
from tradai_operator.model import EnvironmentStatus, GuardStatus
from tradai_operator.model.in_force import completed, durability_in, guards_of, lowered

WEAK: dict[str, Any] = {"approval": "Never", "deletionPolicy": "All"}
STRONG = {"approval": "Always", "deletionPolicy": "Soft"}


async def put_back(**spec: Any) -> Drive:
    """An environment whose guards were raised, and whose object is the one of before by now, spec and status."""
    drive = Drive(World(), body(**WEAK, **spec))
    await drive.build()
    old = deepcopy(drive.body)
    await drive.put(changed(drive.body, **STRONG))
    assert {mark.guards["approval"] for mark in drive.world.stacks.marks if mark.guards} == {"Always"}
    drive.world.cluster.objects[drive.uid] = old
    drive.restart()
    return drive


def operations(drive: Drive, before: int) -> set[str]:
    return {operation for operation, _ in drive.world.executor.order[before:]}


async def test_what_the_bucket_was_told_since_holds_before_anything_runs() -> None:
    drive = await put_back()
    ran = len(drive.world.executor.order)
    drive.body["metadata"]["annotations"] = {"tradai.io/reconcile": "edge@1"}
    await drive.turn(2)
    assert operations(drive, ran) == {"preview"}
    assert drive.status["guards"]["kept"] == STRONG
    assert "tradai.io/lower-guards=deletionPolicy=All,approval=Never" in drive.condition("GuardsKept")["message"]
    assert {owner.guards["approval"] for owner in drive.world.executor.made.values() if owner.guards} == {"Always"}


async def test_and_before_anything_is_destroyed() -> None:
    drive = await put_back()
    ran = len(drive.world.executor.order)
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn(2)
    assert operations(drive, ran) == {"preview"}
    assert drive.status["guards"]["kept"] == STRONG


async def test_a_ttl_of_then_ends_nothing() -> None:
    world = World()
    standing(world, {**EPHEMERAL, "approval": "Never"}, NOW)
    drive = Drive(world, body(approval="Never", **EPHEMERAL, ttl="1m"))
    told = {**guards(**EPHEMERAL, approval="Never"), "ttl": "1m"}
    place = "s3://tradai-pulumi-state-dev http://127.0.0.1:1"
    drive.body["status"] = {"guards": {"noted": told, "durability": "Group", "place": place}}
    drive.restart()
    world.clock.time += 3600
    await drive.turn(2)
    assert world.cluster.deletions == []
    assert drive.status["guards"]["kept"]["ttl"] == ""


async def test_nothing_runs_while_nobody_can_tell() -> None:
    drive = await put_back()
    ran = len(drive.world.executor.order)
    drive.world.stacks.broken = True
    drive.body["metadata"]["annotations"] = {"tradai.io/reconcile": "edge@1"}
    await drive.turn(3)
    assert (drive.status["phase"], operations(drive, ran)) == ("Retrying", set())
    drive.world.stacks.broken = False
    drive.world.clock.time += 60
    await drive.turn()
    assert operations(drive, ran) == {"preview"}


async def test_a_note_on_an_old_word_weakens_no_marker() -> None:
    drive = await put_back()
    del drive.body["status"]["guards"]["noted"]["deletionPolicy"]
    drive.restart()
    await drive.turn()
    assert drive.status["guards"]["kept"] == STRONG
    assert {owner.guards["approval"] for owner in drive.world.executor.made.values() if owner.guards} == {"Always"}


async def test_a_status_that_is_put_back_to_a_resource_made_again_sheds_nothing() -> None:
    drive = await put_back()
    again = deepcopy(drive.body)
    del drive.world.cluster.objects[drive.uid]
    again["metadata"]["uid"] = "uid-2"
    drive = Drive(drive.world, again)
    drive.body["metadata"]["annotations"] = {"tradai.io/reconcile": "edge@1"}
    ran = len(drive.world.executor.order)
    await drive.turn(2)
    assert (drive.status["guards"]["kept"], operations(drive, ran)) == (STRONG, {"preview"})


async def test_what_an_approver_lowers_while_no_operator_runs_is_lowered() -> None:
    drive = Drive(World(), body(approval="Always", deletionPolicy="Soft"))
    await drive.turn(2)
    drive.world.executor.made = {("dev", layer): owner_of(drive) for layer in LAYERS}
    drive.restart()
    drive.body["status"]["guards"]["noted"] = guards(**STRONG)
    await drive.put(changed(drive.body, **WEAK))
    assert drive.status["guards"]["kept"] == {}


def owner_of(drive: Drive) -> Any:
    return NOW.model_copy(update={"guards": guards(**STRONG)})


async def test_what_was_permitted_stays_permitted_for_the_next_operator() -> None:
    world = World()
    standing(world, STRONG)
    drive = Drive(world, body(**WEAK, suspend=True))
    await drive.turn(2)
    await drive.put(annotated(drive.body, lower_guards="approval=Never,deletionPolicy=All"))
    assert drive.status["guards"]["kept"] == {}
    drive.body["metadata"]["annotations"] = {}
    drive.restart()
    await drive.put(changed(drive.body, suspend=False))
    assert drive.status["guards"]["kept"] == {}


@pytest.mark.parametrize("row", IN_FORCE, ids=lambda row: row.word)
@pytest.mark.parametrize("owner", [NOW, BEFORE], ids=["its own", "one of before"])
def test_guard_by_guard_the_stricter_holds(row: Row, owner: Any) -> None:
    weak, strong = environment(row.weak), guards_of(environment(row.strong).spec)
    found = {"edge": StackSeen(owner.model_copy(update={"guards": strong}), stands=True)}
    told = guards_of(weak.spec)
    noted = GuardStatus(noted=told, durability=durability_in(told))
    old = EnvironmentStatus(guards=noted)
    now = held(weak, lifted(weak, recalled(weak, old, found, NOW)))
    assert lowered(guards_of(now.spec), completed(strong)) == {}
    current = EnvironmentStatus(guards=noted.model_copy(update={"noted": strong}))
    assert owner is BEFORE or recalled(weak, current, found, NOW) == current, "it knows of all that was told"


def test_what_its_status_keeps_is_not_lost_to_a_marker_that_says_less() -> None:
    env = environment(WEAK | {"state": state("Sync")})
    old = EnvironmentStatus(guards=GuardStatus(kept={"approval": "Always"}, noted=guards(**STRONG), durability="Sync"))
    seen = NOW.model_copy(update={"guards": guards(approval="OnDestructive", deletionPolicy="Retain")})
    status = recalled(env, old, {"edge": StackSeen(seen, stands=True)}, NOW)
    assert status.guards is not None
    assert status.guards.kept == {"approval": "Always", "deletionPolicy": "Retain"}
    another = StackSeen(NOW.model_copy(update={"resource": "tradai/other"}), stands=True)
    assert recalled(env, old, {"edge": another}, NOW) == old
