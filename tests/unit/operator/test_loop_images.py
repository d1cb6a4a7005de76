"""The loop where images are missing, late or replaced: who waits, how often anybody looks, what runs again."""

import asyncio
from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.world import World
from tradai_iac.failure import Failure
from tradai_operator.decide.images import POLL_SECONDS, SLOW_SECONDS, SOON_SECONDS
from tradai_operator.reconcile import lookups


@pytest.fixture
def drive() -> Drive:
    return Drive(World(), body())


async def upstream(drive: Drive) -> float | None:
    """Everything that compute reads is there."""
    await drive.turn()
    drive.world.executor.succeed("persistent", PERSISTENT)
    drive.world.executor.succeed("foundation", FOUNDATION)
    return await drive.turn()


def preflight(drive: Drive) -> tuple[str, str]:
    condition: dict[str, Any] = drive.condition("Preflight")
    return condition["status"], condition["reason"]


async def test_nobody_looks_before_the_repositories_can_be_there(drive: Drive) -> None:
    await drive.turn(3)
    assert drive.world.images.asked == []


async def test_one_look_and_the_layer_runs_by_digest(drive: Drive) -> None:
    await upstream(drive)
    assert len(drive.world.images.asked) == 1
    request = drive.world.executor.started[drive.world.executor.live["compute"]]
    assert len(request.images) == 23
    assert request.images["backend"] == "sha256:backend-0"
    assert drive.layer("compute")["attemptedImages"] == request.images
    assert preflight(drive) == ("True", "ImagesFound")


async def test_the_registry_is_asked_as_a_run_would_be(drive: Drive) -> None:
    role = "arn:aws:iam::123456789012:role/tradai-deploy"
    aws = {"accountId": "123456789012", "region": "eu-central-1", "assumeRoleArn": role}
    drive = Drive(World(), body(aws=aws))
    await upstream(drive)
    registry = drive.world.images.asked[0]
    request = drive.world.executor.started[drive.world.executor.live["compute"]]
    names = ("account_id", "region", "environment", "endpoint_url", "assume_role_arn", "external_id")
    assert [getattr(registry, name) for name in names] == [getattr(request, name) for name in names]
    assert registry.external_id == "tradai/dev"


async def test_missing_images_are_waited_for_and_said_once(drive: Drive) -> None:
    drive.world.images.missing = {"health-check", "backend"}
    await upstream(drive)
    assert drive.status["phase"] == "WaitingForImages"
    assert drive.condition("Ready")["status"] == drive.condition("Stalled")["status"] == "False"
    assert preflight(drive) == ("False", "ImagesMissing")
    assert "tradai/health-check-dev:latest and tradai/backend-dev:latest" in drive.status["message"]
    assert drive.layer("compute")["message"].startswith("images are missing")
    assert drive.layer("edge")["message"] == "waits for compute"
    writes, looks = len(drive.world.cluster.statuses), len(drive.world.images.asked)
    for _ in range(3):
        drive.world.clock.time += POLL_SECONDS
        await drive.turn(5)
    assert len(drive.world.images.asked) == looks + 3, "one look each time, however often the loop turns"
    assert len(drive.world.cluster.statuses) == writes
    drive.world.images.missing = {"backend"}
    drive.world.clock.time += POLL_SECONDS
    await drive.turn()
    assert "health-check" not in drive.status["message"]
    assert [event.reason for event in drive.world.cluster.events].count("ImagesMissing") == 1
    assert "compute" not in drive.world.executor.live


async def test_the_first_looks_for_what_is_missing_come_soon_and_the_later_ones_at_a_steady_pace(drive: Drive) -> None:
    drive.world.images.missing = {"backend"}
    wake, waits = await upstream(drive), []
    for _ in range(6):
        assert wake is not None
        waits.append(wake - drive.world.clock.time)
        drive.world.clock.time = wake
        wake = await drive.turn()
    assert waits == [SOON_SECONDS, SOON_SECONDS, 2 * SOON_SECONDS, 4 * SOON_SECONDS, POLL_SECONDS, POLL_SECONDS]


async def test_what_was_missing_is_looked_for_at_once_when_the_last_thing_that_the_layer_waits_for_is_there(
    drive: Drive,
) -> None:
    drive.world.images.missing = {"backend"}
    await drive.turn()
    drive.world.executor.succeed("persistent", PERSISTENT)
    await drive.turn(2)
    assert len(drive.world.images.asked) == 1
    drive.world.images.missing.clear()
    drive.world.clock.time += SOON_SECONDS - 1
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.turn()
    assert set(drive.world.executor.live) == {"compute"}
    assert len(drive.world.images.asked) == 2


async def test_it_goes_on_by_itself_when_the_images_are_there(drive: Drive) -> None:
    drive.world.images.missing = {"backend"}
    wake = await upstream(drive)
    assert wake == drive.world.clock.time + SOON_SECONDS
    drive.world.images.missing.clear()
    await drive.turn()
    assert "compute" not in drive.world.executor.live, "not before it is time to look again"
    drive.world.clock.time = wake
    await drive.turn()
    assert set(drive.world.executor.live) == {"compute"}
    assert preflight(drive) == ("True", "ImagesFound")
    assert [event.reason for event in drive.world.cluster.events].count("ImagesFound") == 1


async def test_a_retry_looks_at_once(drive: Drive) -> None:
    drive.world.images.missing = {"backend"}
    await upstream(drive)
    drive.world.images.missing.clear()
    await drive.put(annotated(drive.body, retry="now"))
    assert set(drive.world.executor.live) == {"compute"}


async def test_another_tag_is_looked_for_at_once(drive: Drive) -> None:
    drive.world.images.missing = {"backend"}
    await upstream(drive)
    drive.world.images.missing.clear()
    await drive.put(changed(drive.body, layers={"compute": {"config": {"imageTag": "2026.11.1"}}}))
    assert set(drive.world.executor.live) == {"compute"}


async def test_other_layers_go_on_while_one_waits_for_images(drive: Drive) -> None:
    drive.world.images.missing = {"backend"}
    await upstream(drive)
    await drive.put(changed(drive.body, layers={"persistent": {"config": {"strategyRepositories": ["m"]}}}))
    assert set(drive.world.executor.live) == {"persistent"}
    assert drive.status["phase"] == "Building"


async def test_a_new_image_behind_the_same_tag_runs_just_its_layer(drive: Drive) -> None:
    await drive.build()
    drive.world.images.pushed["backend"] = 1
    wake = await drive.turn()
    assert wake is not None
    assert wake - drive.world.clock.time >= SLOW_SECONDS
    drive.world.clock.time = wake
    await drive.turn()
    assert drive.world.executor.order[4:] == [("up", "compute")]
    drive.world.executor.succeed("compute", {"alb_dns_name": "alb.local"})
    await drive.turn()
    assert drive.status["phase"] == "Ready"
    assert drive.world.executor.order[4:] == [("up", "compute")]


async def test_an_unchanged_environment_is_looked_at_seldom_and_never_written(drive: Drive) -> None:
    await drive.build()
    writes, looks = len(drive.world.cluster.statuses), len(drive.world.images.asked)
    for _ in range(60):
        drive.world.clock.time += 60
        await drive.turn(2)
    assert 5 <= len(drive.world.images.asked) - looks <= 6, "an hour"
    assert len(drive.world.cluster.statuses) == writes


async def test_a_restarted_operator_believes_the_last_run_until_it_looks(drive: Drive) -> None:
    await drive.build()
    looks, writes = len(drive.world.images.asked), len(drive.world.cluster.statuses)
    reborn = Drive(drive.world, drive.body)
    wake = await reborn.turn()
    assert len(drive.world.images.asked) == looks
    assert wake is not None
    drive.world.clock.time = wake
    await reborn.turn(2)
    assert len(drive.world.images.asked) == looks + 1
    assert (len(drive.world.cluster.statuses), len(drive.world.executor.order)) == (writes, 4)


async def test_a_registry_that_does_not_answer_is_asked_again_with_growing_waits(drive: Drive) -> None:
    drive.world.images.failure = Failure(kind="Throttled", error="Throttling", hint="It is tried again automatically.")
    wake = await upstream(drive)
    assert drive.condition("Reconciling")["reason"] == "ImagesUnknown"
    assert preflight(drive) == ("Unknown", "ImagesUnknown")
    waits = []
    for _ in range(3):
        assert wake is not None
        waits.append(wake - drive.world.clock.time)
        drive.world.clock.time = wake
        wake = await drive.turn()
    assert waits == [15, 30, 60]
    drive.world.images.failure = None
    drive.world.clock.time = wake or 0
    await drive.turn()
    assert set(drive.world.executor.live) == {"compute"}


async def test_a_bug_of_the_adapter_is_no_end_of_the_loop(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> Any:
        raise KeyError("imageDetails")

    monkeypatch.setattr(drive.world.images, "resolve", broken)
    await upstream(drive)
    assert drive.condition("Reconciling")["reason"] == "ImagesUnknown"


async def test_a_slow_registry_holds_up_nothing_and_wakes_the_loop(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "_TIMEOUT_SECONDS", 0.01)
    drive.world.images.slow = asyncio.Event()
    await upstream(drive)
    assert drive.layer("compute")["message"] == "its images are being looked up"
    await drive.turn(5)
    assert len(drive.world.images.asked) == 1, "nobody asks twice at once"
    running = asyncio.create_task(drive.loop.run())
    drive.world.images.slow.set()
    async with asyncio.timeout(5):
        while "compute" not in drive.world.executor.live:  # noqa: ASYNC110 - a fake tells nobody when it starts
            await asyncio.sleep(0)
    running.cancel()


async def test_a_loop_that_ends_waits_for_no_answer(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "_TIMEOUT_SECONDS", 0.01)
    drive.world.images.slow = asyncio.Event()
    await upstream(drive)
    running = asyncio.create_task(drive.loop.run())
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await asyncio.sleep(0)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_destroying_needs_no_images(drive: Drive) -> None:
    await drive.build()
    looks = len(drive.world.images.asked)
    drive.world.images.missing = {"backend"}
    await drive.put(deleted(drive.body))
    drive.world.executor.succeed("edge")
    await drive.turn()
    assert set(drive.world.executor.live) == {"compute"}
    assert len(drive.world.images.asked) == looks
