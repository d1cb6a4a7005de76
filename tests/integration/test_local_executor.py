"""Runs as real processes: started, seen by another executor, stopped, lost, and never leaving a secret behind."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.fakes.requests import request_of
from tradai_operator.adapters.runs.local import LocalExecutor
from tradai_runner.contract import RunRequest
from tradai_runner.journal.local import RunJournal

SECRET = "correct horse battery staple"


def request(**changes: Any) -> RunRequest:
    """A request that a runner refuses at once: its result comes without engine or cloud."""
    base: dict[str, Any] = {
        "run_id": "r1",
        "layer": "no-such-layer",
        "environment": "dev",
        "operation": "up",
        "account_id": "123456789012",
        "region": "eu-central-1",
        "backend_url": "file:///nowhere",
    }
    return request_of(**(base | changes))


def directory(root: Path, handle: str) -> Path:
    """Where the journal of a run is."""
    return root / handle.partition("@")[0]


@pytest.fixture
def executor(tmp_path: Path) -> Iterator[LocalExecutor]:
    executor = LocalExecutor(tmp_path)
    yield executor
    for child in executor._children.values():
        child.wait(60)


async def test_a_run_ends_with_a_result_that_another_operator_sees_too(executor: LocalExecutor, tmp_path: Path) -> None:
    handle = executor.handle("uid", request())
    await executor.start(handle, request(), SECRET, {})
    await asyncio.wait_for(executor.changed([handle]), 60)
    for observer in (executor, LocalExecutor(tmp_path)):
        seen = await observer.observe(handle)
        assert seen.result is not None
        assert seen.result.outcome == "failed"
        assert seen.result.failure is not None
        assert seen.result.failure.kind == "Config"
        assert "no-such-layer" in seen.result.failure.error


async def test_a_live_run_is_adopted_and_a_killed_one_is_lost(executor: LocalExecutor, tmp_path: Path) -> None:
    handle = executor.handle("uid", request())
    await executor.start(handle, request(), SECRET, {})
    mark = RunJournal(directory(tmp_path, handle)).process()
    assert mark is not None
    os.kill(mark.pid, signal.SIGSTOP)
    heir = LocalExecutor(tmp_path)
    assert not (await heir.observe(handle)).lost
    os.kill(mark.pid, signal.SIGKILL)
    await asyncio.wait_for(executor.changed([handle]), 60)
    assert (await heir.observe(handle)).lost


async def test_values_of_secrets_are_in_private_files_only_while_the_run_is(
    executor: LocalExecutor, tmp_path: Path
) -> None:
    handle = executor.handle("uid", request())
    await executor.start(handle, request(), SECRET, {"binance-api": SECRET})
    journal = RunJournal(directory(tmp_path, handle))
    files = [Path(journal.request().passphrase_file or ""), Path(journal.request().secret_files["binance-api"])]
    assert [path.read_text() for path in files] == [SECRET, SECRET]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    mark = journal.process()
    assert mark is not None
    assert SECRET.encode() not in Path(f"/proc/{mark.pid}/environ").read_bytes()
    assert SECRET.encode() not in Path(f"/proc/{mark.pid}/cmdline").read_bytes()
    await asyncio.wait_for(executor.changed([handle]), 60)
    await executor.finish(handle)
    assert not any(path.exists() for path in files)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in kept if SECRET.encode() in path.read_bytes()]


async def test_a_finished_run_leaves_no_zombie(executor: LocalExecutor, tmp_path: Path) -> None:
    handle = executor.handle("uid", request())
    await executor.start(handle, request(), SECRET, {})
    mark = RunJournal(directory(tmp_path, handle)).process()
    assert mark is not None
    await asyncio.wait_for(executor.changed([handle]), 60)
    await executor.finish(handle)
    await asyncio.wait_for(asyncio.gather(*executor._reapers), 60)
    assert not psutil.pid_exists(mark.pid)


async def test_old_journals_of_a_layer_go_and_the_newest_stay(executor: LocalExecutor, tmp_path: Path) -> None:
    handles = []
    for number in range(7):
        wanted = request(run_id=f"r{number}")
        handle = executor.handle("uid", wanted)
        RunJournal(directory(tmp_path, handle)).open(wanted)
        handles.append(handle)
    await executor.finish(handles[-1])
    assert [handle for handle in handles if directory(tmp_path, handle).exists()] == handles[2:]


async def test_cancelling_what_is_over_is_no_error(executor: LocalExecutor) -> None:
    handle = executor.handle("uid", request())
    await executor.start(handle, request(), SECRET, {})
    await asyncio.wait_for(executor.changed([handle]), 60)
    await executor.cancel(handle)
    await executor.cancel("uid/layer/never-was")


async def test_a_directory_that_is_gone_means_a_lost_run(executor: LocalExecutor) -> None:
    assert (await executor.observe("uid/layer/never-was")).lost


async def test_a_run_of_another_host_is_neither_judged_nor_touched_by_its_pid(
    executor: LocalExecutor, tmp_path: Path
) -> None:
    handle = executor.handle("uid", request())
    await executor.start(handle, request(), SECRET, {})
    journal = RunJournal(directory(tmp_path, handle))
    mark = journal.process()
    assert mark is not None
    os.kill(mark.pid, signal.SIGSTOP)
    elsewhere = f"{handle.partition('@')[0]}@another"
    heir = LocalExecutor(tmp_path)
    assert (await heir.observe(elsewhere)).lost, "whether it lives only its lock can tell"
    await heir.cancel(elsewhere)
    assert not (journal.path / "cancelled").exists()
    assert not (await heir.observe(handle)).lost
    os.kill(mark.pid, signal.SIGCONT)
    await asyncio.wait_for(executor.changed([handle]), 60)
    assert (await heir.observe(elsewhere)).result is not None, "where the journals are shared, its result counts"
