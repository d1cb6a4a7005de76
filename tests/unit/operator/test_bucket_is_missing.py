"""A state bucket that is not there: asked as seldom as any other failure, and always before anything begins."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tests.fakes.bodies import body
from tests.fakes.drive import Drive
from tests.fakes.world import FakeStacks, World
from tests.unit.operator.test_no_hot_loop import HOUR
from tradai_operator.decide.facts import StackSeen
from tradai_operator.ports import Shelf


@dataclass
class Missing(FakeStacks):
    """No bucket; notes how many runs had begun at each look."""

    no_bucket: bool = True
    runs_before: list[int] = field(default_factory=list)

    async def look(
        self, shelf: Shelf, projects: Mapping[str, str], states: Collection[str], known: Collection[str] = ()
    ) -> Mapping[str, StackSeen]:
        self.runs_before.append(len(self.executor.order))
        return await super().look(shelf, projects, states, known)


def without_bucket() -> tuple[Drive, Missing]:
    drive = Drive(World(), body())
    missing = Missing(drive.world.executor)
    drive.world.stacks = missing
    drive.restart()
    return drive, missing


async def test_turns_that_come_with_every_word_of_a_run_do_not_ask_each_time() -> None:
    drive, stacks = without_bucket()
    await drive.turn(2)
    assert set(drive.world.executor.live) == {"persistent", "foundation"}
    for second in range(60):
        drive.world.clock.time += 1
        drive.world.executor.progress("persistent", second, 60)
        await drive.turn()
    assert stacks.looks <= 6


async def failing(drive: Drive, seconds: float) -> None:
    """Turns as the loop makes them itself, every run failing at once of the bucket."""
    clock, executor = drive.world.clock, drive.world.executor
    end = clock.time + seconds
    while clock.time < end:
        drive.loop.notice(drive.body)
        wake = await drive.loop._guarded_turn()
        live = list(executor.live)
        for layer in live:
            executor.ended_at = clock.time
            executor.fail(layer, "Backend", "NoSuchBucket")
        if not live:
            clock.time = end if wake is None else max(wake, clock.time)


async def test_a_day_of_failing_runs_asks_no_more_often_than_they_begin_and_end() -> None:
    drive, stacks = without_bucket()
    await failing(drive, 24 * HOUR)
    assert stacks.looks <= 2 * len(drive.world.executor.order)


async def test_every_run_begins_on_an_answer_of_the_same_turn() -> None:
    drive, stacks = without_bucket()
    await failing(drive, HOUR)
    begun = len(drive.world.executor.order)
    assert begun > 10
    assert set(range(0, begun, 2)) <= set(stacks.runs_before), "two begin at a time, after a look of their own"
