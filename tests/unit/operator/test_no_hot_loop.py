"""No hot loop anywhere: a simulated day for every kind of failure and every refusal, its runs and writes counted."""

from collections.abc import Mapping
from typing import Any, Final, get_args

import pytest

from tests.fakes.bodies import annotated, body, changed
from tests.fakes.cluster import FakeCluster
from tests.fakes.drive import FOUNDATION, Drive
from tests.fakes.world import World
from tradai_iac.failure import FailureClass
from tradai_operator.ports import ClusterError, ConflictError, Ref, RefusedError

HOUR: Final = 3600.0
#: Kind → most runs of one layer that fails at once, in its first hour and in its first day. Counted by hand.
BOUNDS: Final[Mapping[FailureClass, tuple[int, int]]] = {
    "Throttled": (12, 105),
    "Network": (16, 112),
    "Backend": (16, 110),
    "Lock": (23, 120),
    "Lost": (13, 105),
    "NotStarted": (13, 105),
    "Unfinished": (23, 120),
    "Unseen": (23, 120),
    "Credentials": (5, 29),
    "Conflict": (6, 29),
    "Provider": (6, 29),
    "Images": (7, 30),
    "Quota": (4, 28),
    "Plan": (9, 33),
    "Unresolved": (2, 25),
    "Owner": (2, 25),
    "Account": (2, 25),
    "Protected": (2, 25),
    "StateKey": (2, 25),
    "Program": (1, 1),
    "Config": (1, 1),
    "Passphrase": (1, 1),
    "Immutable": (1, 1),
    "Cancelled": (1, 1),
    "Unconfirmed": (1, 1),
    "StateGone": (1, 1),
    "StateDamaged": (1, 1),
    "Unknown": (6, 29),
}
#: What the API server may answer, and how often it is asked in an hour then.
ANSWERS: Final = {
    "no answer": (ClusterError("the API server does not answer"), 125),
    "409 or 404": (ConflictError("the object has been modified"), 125),
    "403 or 422": (RefusedError("the ConfigMap tradai-system/tradai-approvers is missing"), 17),
}


class Stubborn(FakeCluster):
    """Answers every write of a kind with an error, and counts the writes that were tried."""

    def __init__(self, error: Exception, *, finalizers: bool, status: bool) -> None:
        super().__init__()
        self.error = error
        self.tried = 0
        self._refuses = {"finalizers": finalizers, "status": status}

    async def write_status(self, ref: Ref, status: Mapping[str, Any]) -> Mapping[str, Any]:
        self.tried += 1
        if self._refuses["status"]:
            raise self.error
        return await super().write_status(ref, status)

    async def write_finalizers(self, ref: Ref, before: Any, after: Any) -> None:
        self.tried += 1
        if self._refuses["finalizers"]:
            raise self.error
        await super().write_finalizers(ref, before, after)


async def pass_time(drive: Drive, seconds: float, kind: FailureClass | None = None) -> int:
    """Turns the loop as it would turn itself, every run failing at once; gives the number of turns."""
    clock, executor = drive.world.clock, drive.world.executor
    end, turns = clock.time + seconds, 0
    while clock.time < end and (kind or not executor.live):
        drive.loop.notice(drive.body)
        wake = await drive.loop._guarded_turn()
        turns += 1
        assert turns < 2_000, "a hot loop"
        failing = [layer for layer in executor.live if kind and layer == "persistent"]
        for layer in failing:
            executor.ended_at = clock.time
            executor.fail(layer, kind)
        if failing:
            continue
        clock.time = end if wake is None else max(wake, clock.time)
    return turns


def runs(drive: Drive) -> int:
    return drive.world.executor.order.count(("up", "persistent"))


async def failing(kind: FailureClass) -> Drive:
    drive = Drive(World(), body())
    await drive.turn()
    drive.world.executor.succeed("foundation", FOUNDATION)
    drive.world.executor.ended_at = drive.world.clock.time
    drive.world.executor.fail("persistent", kind)
    return drive


@pytest.mark.parametrize("kind", get_args(FailureClass))
async def test_a_failure_is_tried_as_often_as_its_row_allows_and_stands_still_in_the_end(kind: FailureClass) -> None:
    drive = await failing(kind)
    await pass_time(drive, HOUR, kind)
    first_hour = runs(drive)
    turns = await pass_time(drive, 23 * HOUR, kind)
    day = runs(drive)
    assert (first_hour <= BOUNDS[kind][0], day <= BOUNDS[kind][1]) == (True, True), (first_hour, day)
    assert len(drive.world.cluster.statuses) <= 4 * day + 4
    assert turns <= 4 * day + 24 * 8
    assert drive.condition("Stalled")["status"] == "True"
    assert drive.condition("Stalled")["reason"] == kind
    assert drive.condition("Ready")["status"] == drive.condition("Reconciling")["status"] == "False"
    await pass_time(drive, 1.5 * HOUR)
    assert runs(drive) == day + (BOUNDS[kind][1] > 1), "the long tail starts it again"


@pytest.mark.parametrize("kind", ["Program", "Quota", "Account"])
@pytest.mark.parametrize("how", ["spec", "retry", "retry of the layer"])
async def test_a_person_starts_again_what_stands_still(kind: FailureClass, how: str) -> None:
    drive = await failing(kind)
    await pass_time(drive, 3 * HOUR, kind)
    before = runs(drive)
    if how == "spec":
        await drive.put(changed(drive.body, layers={"persistent": {"config": {"strategyRepositories": ["m"]}}}))
    else:
        await drive.put(annotated(drive.body, retry="2026" if how == "retry" else "persistent:2026"))
    assert runs(drive) == before + 1
    await drive.turn(3)
    assert runs(drive) == before + 1


async def test_a_retry_of_another_layer_starts_nothing() -> None:
    drive = await failing("Program")
    await drive.turn()
    await drive.put(annotated(drive.body, retry="compute:2026"))
    assert runs(drive) == 1
    await drive.put(annotated(drive.body, retry="persistent:2026"))
    assert runs(drive) == 2


async def test_new_images_start_again_what_stands_still() -> None:
    drive = Drive(World(), body())
    await drive.turn()
    drive.world.executor.succeed("persistent", {"ecr_repository_arns": {"backend": "arn:1"}})
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.turn()
    drive.world.executor.fail("compute", "Program")
    await drive.turn()
    assert drive.condition("Stalled")["status"] == "True"
    drive.world.images.pushed["backend"] = 1
    await pass_time(drive, 0.5 * HOUR)
    assert drive.world.executor.order.count(("up", "compute")) == 2


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("refused", ["finalizers", "status", "both"])
async def test_a_refused_write_is_tried_less_and_less_often(answer: str, refused: str) -> None:
    error, bound = ANSWERS[answer]
    world = World()
    world.cluster = cluster = Stubborn(error, finalizers=refused != "status", status=refused != "finalizers")
    fresh = body()
    if refused != "status":
        fresh["metadata"]["finalizers"] = []
    drive = Drive(world, fresh)
    await pass_time(drive, HOUR)
    assert not world.executor.order, "nothing runs that is not written down"
    assert 5 <= cluster.tried <= (bound + 1 if refused == "finalizers" else 2 * bound)
    assert len(cluster.events) <= 2


async def test_a_refused_finalizer_is_said_in_the_status_and_forgotten_when_it_is_taken() -> None:
    world = World()
    world.cluster = cluster = Stubborn(ANSWERS["403 or 422"][0], finalizers=True, status=False)
    fresh = body()
    fresh["metadata"]["finalizers"] = []
    drive = Drive(world, fresh)
    await pass_time(drive, HOUR)
    assert drive.condition("Stalled")["reason"] == "WriteRefused"
    assert "tradai-approvers is missing" in drive.status["message"]
    assert len(cluster.statuses) == 1
    cluster._refuses["finalizers"] = False
    await drive.loop._guarded_turn()
    await drive.turn()
    assert drive.status["phase"] == "Building"
    assert set(world.executor.live) == {"persistent", "foundation"}


async def test_what_cannot_be_told_in_the_status_is_told_once_by_an_event() -> None:
    world = World()
    world.cluster = cluster = Stubborn(ANSWERS["403 or 422"][0], finalizers=True, status=True)
    fresh = body()
    fresh["metadata"]["finalizers"] = []
    await pass_time(Drive(world, fresh), HOUR)
    assert [event.reason for event in cluster.events] == ["WriteRefused"]
