"""The plan of a deletion in one loop over fakes: nothing goes before it was seen, approved and confirmed."""

from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import SETTINGS, Drive
from tests.fakes.world import World
from tradai_operator.reconcile.loop import Loop
from tradai_runner.contract import Destroy, TeardownPlan

DATABASE = "deletes aws:rds/instance:Instance database with its data, leaving the final snapshot s-1"
NAME = "instance/database"


async def standing(**spec: Any) -> Drive:
    found = Drive(World(), body(**({"approval": "OnDestructive"} | spec)))
    await found.build()
    return found


@pytest.fixture
async def drive() -> Drive:
    """A Ready environment that asks before it destroys."""
    return await standing()


def order(drive: Drive) -> list[tuple[str, str]]:
    """What ran since the environment was built."""
    return drive.world.executor.order[4:]


async def plan(drive: Drive, *layers: str, content: str = "1") -> str:
    """Ends the previews of those layers; gives what is to be approved then."""
    for layer in layers:
        data = layer == "foundation"
        lost = (DATABASE,) if data else (f"deletes aws:sns/topic:Topic {layer}",)
        drive.world.executor.plan(layer, *lost, content=content, data=(NAME,) if data else ())
    await drive.turn()
    digest: str = drive.status["plan"]["digest"]
    return digest


async def ask(drive: Drive) -> str:
    await drive.put(deleted(drive.body))
    return await plan(drive, "edge", "compute", "foundation")


async def agree(drive: Drive, digest: str, **more: str) -> None:
    await drive.put(annotated(drive.body, approve=digest, approved_by="jane", **more))


async def restart(drive: Drive) -> None:
    """Another operator process, which knows what the cluster knows."""
    drive.loop = Loop(drive.body, drive.world.ports, SETTINGS)
    await drive.turn()


async def test_every_layer_that_goes_is_planned_and_the_whole_is_asked_as_one_question(drive: Drive) -> None:
    digest = await ask(drive)
    assert sorted(order(drive)) == [("preview", "compute"), ("preview", "edge"), ("preview", "foundation")]
    assert drive.status["phase"] == "WaitingForApproval"
    message = drive.status["message"]
    assert "3 to delete in edge, compute, foundation" in message
    assert message.index("database with its data") < message.index("Topic edge"), "data comes first"
    assert f"tradai approve dev {digest}" in message
    assert f"tradai.io/confirm-destroy={NAME}" in message
    assert drive.status["plan"]["data"] == [NAME]
    writes = len(drive.world.cluster.statuses)
    await drive.turn(3)
    assert len(drive.world.cluster.statuses) == writes, "who waits writes nothing"


async def test_the_previews_ask_for_the_plan_of_a_destroy(drive: Drive) -> None:
    await drive.put(deleted(drive.body))
    requests = drive.world.executor.started.values()
    assert {type(found) for found in requests} == {TeardownPlan}


async def test_an_approval_without_the_named_confirmation_destroys_nothing(drive: Drive) -> None:
    digest = await ask(drive)
    for said in ({}, {"confirm_destroy": "dev"}, {"confirm_destroy": "table/runs"}):
        await agree(drive, digest, **said)
        assert drive.condition("Stalled")["reason"] == "ConfirmationMissing"
        assert NAME in drive.status["message"]
        assert not drive.world.executor.live
    await agree(drive, digest, confirm_destroy=NAME)
    assert set(drive.world.executor.live) == {"edge"}


async def test_a_confirmation_without_the_approval_destroys_nothing(drive: Drive) -> None:
    await ask(drive)
    await drive.put(annotated(drive.body, confirm_destroy=NAME))
    await agree(drive, "sha256:other")
    assert drive.status["phase"] == "WaitingForApproval"
    assert not drive.world.executor.live


async def test_one_approval_takes_every_layer_down_in_reverse_order_bound_to_its_plan(drive: Drive) -> None:
    digest = await ask(drive)
    await agree(drive, digest, confirm_destroy=NAME)
    assert (drive.status["plan"]["usedDigest"], drive.status["plan"]["approvedBy"]) == (digest, "jane")
    for layer in ("edge", "compute", "foundation"):
        assert set(drive.world.executor.live) == {layer}
        request = drive.world.executor.asked(layer, Destroy)
        assert request.plan is not None
        assert (request.plan.digest, request.confirmed) == (f"sha256:{layer}-1", (NAME,))
        drive.world.executor.succeed(layer)
        await drive.turn()
    assert drive.uid not in drive.world.cluster.objects
    assert [operation for operation, _ in order(drive)] == ["preview"] * 3 + ["destroy"] * 3
    assert [event.reason for event in drive.world.cluster.events].count("PlanApproved") == 1


async def test_a_killed_operator_goes_on_with_what_was_approved(drive: Drive) -> None:
    await agree(drive, await ask(drive), confirm_destroy=NAME)
    await restart(drive)
    assert len([found for found in order(drive) if found[0] == "destroy"]) == 1, "the live run was adopted"
    drive.world.executor.succeed("edge")
    await restart(drive)
    assert set(drive.world.executor.live) == {"compute"}
    drive.world.executor.succeed("compute")
    await restart(drive)
    drive.world.executor.succeed("foundation")
    await restart(drive)
    assert drive.uid not in drive.world.cluster.objects
    assert [operation for operation, _ in order(drive)].count("preview") == 3, "nothing was asked again"


@pytest.mark.parametrize("end", ["lose", "fail"])
async def test_a_destroy_that_died_is_tried_again_under_the_same_approval(drive: Drive, end: str) -> None:
    await agree(drive, await ask(drive), confirm_destroy=NAME)
    getattr(drive.world.executor, end)("edge")
    wake = await drive.turn()
    assert not drive.world.executor.live
    assert "plan" in drive.layer("edge")
    drive.world.clock.time = (wake or 0) + 90_000
    await drive.turn()
    request = drive.world.executor.asked("edge", Destroy)
    assert request.plan is not None
    assert request.plan.digest == "sha256:edge-1"


async def test_a_state_that_is_no_longer_the_planned_one_is_planned_and_asked_again(drive: Drive) -> None:
    first = await ask(drive)
    await agree(drive, first, confirm_destroy=NAME)
    drive.world.executor.fail("edge", "Plan", "aws:sns/topic:Topic new is not as it was")
    wake = await drive.turn()
    drive.world.clock.time = (wake or 0) + 1
    await drive.turn()
    assert order(drive)[-1] == ("preview", "edge")
    second = await plan(drive, "edge", content="2")
    assert second != first
    assert drive.status["phase"] == "WaitingForApproval"
    assert [layer["name"] for layer in drive.status["plan"]["layers"]] == ["edge"], "the others stay approved"
    await agree(drive, second)
    assert set(drive.world.executor.live) == {"edge"}


async def test_a_plan_of_yesterday_is_made_anew(drive: Drive) -> None:
    first = await ask(drive)
    drive.world.clock.time += 25 * 3600
    await drive.turn()
    assert [operation for operation, _ in order(drive)] == ["preview"] * 6
    await agree(drive, first, confirm_destroy=NAME)
    assert "destroy" not in [operation for operation, _ in order(drive)]


async def test_a_wider_policy_is_asked_about_before_it_takes_more(drive: Drive) -> None:
    await agree(drive, await ask(drive), confirm_destroy=NAME)
    await drive.put(changed(drive.body, deletionPolicy="Everything"))
    assert set(drive.world.executor.live) >= {"edge", "persistent"}
    drive.world.executor.plan("persistent", "deletes aws:s3/bucket:Bucket logs with its data", data=("bucket/logs",))
    drive.world.executor.succeed("edge")
    await drive.turn()
    assert [layer["name"] for layer in drive.status["plan"]["layers"]] == ["persistent"]
    assert "tradai.io/confirm-destroy=dev" in drive.status["message"]


@pytest.mark.parametrize(
    ("spec", "first"),
    [
        ({"approval": "Never"}, ("destroy", "edge")),
        ({"approval": "Always"}, ("preview", "edge")),
        ({"approval": "OnDestructive"}, ("preview", "edge")),
    ],
)
async def test_who_waits(spec: dict[str, str], first: tuple[str, str]) -> None:
    drive = Drive(World(), body())
    await drive.build()
    await drive.put(deleted(changed(drive.body, **spec)))
    assert order(drive)[0] == first


async def test_an_environment_whose_time_is_over_was_confirmed_at_its_creation() -> None:
    eph = {"environment": "eph-a", "ttl": "72h", "deletionPolicy": "Everything", "approval": "OnDestructive"}
    drive = await standing(**eph)
    await drive.put(deleted(drive.body))
    assert set(drive.world.executor.live) == {"edge"}
    assert drive.world.executor.asked("edge", Destroy).confirmed == ("*",)


async def test_without_approvals_data_still_waits_for_its_name() -> None:
    drive = await standing(approval="Never")
    await drive.put(deleted(drive.body))
    for layer in ("edge", "compute"):
        drive.world.executor.succeed(layer)
        await drive.turn()
    drive.world.executor.fail("foundation", "Unconfirmed", f"it holds data: {NAME}")
    await drive.turn(2)
    assert not drive.world.executor.live
    assert drive.condition("Stalled")["reason"] == "ConfirmationMissing"
    assert NAME in drive.status["message"]
    await drive.put(annotated(drive.body, confirm_destroy=NAME))
    assert drive.world.executor.asked("foundation", Destroy).confirmed == (NAME,)


async def test_a_preview_that_fails_is_said_tried_again_and_can_be_abandoned(drive: Drive) -> None:
    await drive.put(deleted(drive.body))
    for layer in ("edge", "compute", "foundation"):
        drive.world.executor.fail(layer, "Backend", "NoSuchBucket")
    wake = await drive.turn()
    assert drive.status["phase"] == "DeleteRetrying"
    assert "tradai.io/abandon=dev" in drive.status["message"]
    assert wake is not None
    drive.world.clock.time = wake + 1
    await drive.turn()
    assert len(drive.world.executor.live) == 3
    await drive.put(annotated(drive.body, abandon="dev"))
    for layer in ("edge", "compute", "foundation"):
        drive.world.executor.stop(layer)
    await drive.turn()
    assert drive.uid not in drive.world.cluster.objects


async def test_retry_looks_again_at_what_waits(drive: Drive) -> None:
    await ask(drive)
    await drive.put(annotated(drive.body, retry="1"))
    assert [operation for operation, _ in order(drive)] == ["preview"] * 6
    await plan(drive, "edge", "compute", "foundation")
    assert drive.status["phase"] == "WaitingForApproval"


async def test_retry_of_one_layer_looks_again_at_just_that_one(drive: Drive) -> None:
    await ask(drive)
    await drive.put(annotated(drive.body, retry="compute:1"))
    assert order(drive)[3:] == [("preview", "compute")]
    await plan(drive, "compute")
    assert drive.status["phase"] == "WaitingForApproval"
    await drive.put(annotated(drive.body, retry="persistent:2"))
    assert len(order(drive)) == 4, "a layer that stays is not looked at"
    assert drive.status["phase"] == "WaitingForApproval"


async def test_retry_of_one_layer_leaves_what_failed_in_another_alone(drive: Drive) -> None:
    await drive.put(deleted(drive.body))
    for layer in ("edge", "compute", "foundation"):
        drive.world.executor.fail(layer, "Program")
    await drive.turn()
    await drive.put(annotated(drive.body, retry="edge:1"))
    assert order(drive)[3:] == [("preview", "edge")]
    await drive.turn(2)
    assert order(drive)[3:] == [("preview", "edge")]


async def test_a_preview_of_a_change_is_stopped_before_the_deletion_is_planned() -> None:
    drive = await standing(layers={"persistent": {"config": {"strategyRepositories": ["momentum"]}}})
    await drive.put(changed(drive.body, layers={}))
    await drive.put(deleted(drive.body))
    assert len(drive.world.executor.cancelled) == 1
    drive.world.executor.stop("persistent")
    await drive.turn()
    assert ("preview", "edge") in order(drive)


async def test_it_goes_on_when_secret_and_upstream_outputs_are_gone(drive: Drive) -> None:
    del drive.world.cluster.secrets["tradai", "tradai-state"]
    drive.loop.notice_secret()
    drive.body["status"]["outputs"] = {}
    await restart(drive)
    await agree(drive, await ask(drive), confirm_destroy=NAME)
    assert set(drive.world.executor.live) == {"edge"}
