"""The loop after a run that did not succeed: what it says, when it tries again, what waits for a person."""

import pytest

from tests.fakes.bodies import annotated, body, changed
from tests.fakes.drive import FOUNDATION, Drive
from tests.fakes.world import World


@pytest.fixture
def drive() -> Drive:
    return Drive(World(), body())


async def test_a_failure_names_resource_request_and_hint_and_blocks_only_its_readers(drive: Drive) -> None:
    await drive.turn()
    drive.world.executor.fail("persistent", "Throttled", "Throttling: slow down")
    await drive.turn()
    failure = drive.layer("persistent")["failure"]
    assert (failure["urn"], failure["requestId"], failure["hint"]) == ("urn:x", "req-12345", "Do something.")
    assert "foundation" in drive.world.executor.live
    assert drive.layer("edge")["message"] == "waits for persistent"
    assert any(event.reason == "LayerFailed" for event in drive.world.cluster.events)


async def test_a_passing_failure_is_tried_again_when_its_time_has_come_and_not_before(drive: Drive) -> None:
    await drive.turn()
    drive.world.executor.succeed("foundation", FOUNDATION)
    drive.world.executor.fail("persistent", "Throttled")
    wake = await drive.turn()
    assert wake is not None
    await drive.turn(3)
    assert len(drive.world.executor.order) == 2
    drive.world.clock.time = wake
    await drive.turn()
    assert drive.world.executor.order[2:] == [("up", "persistent")]


async def test_a_failure_that_retrying_cannot_mend_stalls_until_the_spec_changes(drive: Drive) -> None:
    await drive.turn()
    drive.world.executor.succeed("foundation", FOUNDATION)
    drive.world.executor.fail("persistent", "Program", "Traceback")
    assert await drive.turn() is None
    drive.world.clock.time += 1e6
    await drive.turn(3)
    assert drive.condition("Stalled")["status"] == "True"
    assert drive.status["message"].startswith("persistent failed: Traceback")
    assert len(drive.world.executor.order) == 2
    await drive.put(changed(drive.body, layers={"persistent": {"config": {"strategyRepositories": ["m"]}}}))
    assert drive.world.executor.order[2:] == [("up", "persistent")]


async def test_retry_starts_what_is_stalled_once(drive: Drive) -> None:
    await drive.turn()
    drive.world.executor.succeed("foundation", FOUNDATION)
    drive.world.executor.fail("persistent", "Program")
    await drive.turn()
    await drive.put(annotated(drive.body, retry="now"))
    drive.world.executor.fail("persistent", "Program")
    await drive.turn(3)
    assert drive.world.executor.order[2:] == [("up", "persistent")]


async def test_a_refused_change_stalls_and_a_named_migration_goes_along_with_the_retry(drive: Drive) -> None:
    await drive.turn()
    drive.world.executor.succeed("foundation", FOUNDATION)
    drive.world.executor.fail("persistent", "Immutable", "hashKey would change")
    await drive.turn()
    assert drive.condition("Stalled")["status"] == "True"
    await drive.put(annotated(drive.body, migrate="table-key:deployments, bucket-name:logs", retry="now"))
    request = drive.world.executor.started[drive.world.executor.live["persistent"]]
    assert request.migrations == ("table-key:deployments", "bucket-name:logs")


async def test_cancel_stops_the_named_run_and_nothing_starts_it_again(drive: Drive) -> None:
    await drive.turn()
    run = drive.layer("persistent")["run"]["id"]
    await drive.put(annotated(drive.body, cancel=run))
    assert drive.world.executor.cancelled == [drive.world.executor.live["persistent"]]
    drive.world.executor.stop("persistent")
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.turn(3)
    assert drive.layer("persistent")["state"] == "Cancelled"
    assert drive.status["phase"] == "Cancelled"
    assert len(drive.world.executor.order) == 2


async def test_a_lost_run_is_tried_again(drive: Drive) -> None:
    await drive.turn()
    drive.world.executor.lose("persistent")
    wake = await drive.turn()
    assert drive.layer("persistent")["failure"]["kind"] == "Lost"
    drive.world.clock.time = (wake or 0) + 2
    await drive.turn()
    assert drive.world.executor.order[2:] == [("up", "persistent")]
