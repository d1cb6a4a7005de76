"""Under Always the whole environment is shown before anything of it exists; approving that approves creations alone."""

from datetime import datetime

import pytest

from tests.fakes.bodies import annotated, body, changed
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.world import World
from tradai_runner.contract import Plan, Update


@pytest.fixture
async def drive() -> Drive:
    """A new environment in which everything waits for approval, its four previews under way."""
    found = Drive(World(), body(approval="Always"))
    await found.turn(2)
    return found


async def foresee(drive: Drive) -> str:
    """Ends the previews; gives what is to be approved."""
    for count, layer in enumerate(("persistent", "foundation", "compute", "edge"), start=1):
        drive.world.executor.plan(layer, create=count * 10)
    await drive.turn()
    digest: str = drive.status["plan"]["digest"]
    return digest


async def approve(drive: Drive, digest: str) -> None:
    await drive.put(annotated(drive.body, approve=digest, approved_by="jane"))


async def build_upstream(drive: Drive) -> None:
    drive.world.executor.succeed("persistent", PERSISTENT)
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.turn(2)


async def test_what_reads_from_nothing_yet_is_previewed_with_its_inputs_unknown(drive: Drive) -> None:
    asked = {found.layer: found for found in drive.world.executor.started.values()}
    assert {name: found.unknown for name, found in asked.items() if isinstance(found, Plan)} == {
        "persistent": (),
        "foundation": (),
        "compute": ("persistent", "foundation"),
        "edge": ("persistent", "foundation", "compute"),
    }
    assert set(asked["compute"].images.values()) == {f"sha256:{'0' * 64}"}, "no image can be there yet"


async def test_the_question_counts_every_layer_and_marks_what_is_only_foreseen(drive: Drive) -> None:
    await foresee(drive)
    layers = {found["name"]: (found["create"], found["unknown"]) for found in drive.status["plan"]["layers"]}
    assert layers == {
        "persistent": (10, False),
        "foundation": (20, False),
        "compute": (30, True),
        "edge": (40, True),
    }
    assert "30 to create in persistent, foundation" in drive.status["message"]
    assert "30 to create later in compute, 40 to create later in edge" in drive.status["message"]
    runs = len(drive.world.executor.order)
    await drive.turn(3)
    assert len(drive.world.executor.order) == runs


async def test_one_approval_builds_it_all_and_what_was_foreseen_may_only_create(drive: Drive) -> None:
    await approve(drive, await foresee(drive))
    assert set(drive.world.executor.live) == {"persistent", "foundation"}
    await build_upstream(drive)
    request = drive.world.executor.asked("compute", Update)
    assert (request.only_if_new, request.plan) == (True, None)
    assert f"sha256:{'0' * 64}" not in request.images.values()
    drive.world.executor.succeed("compute", {"alb_dns_name": "alb.local"})
    await drive.turn()
    drive.world.executor.succeed("edge", {"api_gateway_endpoint": "https://api.local"})
    await drive.turn()
    assert drive.status["phase"] == "Ready"
    assert [operation for operation, _ in drive.world.executor.order] == ["preview"] * 4 + ["up"] * 4


async def test_a_layer_that_stands_after_all_is_planned_and_asked_about_anew(drive: Drive) -> None:
    first = await foresee(drive)
    await approve(drive, first)
    await build_upstream(drive)
    drive.world.executor.fail("compute", "Plan", "the layer stands already")
    drive.world.clock.time = (await drive.turn() or 0) + 1
    await drive.turn()
    assert drive.world.executor.order[-1] == ("preview", "compute")
    drive.world.executor.plan("compute", "deletes aws:ecs/service:Service backend-api")
    await drive.turn()
    assert drive.status["phase"] == "WaitingForApproval"
    assert drive.status["plan"]["digest"] != first


async def test_a_change_of_what_was_foreseen_takes_the_approval_back(drive: Drive) -> None:
    await approve(drive, await foresee(drive))
    await drive.put(changed(drive.body, layers={"compute": {"config": {"skipAlb": True}}}))
    await build_upstream(drive)
    operations = [found for found in drive.world.executor.order if found[1] == "compute"]
    assert ("up", "compute") not in operations


async def test_a_preview_that_fails_for_its_unknowns_holds_nothing_up(drive: Drive) -> None:
    for layer in ("persistent", "foundation"):
        drive.world.executor.plan(layer, create=1)
    for layer in ("compute", "edge"):
        drive.world.executor.fail(layer, "Program", "cannot be told yet")
    await drive.turn(2)
    assert drive.status["phase"] == "WaitingForApproval"
    assert not drive.world.executor.live
    assert {found["name"] for found in drive.status["plan"]["layers"] if found["unknown"]} == {"compute", "edge"}


@pytest.mark.parametrize("policy", ["OnDestructive", "Never"])
async def test_who_does_not_ask_foresees_nothing(policy: str) -> None:
    drive = Drive(World(), body(approval=policy))
    await drive.turn(2)
    assert set(drive.world.executor.live) == {"persistent", "foundation"}


DAY = 24 * 3600


async def test_a_foreseen_creation_expires_like_any_plan_and_is_asked_about_anew(drive: Drive) -> None:
    first = await foresee(drive)
    await approve(drive, first)
    drive.world.executor.succeed("persistent", PERSISTENT)
    drive.world.clock.time += DAY + 1
    drive.world.executor.ended_at = drive.world.clock.time
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.turn(2)
    assert drive.world.executor.order[-1] == ("preview", "compute"), "it was approved for a day"
    drive.world.executor.plan("compute", create=30)
    await drive.turn(2)
    assert drive.status["phase"] == "WaitingForApproval"
    assert drive.status["plan"]["digest"] not in {"", first}


async def test_an_approved_creation_that_waits_for_images_longer_than_a_day_is_asked_about_anew(drive: Drive) -> None:
    await approve(drive, await foresee(drive))
    drive.world.images.missing = {"backend"}
    await build_upstream(drive)
    assert drive.status["phase"] == "WaitingForImages"
    drive.world.clock.time += 30 * DAY
    drive.world.images.missing = set()
    await drive.turn(2)
    assert ("up", "compute") not in drive.world.executor.order


async def test_one_moment_before_it_expires_it_is_still_approved(drive: Drive) -> None:
    await approve(drive, await foresee(drive))
    drive.world.executor.succeed("persistent", PERSISTENT)
    drive.world.clock.time = drive.world.executor.ended_at + DAY - 2
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.turn(2)
    assert drive.world.executor.order[-1] == ("up", "compute")


async def test_the_question_ends_with_the_first_of_all_that_it_names_and_everything_is_foreseen_anew(
    drive: Drive,
) -> None:
    drive.world.executor.plan("compute", create=30)
    drive.world.executor.plan("edge", create=40)
    await drive.turn()
    drive.world.clock.time += 3600
    drive.world.executor.ended_at += 3600
    first = drive.world.executor.ended_at - 3601 + DAY
    drive.world.executor.plan("persistent", create=10)
    drive.world.executor.plan("foundation", create=20)
    await drive.turn()
    assert datetime.fromisoformat(drive.status["plan"]["expiresAt"]).timestamp() == first
    digest = drive.status["plan"]["digest"]
    drive.world.clock.time = first
    assert (await drive.turn() or 0) > first
    assert drive.world.executor.order[4:] == [("preview", "compute"), ("preview", "edge")]
    await approve(drive, digest)
    assert ("up", "persistent") not in drive.world.executor.order, "what was asked is no question any more"


async def test_what_was_approved_and_waits_on_is_not_foreseen_again(drive: Drive) -> None:
    await approve(drive, await foresee(drive))
    runs = len(drive.world.executor.order)
    drive.world.clock.time += 2 * DAY
    await drive.turn(2)
    assert len(drive.world.executor.order) == runs
