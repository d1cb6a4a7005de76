"""What a deletion that does not go on says: whether it is tried again by itself, and what a person can do."""

from typing import Final, get_args

import pytest

from tests.fakes.bodies import annotated
from tests.fakes.drive import Drive
from tests.unit.operator.deletions import in_its_first_destroy
from tradai_iac.failure import FailureClass

BY_ITSELF: Final = "It is tried again by itself"
NOT_BY_ITSELF: Final = "It is not tried again by itself"
#: A destroy that lacks a word asks for just that, in words of its own; what is another's is let go.
KINDS: Final = sorted(set(get_args(FailureClass)) - {"Unconfirmed", "Owner"})
YEAR: Final = 365 * 24 * 3600
URN: Final = "urn:pulumi:dev::tradai-edge::aws:ec2/securityGroup:SecurityGroup::alb"


@pytest.fixture
async def drive() -> Drive:
    return await in_its_first_destroy()


def destroys(drive: Drive) -> int:
    return drive.world.executor.order.count(("destroy", "edge"))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_failed_destroy_says_that_it_is_tried_again_exactly_where_it_is(
    drive: Drive, kind: FailureClass
) -> None:
    drive.world.executor.fail("edge", kind, "broken")
    await drive.turn()
    assert drive.status["phase"] in {"DeleteRetrying", "DeleteFailed"}
    message = drive.status["message"]
    assert (BY_ITSELF in message) != (NOT_BY_ITSELF in message)
    drive.world.clock.time += YEAR
    await drive.turn()
    assert (destroys(drive) == 2) == (BY_ITSELF in message)


@pytest.mark.parametrize("kind", ["Throttled", "Program"])
async def test_what_it_says_that_a_person_can_do_helps(drive: Drive, kind: FailureClass) -> None:
    drive.world.executor.fail("edge", kind, "broken")
    await drive.turn()
    assert "`tradai retry dev`" in drive.status["message"]
    assert "tradai.io/abandon=dev" in drive.status["message"]
    await drive.put(annotated(drive.body, retry="now"))
    assert destroys(drive) == 2
    assert drive.status["phase"] == "Deleting"


async def test_a_destroy_that_was_stopped_is_not_said_to_go_on(drive: Drive) -> None:
    drive.world.executor.stop("edge")
    await drive.turn()
    assert drive.status["phase"] == "DeleteFailed"
    assert drive.condition("Stalled")["reason"] == "DestroyStopped"
    assert drive.condition("Reconciling")["status"] == "False"
    assert NOT_BY_ITSELF in drive.status["message"]
    drive.world.clock.time += YEAR
    await drive.turn()
    assert destroys(drive) == 1
    await drive.put(annotated(drive.body, retry="now"))
    assert destroys(drive) == 2


async def test_it_names_the_resource_the_hint_and_what_is_still_there(drive: Drive) -> None:
    drive.world.executor.fail("edge", "Conflict", "DependencyViolation", urn=URN)
    await drive.turn()
    assert drive.status["message"].startswith(
        "destroying edge failed at aws:ec2/securityGroup:SecurityGroup alb: DependencyViolation. Do something. "
        "Still there: edge, compute, foundation. It is tried again by itself"
    )


async def test_a_long_error_leaves_room_for_the_way_out(drive: Drive) -> None:
    drive.world.executor.fail("edge", "Program", "x" * 2000)
    await drive.turn()
    assert drive.status["message"].endswith("tradai.io/abandon=dev")
