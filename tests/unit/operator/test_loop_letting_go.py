"""When a resource may go: nothing runs any more, and what is left is what the guards of that moment keep."""

from typing import Any

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import Drive
from tests.fakes.world import World
from tests.unit.operator.deletions import in_its_first_destroy
from tradai_operator.model import keys

NONSENSE = {"compute": {"config": {"nonsense": 1}}}


@pytest.fixture
async def drive() -> Drive:
    return await in_its_first_destroy()


def held(drive: Drive) -> bool:
    return drive.uid in drive.world.cluster.objects


def survivors(drive: Drive) -> dict[str, str]:
    return drive.world.cluster.records["tradai-system", f"tradai-survivors-{drive.uid}"]


async def test_a_policy_that_is_narrowed_stops_what_it_no_longer_takes_before_anything_is_let_go(drive: Drive) -> None:
    handle = drive.world.executor.live["edge"]
    await drive.put(changed(drive.body, deletionPolicy="Retain"))
    assert held(drive), "released under a live destroy"
    assert drive.world.executor.cancelled == [handle]
    assert "edge" in drive.status["message"]
    drive.world.executor.stop("edge")
    await drive.turn()
    assert not held(drive)
    assert "edge" in survivors(drive)["layers"], "what a stopped destroy left is not forgotten"


async def test_a_policy_that_still_takes_it_lets_the_destroy_go_on(drive: Drive) -> None:
    await drive.put(changed(drive.body, deletionPolicy="Soft"))
    assert drive.world.executor.cancelled == []
    for layer in ("edge", "compute"):
        drive.world.executor.succeed(layer)
        await drive.turn()
    assert not held(drive)
    assert survivors(drive)["layers"] == "persistent, foundation"


async def test_previews_of_what_no_longer_goes_are_stopped_too() -> None:
    drive = Drive(World(), body(approval="OnDestructive"))
    await drive.build()
    await drive.put(deleted(drive.body))
    assert set(drive.world.executor.live) == {"edge", "compute", "foundation"}
    await drive.put(changed(drive.body, deletionPolicy="Soft"))
    assert [handle.split("/")[1] for handle in drive.world.executor.cancelled] == ["foundation"]
    assert held(drive)


async def test_a_destroy_is_cancelled_by_name_as_any_run(drive: Drive) -> None:
    run = drive.layer("edge")["run"]["id"]
    await drive.put(annotated(drive.body, cancel=run))
    assert drive.world.executor.cancelled == [drive.world.executor.live["edge"]]
    drive.world.executor.stop("edge")
    await drive.turn(2)
    assert drive.condition("Stalled")["reason"] == "DestroyStopped"
    assert held(drive)


async def test_an_invalid_resource_goes_only_after_what_runs_for_it() -> None:
    drive = Drive(World(), body(approval="Always"))
    await drive.turn(2)
    running = set(drive.world.executor.live.values())
    assert running
    bad = changed(drive.body, layers=NONSENSE)
    drive.world.cluster.objects[drive.uid] = deleted(bad)
    await drive.turn()
    assert held(drive)
    assert set(drive.world.executor.cancelled) == running
    for layer in list(drive.world.executor.live):
        drive.world.executor.stop(layer)
    await drive.turn()
    assert not held(drive)


async def test_who_outlived_its_ttl_is_held_before_its_deletion_is_asked_for() -> None:
    world = World()
    drive = Drive(world, body(environment="eph-a", ttl="1h", deletionPolicy="Everything"))
    await drive.build()
    drive.body["metadata"]["finalizers"] = []
    world.clock.time += 2 * 3600
    await drive.turn()
    assert world.cluster.deletions == [], "the API server would let it go with all that stands"
    assert drive.body["metadata"]["finalizers"] == [keys.FINALIZER]
    await drive.turn()
    assert world.cluster.deletions == [drive.uid]


class Deaf:
    """An executor whose runs can neither be seen nor be stopped: their journal is gone with its bucket."""

    def __init__(self, executor: Any) -> None:
        self._executor = executor
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._executor, name)

    async def observe(self, handle: str) -> Any:
        raise OSError("NoSuchBucket")

    async def cancel(self, handle: str) -> None:
        self.asked += 1
        raise OSError("NoSuchBucket")

    async def finish(self, handle: str) -> None:
        raise OSError("NoSuchBucket")


async def abandoned(drive: Drive, **spec: Any) -> None:
    """Turns as the loop makes them until nothing more can come of it."""
    drive.world.cluster.objects[drive.uid] = annotated(deleted(changed(drive.body, **spec)), abandon="dev")
    for _ in range(10):
        if not held(drive):
            return
        drive.loop.notice(drive.body)
        await drive.loop._guarded_turn()
        drive.world.clock.time += 600


async def test_abandon_asks_live_runs_to_stop_and_waits_for_them(drive: Drive) -> None:
    drive.world.cluster.objects[drive.uid] = annotated(drive.body, abandon="dev")
    await drive.turn()
    assert held(drive)
    assert drive.world.executor.cancelled == [drive.world.executor.live["edge"]]
    drive.world.executor.stop("edge")
    await drive.turn()
    assert not held(drive)
    assert survivors(drive)["why"] == "abandoned"


async def test_abandon_releases_although_no_run_can_be_seen_or_stopped(drive: Drive) -> None:
    deaf = Deaf(drive.world.executor)
    drive.world.executor = deaf  # type: ignore[assignment]
    drive.restart()
    await abandoned(drive)
    assert not held(drive)
    assert deaf.asked > 0
    assert "edge" in survivors(drive)["layers"]
    assert "edge" in survivors(drive)["running"], "whoever cleans up has to know what may still be at work"


async def test_abandon_releases_although_no_secret_can_be_read(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(namespace: str, name: str) -> None:
        raise OSError(f"secrets {name} is forbidden")

    drive.world.executor.stop("edge")
    monkeypatch.setattr(drive.world.cluster, "secret", refuse)
    drive.loop.notice_secret()
    await abandoned(drive)
    assert not held(drive)


@pytest.mark.parametrize("kept", [True, False])
async def test_abandon_releases_an_invalid_resource(drive: Drive, kept: bool) -> None:
    drive.world.executor.stop("edge")
    if not kept:
        drive.world.cluster.secrets = {}
    drive.restart()
    await abandoned(drive, layers=NONSENSE)
    assert not held(drive)
    assert survivors(drive) | {"releasedAt": ""} == {
        "resource": "tradai/dev",
        "environment": "dev",
        "account": "123456789012",
        "region": "eu-central-1",
        "backend": "s3://tradai-pulumi-state-dev",
        "layers": "persistent, foundation, compute, edge",
        "why": "abandoned",
        "releasedAt": "",
    }


async def test_another_environments_name_abandons_no_invalid_resource(drive: Drive) -> None:
    drive.world.cluster.secrets = {}
    drive.restart()
    bad = annotated(changed(drive.body, layers=NONSENSE), abandon="prod")
    drive.world.cluster.objects[drive.uid] = bad
    await drive.turn(3)
    assert held(drive)
    assert drive.world.executor.cancelled == []
