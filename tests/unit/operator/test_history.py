"""History: each success of the whole once, its manifest in the bucket, and which one is the last good one."""

import pytest
import yaml

from tests.fakes.bodies import annotated, body, changed
from tests.fakes.drive import SETTINGS, Drive
from tests.fakes.world import World
from tradai_cli.history import chosen, text
from tradai_operator.model import Environment
from tradai_operator.reconcile.loop import Loop

CHANGE = {"compute": {"config": {"skipAlb": True}}}


@pytest.fixture
async def drive() -> Drive:
    found = Drive(World(), body())
    found.world.executor.ended_at = found.world.clock.time
    await found.build()
    return found


async def change(drive: Drive) -> None:
    """A change of compute, up to Ready."""
    drive.world.clock.time += 60
    drive.world.executor.ended_at = drive.world.clock.time
    await drive.put(changed(drive.body, layers=CHANGE))
    drive.world.executor.succeed("compute", {"alb_dns_name": "alb.local"})
    await drive.turn()


async def test_the_first_success_is_number_one_and_its_manifest_is_kept(drive: Drive) -> None:
    (entry,) = drive.status["history"]
    assert (entry["number"], entry["generation"], entry["program"], entry["kept"]) == (1, 1, "1", True)
    assert entry["revision"] == drive.status["revision"]
    assert entry["layers"] == "persistent, foundation, compute, edge"
    (record,) = drive.world.archive.records.values()
    assert record["manifest"]["spec"] == drive.body["spec"]
    assert record["manifest"]["metadata"] == {"name": "dev", "namespace": "tradai"}
    assert "backend" in record["images"]["compute"]


async def test_a_change_is_a_success_of_its_own_and_nothing_is_counted_twice(drive: Drive) -> None:
    await change(drive)
    drive.loop = Loop(drive.body, drive.world.ports, SETTINGS)
    await drive.turn(3)
    await drive.put(changed(drive.body, deletionPolicy="Soft"))
    assert [(entry["number"], entry["layers"]) for entry in drive.status["history"]] == [
        (1, "persistent, foundation, compute, edge"),
        (2, "compute"),
    ]


async def test_a_status_from_before_there_was_a_history_costs_no_write(drive: Drive) -> None:
    del drive.status["history"]
    drive.world.cluster.statuses.clear()
    drive.loop = Loop(drive.body, drive.world.ports, SETTINGS)
    await drive.turn(3)
    assert not drive.world.cluster.statuses


async def test_a_bucket_that_does_not_answer_is_asked_again_and_holds_nothing_up() -> None:
    drive = Drive(World(), body())
    drive.world.archive.broken = True
    await drive.build()
    assert drive.status["phase"] == "Ready"
    assert drive.status["history"][0]["kept"] is False
    wake = await drive.turn()
    assert wake is not None
    assert wake <= drive.world.clock.time + 60
    drive.world.archive.broken = False
    await drive.turn()
    assert [(entry["number"], entry["kept"]) for entry in drive.status["history"]] == [(1, True)]
    assert len(drive.world.archive.records) == 1


async def test_who_approved_it_is_remembered(drive: Drive) -> None:
    await drive.put(changed(drive.body, approval="Always", layers=CHANGE))
    drive.world.executor.plan("compute", update=1)
    await drive.turn()
    await drive.put(annotated(drive.body, approve=drive.status["plan"]["digest"], approved_by="april"))
    drive.world.executor.succeed("compute", {"alb_dns_name": "alb.local"})
    await drive.turn()
    assert [entry["approvedBy"] for entry in drive.status["history"]] == ["", "april"]


async def test_the_history_is_bounded(drive: Drive) -> None:
    for number in range(12):
        drive.world.images.pushed["backend"] = number + 1
        drive.world.clock.time += 3600
        drive.world.executor.ended_at = drive.world.clock.time
        await drive.turn(2)
        drive.world.executor.succeed("compute", {"alb_dns_name": "alb.local"})
        await drive.turn()
    assert [entry["number"] for entry in drive.status["history"]] == list(range(4, 14))


async def test_the_last_good_one_is_the_one_before_what_is_ready_or_the_newest_where_nothing_is(drive: Drive) -> None:
    await change(drive)
    ready = Environment.parse(drive.body)
    assert getattr(chosen(ready, None), "number", None) == 1
    assert getattr(chosen(ready, 2), "number", None) == 2
    assert chosen(ready, 7) is None
    await drive.put(changed(drive.body, layers={"compute": {"config": {"skipAlb": False}}}))
    drive.world.executor.fail("compute", "Program")
    await drive.turn()
    assert getattr(chosen(Environment.parse(drive.body), None), "number", None) == 2


async def test_a_rollback_is_a_manifest_that_can_be_applied_and_says_what_it_cannot_pin(drive: Drive) -> None:
    (record,) = drive.world.archive.records.values()
    printed = text("dev", record)
    assert yaml.safe_load(printed) == record["manifest"]
    assert f"#   compute backend: {record['images']['compute']['backend']}" in printed
