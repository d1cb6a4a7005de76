"""A guard that the state bucket was not told of yet keeps its resource: whoever makes it again would be rid of it."""

from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import Drive
from tests.unit.operator.guarded import environment
from tests.unit.operator.test_guards_made_whole import up_by_approval
from tests.unit.operator.test_loop_allowlist import EVIL, Bounded, aimed
from tradai_operator.decide.markers import untold
from tradai_operator.model import EnvironmentStatus, GuardStatus, LayerStatus

WEAK: dict[str, Any] = {"approval": "Never", "deletionPolicy": "All"}
ROLE = aimed(assumeRoleArn="arn:aws:iam::210987654321:role/x")


async def raised_beside_a_run(aws: dict[str, Any]) -> Bounded:
    """Somebody raises a guard while a run goes on, and somebody else aims at a place that is refused and deletes."""
    drive = Bounded(body(**WEAK))
    await drive.turn(2)
    await drive.put(changed(drive.body, approval="Always"))
    up_by_approval(drive)
    await drive.put(changed(drive.body, aws=aws, deletionPolicy="Retain"))
    assert drive.world.stacks.marks == [], "it is not told yet"
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn(2)
    return drive


@pytest.mark.parametrize("aws", [EVIL, ROLE], ids=["another endpoint", "another role"])
async def test_a_guard_raised_beside_a_run_is_not_shed_from_a_place_that_is_refused(aws: dict[str, Any]) -> None:
    drive = await raised_beside_a_run(aws)
    assert drive.uid in drive.world.cluster.objects
    assert (drive.status["phase"], drive.condition("Stalled")["reason"]) == ("DeleteFailed", "NotPermitted")
    for said in (
        "approval Always",
        "deletionPolicy Retain",
        f"aws.{next(iter(set(aws) - set(aimed())))}",
        "abandon=dev",
    ):
        assert said in drive.status["message"]
    await drive.put(changed(drive.body, aws=aimed()))
    assert drive.uid not in drive.world.cluster.objects
    again = Drive(drive.world, body(uid="uid-2", **WEAK))
    await again.turn(2)
    assert again.status["guards"]["kept"] == {"deletionPolicy": "Retain", "approval": "Always"}


async def test_an_approver_may_still_give_it_up_there() -> None:
    drive = await raised_beside_a_run(EVIL)
    drive.world.cluster.objects[drive.uid] = annotated(drive.body, abandon="dev")
    await drive.turn()
    assert drive.uid not in drive.world.cluster.objects


NOTED = {"approval": "OnDestructive", "deletionPolicy": "Soft"}


@pytest.mark.parametrize(
    ("noted", "touched", "left"),
    [
        pytest.param({}, True, {"approval", "deletionPolicy", "drift.policy"}, id="nothing was told ever"),
        pytest.param({}, False, set(), id="and nothing of it can stand"),
        pytest.param(NOTED, True, set(), id="all was told, by a version that knew of fewer guards"),
        pytest.param(NOTED | {"approval": "Never"}, True, {"approval"}, id="one was raised since"),
        pytest.param(NOTED | {"approval": "Always"}, True, set(), id="one was lowered since, which loses nothing"),
    ],
)
def test_what_a_resource_would_take_along(noted: dict[str, str], touched: bool, left: set[str]) -> None:
    layer = LayerStatus(name="edge", attempted_digest="sha256:1" if touched else "")
    status = EnvironmentStatus(layers=(layer,), guards=GuardStatus(noted=noted))
    found = untold(environment({"drift": {"policy": "Report"}}), status)
    assert set(found) >= left
    assert bool(found) is bool(left)
