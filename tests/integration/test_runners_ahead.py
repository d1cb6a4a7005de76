"""Runners as real processes that wait for their runs: taken, dead before, dismissed, left by their operator."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.fakes.requests import request_of
from tradai_operator.adapters.runs.ahead import Ahead, Waiting, Waits
from tradai_operator.adapters.runs.local import LocalExecutor
from tradai_runner.ahead import Given
from tradai_runner.contract import RunRequest
from tradai_runner.journal.local import RunJournal

SECONDS = 60.0
AT_ONCE = Waits(after=0.0)


def refused(**changes: Any) -> RunRequest:
    """A request that a runner refuses at once: its result comes without engine or cloud."""
    return request_of(**({"config": {"no-such-setting": 1}, "backend_url": "file:///nowhere"} | changes))


async def until(seen: Callable[[], Any]) -> None:
    """Returns once that is so."""
    async with asyncio.timeout(SECONDS):
        while not seen():  # noqa: ASYNC110 - a process is looked at from outside
            await asyncio.sleep(0.02)


@pytest.fixture
async def executor(tmp_path: Path) -> AsyncIterator[LocalExecutor]:
    executor = LocalExecutor(tmp_path, waits=AT_ONCE)
    yield executor
    await asyncio.to_thread(executor._ahead.dismiss)


async def run(executor: LocalExecutor, number: int) -> tuple[int, RunJournal]:
    """A run from its start to its result; its process and its journal."""
    request = refused(run_id=f"r{number}")
    handle = executor.handle("uid", request)
    await executor.start(handle, request, "pw", {})
    await asyncio.wait_for(executor.changed([handle]), SECONDS)
    journal = RunJournal(executor._root / handle.partition("@")[0])
    mark = journal.process()
    assert mark is not None
    await executor.finish(handle)
    return mark.pid, journal


async def waiting(executor: LocalExecutor) -> int:
    """The process that waits, once there is one."""
    await until(lambda: executor._ahead._waiting)
    assert executor._ahead._waiting is not None
    return executor._ahead._waiting.process.pid


async def test_a_run_is_given_to_the_runner_that_waits_and_ends_as_any_other(executor: LocalExecutor) -> None:
    first, _ = await run(executor, 1)
    ahead = await waiting(executor)
    second, journal = await run(executor, 2)
    assert (second, first == second) == (ahead, False)
    result = journal.result()
    assert result is not None
    assert result.failure is not None
    assert "no-such-setting" in result.failure.error
    assert (journal.path / "process.out").read_text() == ""
    await until(lambda: not psutil.pid_exists(second))


async def test_a_run_whose_runner_died_while_it_waited_gets_another(executor: LocalExecutor) -> None:
    await run(executor, 1)
    ahead = await waiting(executor)
    os.kill(ahead, signal.SIGKILL)
    prepared = executor._ahead._waiting
    await until(lambda: prepared and prepared.process.poll() is not None)
    second, journal = await run(executor, 2)
    assert second != ahead
    assert journal.result() is not None


async def test_a_run_whose_runner_dies_as_it_is_given_it_gets_another(
    executor: LocalExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(executor, 1)
    ahead, taken = await waiting(executor), executor._ahead.take

    def dying() -> Any:
        if (found := taken()) is not None:
            found.process.kill()
            found.process.wait()
        return found

    monkeypatch.setattr(executor._ahead, "take", dying)
    second, journal = await run(executor, 2)
    assert second != ahead
    assert journal.result() is not None


async def test_one_whose_run_cannot_begin_is_ended_and_its_pipe_closed(
    executor: LocalExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(executor, 1)
    await waiting(executor)
    prepared = executor._ahead._waiting
    assert prepared

    def full(journal: RunJournal, mark: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(RunJournal, "mark", full)
    with pytest.raises(OSError, match="no space left"):
        await run(executor, 2)
    assert not psutil.pid_exists(prepared.process.pid)
    assert prepared.pipe.closed


async def test_one_that_nobody_needs_is_ended_and_collected(tmp_path: Path) -> None:
    ahead = LocalExecutor(tmp_path, waits=Waits(kept=0.0))._ahead
    await asyncio.to_thread(ahead._prepare, "tradai", "persistent")
    prepared = ahead._waiting
    assert prepared is not None
    ahead.expect(request_of(layer="edge"))
    await until(lambda: not psutil.pid_exists(prepared.process.pid))


def test_one_ends_with_the_operator_that_started_it(tmp_path: Path) -> None:
    operator = f"""
import asyncio, os, signal
from tests.integration.test_runners_ahead import AT_ONCE, Path, LocalExecutor, run, waiting
async def main():
    executor = LocalExecutor(Path({str(tmp_path)!r}), waits=AT_ONCE)
    await run(executor, 1)
    print(await waiting(executor), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    ended = subprocess.run([sys.executable, "-c", operator], capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    ahead = int(ended.stdout)
    asyncio.run(until(lambda: not psutil.pid_exists(ahead) or psutil.Process(ahead).status() == psutil.STATUS_ZOMBIE))


@pytest.mark.parametrize(
    ("request_", "prepared"),
    [
        (request_of(layer="persistent"), True),
        (request_of(layer="compute", operation="preview"), True),
        (request_of(layer="edge"), False),
        (request_of(layer="persistent", operation="destroy"), False),
        (request_of(layer="persistent", operation="preview", drift={}), False),
        (request_of(layer="persistent", blueprint="gone"), False),
        (request_of(layer="none-of-its"), False),
    ],
)
async def test_one_is_prepared_where_another_layer_may_follow(request_: RunRequest, prepared: bool) -> None:
    asked: list[Callable[[], None]] = []
    ahead = Ahead({}, asked.append, Waits(0.0, 0.0))
    ahead.expect(request_)
    await asyncio.sleep(0.01)
    assert len(asked) == 1 + prepared


def test_giving_a_run_to_one_that_is_dead_says_so_and_leaves_no_zombie() -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE)
    dead.wait()
    assert dead.stdin
    assert not Waiting(dead, dead.stdin).give(Given("d", "o", {}))
    assert not psutil.pid_exists(dead.pid)
