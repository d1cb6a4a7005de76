"""Plans and approvals in one environment's loop over fakes: what runs, in which order, what is said and written."""

from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.world import World
from tradai_runner.contract import Update

LOST = "deletes aws:ecr/repository:Repository momentum"
STRATEGIES: dict[str, Any] = {"persistent": {"config": {"strategyRepositories": ["momentum"]}}}


@pytest.fixture
async def drive() -> Drive:
    """A Ready environment that asks before it destroys."""
    found = Drive(World(), body(approval="OnDestructive", layers=STRATEGIES))
    await found.build()
    return found


def order(drive: Drive) -> list[tuple[str, str]]:
    """What ran since the environment was built."""
    return drive.world.executor.order[4:]


async def ask(drive: Drive, content: str = "1") -> str:
    """A change that destroys something, previewed; gives what is to be approved."""
    await drive.put(changed(drive.body, layers={}))
    drive.world.executor.plan("persistent", LOST, content=content)
    await drive.turn()
    digest: str = drive.status["plan"]["digest"]
    return digest


async def approve(drive: Drive, digest: str) -> None:
    await drive.put(annotated(drive.body, approve=digest, approved_by="jane"))


async def test_a_first_creation_runs_unplanned_and_permits_nothing_else(drive: Drive) -> None:
    assert [operation for operation, _ in drive.world.executor.order] == ["up"] * 4
    fresh = Drive(World(), body(approval="OnDestructive"))
    await fresh.turn()
    asked = fresh.world.executor.started.values()
    assert all(isinstance(request, Update) and request.only_if_new for request in asked)


async def test_a_layer_that_stands_unknown_to_the_status_is_planned_after_all() -> None:
    drive = Drive(World(), body(approval="OnDestructive"))
    await drive.turn()
    drive.world.executor.fail("persistent", "Plan", "the layer stands already")
    await drive.turn()
    drive.world.clock.time += 5
    await drive.turn()
    assert drive.world.executor.order[-1] == ("preview", "persistent")


async def test_a_change_that_destroys_nothing_runs_as_planned(drive: Drive) -> None:
    await drive.put(changed(drive.body, layers={"persistent": {"config": {"strategyRepositories": ["a"]}}}))
    drive.world.executor.plan("persistent", create=2)
    await drive.turn()
    assert order(drive) == [("preview", "persistent"), ("up", "persistent")]
    request = drive.world.executor.asked("persistent", Update)
    assert request.plan is not None
    assert request.plan.digest == "sha256:persistent-1"
    drive.world.executor.succeed("persistent", PERSISTENT)
    await drive.turn()
    assert drive.status["phase"] == "Ready"
    assert "plan" not in drive.layer("persistent")


async def test_a_preview_leaves_outputs_secrets_and_the_last_success_alone(drive: Drive) -> None:
    before, secrets = drive.layer("persistent"), dict(drive.world.cluster.secrets["tradai", "dev-outputs"])
    await ask(drive)
    after = drive.layer("persistent")
    for name in ("inputsDigest", "attemptedDigest", "outputsDigest"):
        assert after[name] == before[name]
    assert drive.status["outputs"]["persistent"] == PERSISTENT
    assert drive.world.cluster.secrets["tradai", "dev-outputs"] == secrets


async def test_what_destroys_waits_and_says_so(drive: Drive) -> None:
    digest = await ask(drive)
    assert order(drive) == [("preview", "persistent")]
    assert drive.status["phase"] == "WaitingForApproval"
    truths = {kind: drive.condition(kind)["status"] for kind in ("Ready", "Reconciling", "Stalled", "ApprovalRequired")}
    assert truths == {"Ready": "False", "Reconciling": "True", "Stalled": "False", "ApprovalRequired": "True"}
    said = [event for event in drive.world.cluster.events if event.reason == "ApprovalRequired"]
    assert len(said) == 1
    assert LOST in said[0].message
    assert digest in said[0].message
    assert drive.layer("compute")["message"] == "waits for persistent"
    writes = len(drive.world.cluster.statuses)
    await drive.turn(3)
    assert len(drive.world.cluster.statuses) == writes, "who waits writes nothing"


async def test_the_right_approval_runs_once_and_is_kept_on_record(drive: Drive) -> None:
    digest = await ask(drive)
    await approve(drive, "sha256:wrong")
    assert order(drive) == [("preview", "persistent")]
    await approve(drive, digest)
    assert order(drive) == [("preview", "persistent"), ("up", "persistent")]
    assert drive.condition("ApprovalRequired")["status"] == "False"
    assert (drive.status["plan"]["usedDigest"], drive.status["plan"]["approvedBy"]) == (digest, "jane")
    drive.world.executor.succeed("persistent", PERSISTENT)
    await drive.turn(3)
    assert drive.status["phase"] == "Ready"
    assert len(order(drive)) == 2
    assert [event.reason for event in drive.world.cluster.events].count("PlanApproved") == 1


async def test_an_approved_run_that_fails_is_planned_and_asked_again(drive: Drive) -> None:
    await approve(drive, await ask(drive))
    drive.world.executor.fail("persistent", "Plan", "delete is not allowed by the plan")
    await drive.turn()
    assert drive.status["phase"] == "Retrying"
    drive.world.clock.time += 5
    await drive.turn()
    assert order(drive)[2:] == [("preview", "persistent")]
    drive.world.executor.plan("persistent", LOST)
    await drive.turn(2)
    assert drive.status["phase"] == "WaitingForApproval"
    assert len(order(drive)) == 3


async def test_previews_that_never_hold_end_in_a_standstill(drive: Drive) -> None:
    await drive.put(changed(drive.body, layers={}))
    for _ in range(40):
        drive.world.executor.ended_at = drive.world.clock.time
        live = drive.world.executor.live.get("persistent")
        if live and drive.world.executor.started[live].operation == "preview":
            drive.world.executor.plan("persistent", create=1)
        elif live:
            drive.world.executor.fail("persistent", "Plan", "create is not allowed by the plan")
        drive.world.clock.time += 80
        await drive.turn()
    assert drive.status["phase"] == "Failed"
    assert len(order(drive)) == 16


async def test_a_change_back_needs_neither_approval_nor_run(drive: Drive) -> None:
    await ask(drive)
    await drive.put(changed(drive.body, layers=STRATEGIES))
    assert drive.status["phase"] == "Ready"
    assert order(drive) == [("preview", "persistent")]
    assert drive.status["plan"]["digest"] == ""
    assert "plan" not in drive.layer("persistent")


async def test_a_question_that_nobody_answered_for_a_day_is_asked_anew(drive: Drive) -> None:
    digest = await ask(drive)
    drive.world.clock.time += 25 * 3600
    await approve(drive, digest)
    assert order(drive) == [("preview", "persistent")] * 2
    drive.world.executor.ended_at = drive.world.clock.time
    drive.world.executor.plan("persistent", LOST)
    await drive.turn(2)
    assert drive.status["plan"]["digest"] not in {"", digest}
    assert len(order(drive)) == 2


async def test_an_operator_that_starts_anew_asks_the_same_question(drive: Drive) -> None:
    digest = await ask(drive)
    reborn = Drive(drive.world, drive.body)
    await reborn.turn(2)
    assert reborn.status["plan"]["digest"] == digest
    await approve(reborn, digest)
    assert order(drive) == [("preview", "persistent"), ("up", "persistent")]


async def test_a_retry_plans_what_waits_once_more(drive: Drive) -> None:
    digest = await ask(drive)
    await drive.put(annotated(drive.body, retry="1"))
    await drive.turn(2)
    assert order(drive) == [("preview", "persistent")] * 2
    drive.world.executor.plan("persistent", LOST)
    await drive.turn(2)
    assert drive.status["plan"]["digest"] not in {"", digest}
    assert len(order(drive)) == 2


async def test_deleting_withdraws_the_question(drive: Drive) -> None:
    await ask(drive)
    await drive.put(deleted(drive.body))
    assert drive.condition("ApprovalRequired")["status"] == "False"


async def test_a_failed_preview_is_tried_again_like_any_run(drive: Drive) -> None:
    await drive.put(changed(drive.body, layers={}))
    drive.world.executor.fail("persistent", "Throttled")
    await drive.turn()
    assert drive.status["phase"] == "Retrying"
    assert len(order(drive)) == 1
    drive.world.clock.time += 60
    await drive.turn()
    assert order(drive) == [("preview", "persistent")] * 2


async def test_with_always_every_layer_is_approved_when_it_is_known_where_it_was_not_foreseen() -> None:
    drive = Drive(World(), body(approval="Always"))
    await drive.turn()
    for layer in ("compute", "edge"):
        drive.world.executor.fail(layer, "Program", "not without its inputs")
    drive.world.executor.plan("persistent", create=100)
    await drive.turn()
    assert not (drive.status.get("plan") or {}).get("digest"), "foundation is still being planned"
    drive.world.executor.plan("foundation", create=80)
    await drive.turn()
    plan = drive.status["plan"]
    assert [(layer["name"], layer["create"], layer["unknown"]) for layer in plan["layers"]] == [
        ("persistent", 100, False),
        ("foundation", 80, False),
        ("compute", 0, True),
        ("edge", 0, True),
    ]
    await approve(drive, plan["digest"])
    assert drive.world.executor.order[4:] == [("up", "persistent"), ("up", "foundation")]
    drive.world.executor.succeed("persistent", PERSISTENT)
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.turn()
    assert drive.world.executor.order[6:] == [("preview", "compute")]


async def test_an_approval_waits_for_images_that_went_away_and_is_not_lost(drive: Drive) -> None:
    scaled = {"compute": {"config": {"services": {"backend-api": {"desiredCount": 3}}}}}
    await drive.put(changed(drive.body, layers=STRATEGIES | scaled))
    drive.world.executor.plan("compute", LOST)
    await drive.turn()
    digest = drive.status["plan"]["digest"]
    drive.world.images.missing = {"backend"}
    drive.world.clock.time += 60
    await approve(drive, digest)
    assert order(drive) == [("preview", "compute")]
    assert drive.status["phase"] == "WaitingForImages"
    assert drive.status["plan"]["digest"] == digest
    drive.world.images.missing = set()
    drive.world.clock.time += 60
    await drive.turn()
    assert order(drive) == [("preview", "compute"), ("up", "compute")]
