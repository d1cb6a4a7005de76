"""What a handover gives to a resource that goes: what it has not touched yet, and nothing that its giver took back."""

from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, deleted
from tests.fakes.drive import SETTINGS, Drive
from tests.fakes.world import World
from tests.unit.operator.test_adoption import standing
from tradai_iac.failure import Failure
from tradai_operator.decide.decision import StartDestroy, StartRun, StartTeardownPlan, StartUpdate
from tradai_operator.decide.facts import StackSeen
from tradai_operator.decide.requests import request_for
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus
from tradai_operator.status.outcomes import with_layer
from tradai_runner.contract import Owner, Repair

GIVER = Owner(cluster="c-2", resource="tradai/dev", uid="uid-9")
TOOK = (Repair(at=1.0, what="taken over from tradai/dev of cluster c-2"),)


@pytest.mark.parametrize(
    ("layer", "word"),
    [
        pytest.param({}, "uid-9", id="nothing was tried"),
        pytest.param({"attempted_digest": "adopted"}, "uid-9", id="handed over to a version before, and never run"),
        pytest.param({"attempted_digest": "adopted", "adopted": True}, "uid-9", id="handed over, and never run"),
        pytest.param(
            {"attempted_digest": "sha256:gone", "operation": "destroy", "adopted": True},
            "uid-9",
            id="handed over, and its destroy has failed",
        ),
        pytest.param({"attempted_digest": "sha256:up", "untouched": True}, "uid-9", id="its run was refused"),
        pytest.param({"attempted_digest": "sha256:up", "operation": "up"}, None, id="its run has failed half-way"),
        pytest.param({"attempted_digest": "sha256:up", "operation": "preview"}, None, id="and its deletion is planned"),
        pytest.param(
            {"attempted_digest": "sha256:gone", "operation": "destroy", "adopted": False},
            None,
            id="and its destroy has failed as well",
        ),
        pytest.param(
            {"attempted_digest": "sha256:gone", "operation": "destroy"},
            "uid-9",
            id="a version before has failed to destroy what it had not run",
        ),
        pytest.param(
            {"attempted_digest": "sha256:gone", "operation": "destroy", "outputs_digest": "sha256:out"},
            None,
            id="or what it had run",
        ),
    ],
)
@pytest.mark.parametrize("start", [StartDestroy("edge", "sha256:gone"), StartTeardownPlan("edge", "sha256:gone")])
def test_a_deletion_goes_by_a_handover_only_where_its_resource_has_made_nothing(
    layer: dict[str, Any], word: str | None, start: StartRun
) -> None:
    env = Environment.parse(deleted(annotated(body(), handover="uid-9")))
    status = with_layer(EnvironmentStatus(), LayerStatus(name="edge", **layer))
    request = request_for(env, start, "r", SETTINGS, (), status)
    assert request.handover == word
    alive = Environment.parse(annotated(body(), handover="uid-9"))
    assert request_for(alive, StartUpdate("edge", "x"), "r", SETTINGS, (), status).handover == "uid-9"


def handed_over(drive: Drive, layer: str = "edge") -> str | None:
    """The word that the run of a layer has brought."""
    executor = drive.world.executor
    return executor.started[executor.live[layer]].handover


async def given(**spec: Any) -> Drive:
    """An environment under deletion to which somebody has handed over all that stands; it has run nothing of it."""
    world = World()
    standing(world, {"approval": "Never", "deletionPolicy": "All"} | spec, GIVER)
    drive = Drive(world, annotated(body(**spec), handover="uid-9"))
    drive.body["spec"]["suspend"] = True
    await drive.turn(2)
    assert drive.layer("edge")["attemptedDigest"] == "adopted"
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    return drive


async def approved(drive: Drive) -> None:
    """What the deletion takes is planned and approved, and the destroy of the first layer begins."""
    for layer in list(drive.world.executor.live):
        drive.world.executor.plan(layer, "deletes something")
    await drive.turn()
    await drive.put(annotated(drive.body, approve=drive.status["plan"]["digest"], approved_by="jane"))
    assert drive.world.executor.order[-1] == ("destroy", "edge")


@pytest.mark.parametrize("kind", ["Plan", "Backend", "half-way", "lost"])
async def test_a_destroy_of_what_was_handed_over_is_tried_again_under_the_same_word(kind: str) -> None:
    """It never makes the stack its own, whatever a runner of a version before has told of it."""
    drive = await given(approval="OnDestructive")
    await approved(drive)
    assert handed_over(drive) == "uid-9"
    if kind == "lost":
        drive.world.executor.lose("edge")
    elif kind == "half-way":
        failure = Failure(kind="Provider", error="the bucket is not empty")
        drive.world.executor._end("edge", outcome="failed", failure=failure, repairs=TOOK)
    else:
        drive.world.executor.fail("edge", kind, untouched=False)
    for _ in range(3):
        await drive.turn()
        drive.world.clock.time += 3600
    assert handed_over(drive) == "uid-9"
    if kind == "Plan":  # which is made anew
        await approved(drive)
    assert (drive.world.executor.order[-1], handed_over(drive)) == (("destroy", "edge"), "uid-9")


def as_before(drive: Drive) -> None:
    """The status as an operator of a version before has it, and another one that goes on from there."""
    for layer in drive.status["layers"]:
        layer.pop("adopted", None)
    drive.restart()


@pytest.mark.parametrize("end", ["fails", "is lost", "had failed before"])
async def test_a_destroy_that_a_version_before_has_begun_goes_on_under_its_word(end: str) -> None:
    """That one noted the handover in the digest alone, which the destroy is in place of by now."""
    drive = await given(approval="OnDestructive")
    await approved(drive)
    if end == "had failed before":
        drive.world.executor.fail("edge")
        await drive.turn()
    as_before(drive)
    if end == "fails":
        drive.world.executor.fail("edge")
    elif end == "is lost":
        drive.world.executor.lose("edge")
    for _ in range(3):
        await drive.turn()
        drive.world.clock.time += 3600
    assert (drive.world.executor.order[-1], handed_over(drive)) == (("destroy", "edge"), "uid-9")
    for layer in ("edge", "compute", "foundation"):
        drive.world.stacks.found.pop(layer)
        drive.world.executor.succeed(layer)
        await drive.turn()
    assert {layer for operation, layer in drive.world.executor.order if operation == "destroy"} >= {
        "edge",
        "foundation",
    }
    assert "edge" not in str(drive.world.cluster.records), "nothing of it is left behind as another's"


async def test_a_version_that_adopted_nothing_has_run_whatever_it_was_destroying() -> None:
    drive = await given()
    status = drive.body["status"]
    del status["guards"]
    status["layers"] = [{"name": "edge", "state": "Failed", "attemptedDigest": "sha256:x", "operation": "destroy"}]
    drive.restart()
    await drive.turn()
    assert drive.layer("edge")["adopted"] is False


async def at_work() -> Drive:
    """An environment to which all that stands was handed over, in its first runs."""
    world = World()
    standing(world, {"approval": "Never", "deletionPolicy": "All"}, GIVER)
    drive = Drive(world, annotated(body(approval="Never"), handover="uid-9"))
    await drive.turn(2)
    assert ("up", "persistent") in world.executor.order
    return drive


async def test_an_update_that_took_it_over_has_used_the_word() -> None:
    drive = await at_work()
    failure = Failure(kind="Provider", error="half-way")
    drive.world.executor._end("persistent", outcome="failed", failure=failure, repairs=TOOK)
    await drive.turn()
    status = EnvironmentStatus.parse(drive.status)
    assert (status.layer("persistent").operation, status.layer("persistent").as_adopted) == ("up", False)


async def test_an_update_that_was_refused_beforehand_has_not_used_it() -> None:
    drive = await at_work()
    drive.world.executor.fail("persistent", "Account")
    await drive.turn()
    status = EnvironmentStatus.parse(drive.status)
    assert (status.layer("persistent").operation, status.layer("persistent").as_adopted) == ("up", True)


async def test_an_update_that_nobody_knows_the_end_of_has_used_it() -> None:
    drive = await at_work()
    drive.world.executor.lose("persistent")
    await drive.turn()
    assert not EnvironmentStatus.parse(drive.status).layer("persistent").as_adopted


async def test_what_its_giver_has_taken_back_holds_no_deletion_by_a_state_that_is_the_givers_trouble() -> None:
    drive = Drive(World(), annotated(body(deletionPolicy="Retain"), handover="uid-9"))
    await drive.build()
    gone = Failure(kind="StateGone", error="the state of this stack is gone", state="absent")
    drive.world.stacks.found = {"edge": StackSeen(GIVER, failure=gone, digest="absent")}
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert drive.uid not in drive.world.cluster.objects


@pytest.mark.parametrize("approval", ["Never", "Always"])
async def test_what_was_refused_as_anothers_is_tried_at_once_where_it_is_handed_over_and_once(approval: str) -> None:
    """Else it would wait for its next hour, and the failure's hint says nothing of a retry."""
    world = World()
    standing(world, {"approval": approval, "deletionPolicy": "Soft"}, GIVER)
    drive = Drive(world, body(approval=approval, deletionPolicy="Soft"))
    await drive.turn(2)
    for layer in list(world.executor.live):
        world.executor.fail(layer, "Owner", "this stack belongs to tradai/dev of cluster c-2", untouched=True)
    await drive.turn(2)
    assert world.executor.live == {}
    assert drive.status["phase"] == "Failed"
    asked = len(world.executor.order)
    await drive.put(annotated(drive.body, handover="uid-9"))
    assert set(world.executor.live) >= {"persistent", "foundation"}
    assert handed_over(drive, "persistent") == "uid-9"
    for layer in list(world.executor.live):
        world.executor.fail(layer, "Owner", "and now to another one of cluster c-3", untouched=True)
    again = len(world.executor.order)
    assert again > asked
    await drive.turn(5)
    assert len(world.executor.order) == again, "the word was tried"
