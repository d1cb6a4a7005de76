"""What runs put right is told: in the status, capped, and by one event a layer."""

from tests.fakes.bodies import annotated, body
from tests.fakes.drive import Drive
from tests.fakes.world import World
from tradai_operator.model import EnvironmentStatus
from tradai_operator.status.repairs import audited
from tradai_runner.contract import Repair


def repair(number: int) -> Repair:
    return Repair(at=1_800_000_000.0 + number, urn=f"urn:{number}", what=f"thing {number} was put right")


async def test_a_repair_is_in_the_status_and_said_once() -> None:
    drive = Drive(World(), body())
    await drive.turn()
    executor = drive.world.executor
    executor._end("persistent", outcome="succeeded", repairs=tuple(repair(number) for number in range(5)))
    await drive.turn()
    assert drive.status["repairs"][0] == {
        "at": "2027-01-15T08:00:00Z",
        "layer": "persistent",
        "what": "thing 0 was put right",
    }
    said = [event for event in drive.world.cluster.events if event.reason == "Repaired"]
    assert [(event.type, event.message.count("put right")) for event in said] == [("Warning", 3)]
    assert said[0].message.endswith("(and 2 more, see status.repairs)")


async def test_a_run_is_asked_in_the_name_of_its_resource_and_cluster() -> None:
    drive = Drive(World(), annotated(body(), handover="u-old"))
    await drive.turn()
    (first, *_) = drive.world.executor.started.values()
    assert first.owner is not None
    assert (first.owner.cluster, first.owner.uid) == ("c-1", drive.uid)
    assert first.owner.resource == "tradai/dev"
    assert first.handover == "u-old"


async def test_a_stack_that_is_anothers_stalls_and_is_looked_at_seldom() -> None:
    drive = Drive(World(), body())
    await drive.turn()
    drive.world.executor.succeed("foundation")
    drive.world.executor.fail("persistent", "Owner", "this stack belongs to tradai/other")
    await drive.turn()
    assert drive.layer("persistent")["state"] == "Failed"
    assert drive.condition("Stalled")["status"] == "True"


async def test_what_aws_is_still_making_is_waited_for() -> None:
    drive = Drive(World(), body())
    await drive.turn()
    drive.world.executor.fail("persistent", "Unfinished", "AWS is still making it")
    await drive.turn()
    assert "nextRetryAt" in drive.layer("persistent")


def test_only_the_newest_repairs_are_kept() -> None:
    status = EnvironmentStatus()
    for number in range(30):
        status = audited(status, "edge", [repair(number)])
    assert [found.what for found in status.repairs] == [repair(number).what for number in range(10, 30)]
    assert audited(status, "edge", []) is status


def test_of_a_run_that_put_right_more_than_is_kept_its_first_stay_and_the_rest_is_counted() -> None:
    status = audited(EnvironmentStatus(), "edge", [repair(number) for number in range(33)])
    assert [found.what for found in status.repairs[:-1]] == [repair(number).what for number in range(19)]
    assert status.repairs[-1].what == "14 more, each in the run's log"
