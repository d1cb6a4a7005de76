"""One turn of a loop over fakes: in which order it acts, what it remembers of a turn that failed, and when it rests."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from typing import Any
from unittest.mock import AsyncMock

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.cloud import EFFECTS
from tests.fakes.drive import PERSISTENT, SETTINGS, Drive
from tests.fakes.executor import FakeExecutor
from tests.fakes.world import World
from tradai_operator.model import EnvironmentStatus
from tradai_operator.ports import ClusterError, RefusedError
from tradai_operator.reconcile import backoff as pauses
from tradai_operator.reconcile.backoff import PASSING_SECONDS, REFUSED_SECONDS, backoff
from tradai_operator.reconcile.loop import Loop
from tradai_operator.reconcile.memory import PROGRESS_SECONDS, Memory

NONSENSE = {"compute": {"config": {"nonsense": 1}}}
_EFFECTS = EFFECTS | {"mark", "keep"}


class Recorded:
    """A port whose effects are written down in the order in which they are asked for; events are not."""

    def __init__(self, port: Any, effects: list[str]) -> None:
        self._port = port
        self._effects = effects

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        if name not in _EFFECTS - {"emit"}:
            return method

        async def recorded(*args: Any, **named: Any) -> Any:
            self._effects.append(name)
            return await method(*args, **named)

        return recorded


class Story:
    """One environment whose effects are written down, a turn at a time."""

    def __init__(self, **spec: Any) -> None:
        self.drive = Drive(World(), body(**spec))
        self.effects: list[str] = []
        ports = self.drive.world.ports
        names = ("cluster", "executor", "stacks", "archive")
        recorded: dict[str, Any] = {name: Recorded(getattr(ports, name), self.effects) for name in names}
        self.drive.loop = Loop(self.drive.body, replace(ports, **recorded), SETTINGS)

    async def turn(self) -> list[str]:
        """The effects of the next turn."""
        self.effects.clear()
        await self.drive.turn()
        return list(self.effects)

    def becomes(self, new: dict[str, Any]) -> None:
        """The resource is another now."""
        self.drive.world.cluster.objects[self.drive.uid] = new


async def test_what_a_destroy_needs_and_the_intent_are_written_before_anything_starts() -> None:
    story = Story()
    assert await story.turn() == ["write_secret", "write_status", "start", "start"]


async def test_the_finalizer_comes_first_and_alone() -> None:
    story = Story()
    story.drive.body["metadata"]["finalizers"] = []
    assert await story.turn() == ["write_finalizers"]
    assert await story.turn() == ["write_secret", "write_status", "start", "start"]


async def test_a_run_is_cleared_once_the_status_and_the_outputs_have_what_it_said() -> None:
    story = Story()
    await story.turn()
    story.drive.world.executor.succeed("persistent", PERSISTENT, token="s3cr3t")
    assert await story.turn() == ["write_secret", "write_status", "finish"]


async def test_a_success_is_kept_in_the_bucket_before_the_status_names_it() -> None:
    story = Story(blueprint="sample")
    await story.turn()
    while story.drive.status["phase"] != "Ready":
        for layer in list(story.drive.world.executor.live):
            story.drive.world.executor.succeed(layer, {"table_name": "t"})
        effects = await story.turn()
    assert effects == ["keep", "write_status", "finish"]


async def test_a_run_is_asked_to_stop_after_the_status_says_so() -> None:
    story = Story()
    await story.turn()
    story.becomes(deleted(story.drive.body))
    assert await story.turn() == ["write_status", "cancel", "cancel"]


async def test_an_invalid_spec_is_said_and_nothing_begins_while_its_runs_are_followed() -> None:
    story = Story()
    await story.turn()
    story.becomes(changed(story.drive.body, layers=NONSENSE))
    assert await story.turn() == ["write_status"]
    assert await story.turn() == []
    story.drive.world.executor.succeed("persistent", PERSISTENT, token="s3cr3t")
    assert await story.turn() == ["write_secret", "write_status", "finish"]
    assert story.drive.world.cluster.secrets["tradai", "dev-outputs"] == {"persistent.token": "s3cr3t"}
    assert await story.turn() == []


async def test_an_invalid_spec_on_its_way_out_stops_what_runs_and_then_goes() -> None:
    story = Story(approval="Always", blueprint="sample")
    await story.turn()
    runs = list(story.drive.world.executor.live)
    assert runs
    story.becomes(deleted(changed(story.drive.body, layers={"store": {"config": {"nonsense": 1}}})))
    assert await story.turn() == ["write_status", *("cancel" for _ in runs)]
    for layer in runs:
        story.drive.world.executor.stop(layer)
    cleared = ["finish" for _ in runs]
    assert await story.turn() == ["write_status", *cleared, "delete_secret", "write_finalizers"]


async def test_who_is_given_up_is_stopped_whether_or_not_that_can_be_written() -> None:
    story = Story()
    await story.turn()
    story.becomes(annotated(deleted(story.drive.body), abandon="dev"))
    assert await story.turn() == ["cancel", "cancel", "write_status"]
    for layer in list(story.drive.world.executor.live):
        story.drive.world.executor.stop(layer)
    gone = ["finish", "finish", "write_status", "write_record", "delete_secret", "write_finalizers"]
    assert await story.turn() == gone


class Prompt(FakeExecutor):
    """Says at once that a run is over, as often as it is asked: so do those that live in processes and containers."""

    async def changed(self, handles: Collection[str]) -> None:
        if not any(self.observations[handle].result for handle in handles):
            await super().changed(handles)


@pytest.fixture
def no_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what wakes a loop paces it."""
    monkeypatch.setattr(pauses, "FLOOR_SECONDS", 0.0)


async def turns_at_once(drive: Drive) -> int:
    """How often the loop turns while nothing happens, as far as it gets without any time passing."""
    before = len(drive.world.telemetry.turns)
    drive.loop.notice(drive.body)
    turning = asyncio.create_task(drive.loop.run())
    for _ in range(500):
        await asyncio.sleep(0)
    turning.cancel()
    await asyncio.gather(turning, return_exceptions=True)
    return len(drive.world.telemetry.turns) - before


async def test_whatever_wakes_a_loop_it_rests_a_moment_between_two_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pauses, "FLOOR_SECONDS", 3600.0)
    drive = Drive(World(executor=Prompt()), body())
    await drive.turn()
    drive.world.executor.succeed("persistent", PERSISTENT)
    monkeypatch.setattr(drive.loop, "_turn", due_at_once := AsyncMock(return_value=0.0, side_effect=drive.loop.wake))
    assert await turns_at_once(drive) == 1
    assert due_at_once.await_count == 1


@pytest.mark.usefixtures("no_floor")
async def test_the_end_of_a_run_under_an_invalid_spec_makes_no_hot_loop() -> None:
    drive = Drive(World(executor=Prompt()), body())
    await drive.turn()
    drive.world.cluster.objects[drive.uid] = changed(drive.body, layers=NONSENSE)
    drive.world.executor.succeed("persistent", PERSISTENT)
    assert 1 <= await turns_at_once(drive) <= 3


@pytest.mark.usefixtures("no_floor")
async def test_runs_of_who_is_given_up_that_nobody_can_see_make_no_hot_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unseen(*_: Any) -> None:
        raise OSError("NoSuchBucket")

    drive = Drive(World(), body())
    await drive.turn()
    drive.world.cluster.objects[drive.uid] = annotated(deleted(drive.body), abandon="dev")
    for name in ("observe", "changed"):
        monkeypatch.setattr(drive.world.executor, name, unseen)
    assert 1 <= await turns_at_once(drive) <= 3


def test_the_wait_grows_with_the_failures_in_a_row_and_is_longer_for_a_refusal() -> None:
    assert [backoff(failures, ClusterError("no answer")) for failures in range(6)] == [*PASSING_SECONDS, 30.0]
    assert [backoff(failures, RefusedError("no")) for failures in range(6)] == [*REFUSED_SECONDS, 300.0]


def test_mere_progress_waits_and_news_never_does() -> None:
    running = {"name": "edge", "state": "Running", "run": {"id": "run-1", "executor": "local", "handle": "h"}}
    written = EnvironmentStatus.parse({"phase": "Building", "layers": [running]})
    progress = EnvironmentStatus.parse({"phase": "Building", "layers": [running | {"current": "a bucket"}]})
    news = EnvironmentStatus.parse({"phase": "Ready", "layers": [running]})
    memory = Memory(written, written, written_at=100.0)
    soon, later = 100.0 + PROGRESS_SECONDS / 2, 100.0 + PROGRESS_SECONDS
    assert memory.holds_back(written, later)
    assert memory.holds_back(progress, soon)
    assert not memory.holds_back(progress, later)
    assert not memory.holds_back(news, soon)
    assert memory.knowing(progress).status is progress
    assert memory.knowing(progress).written is written
