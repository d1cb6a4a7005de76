"""A cancel is never lost, and nothing blocks the event loop: a Lease is renewed on it."""

import ast
import asyncio
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final
from unittest.mock import create_autospec

import pytest
from botocore.exceptions import BotoCoreError

import tradai_cli
import tradai_operator
import tradai_runner
from tests.fakes.requests import request_of
from tradai_operator.adapters.aws.archive import BucketArchive
from tradai_operator.adapters.aws.stacks import BucketStacks
from tradai_operator.adapters.process.together import together
from tradai_operator.adapters.runs.local import LocalExecutor
from tradai_operator.adapters.runs.remote import Host, RemoteExecutor
from tradai_operator.ports import Shelf

TREES: Final = [Path(tree.__file__ or "").parent for tree in (tradai_operator, tradai_cli, tradai_runner)]
SHELF: Final = Shelf("s3://b", "eu-central-1", None, "tradai", "dev")
#: Somewhere in the loop's few steps between a thread's answer and the awakening of who waits for it.
STEPS: Final = range(6)
#: After so many of them whoever was cancelled has ended, however slow the machine is.
ENDED: Final = 10


def uses(source: str) -> list[int]:
    """The lines that name `asyncio.wait_for`, which on Python 3.11 swallows a cancel that comes with the answer."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and ast.unparse(node) == "asyncio.wait_for")
        or (
            isinstance(node, ast.ImportFrom) and node.module == "asyncio" and "wait_for" in {a.name for a in node.names}
        )
    ]


def test_nothing_waits_by_what_swallows_a_cancel() -> None:
    modules = [path for tree in TREES for path in tree.rglob("*.py")]
    assert len(modules) > 100
    assert not {str(path): lines for path in modules if (lines := uses(path.read_text()))}


@pytest.mark.parametrize(
    "source", ["await asyncio.wait_for(x, 1)", "from asyncio import wait_for", "f = asyncio.wait_for"]
)
def test_whoever_waits_so_is_found(source: str) -> None:
    assert uses(source) == [1]


@pytest.mark.parametrize(
    "ask", [lambda: BucketArchive().keep(SHELF, "n", {}), lambda: BucketStacks().look(SHELF, {}, ())]
)
@pytest.mark.parametrize("steps", STEPS)
async def test_a_cancel_that_comes_with_the_answer_of_a_bucket_is_no_less_a_cancel(
    ask: Callable[[], Awaitable[Any]], steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(asyncio, "to_thread", lambda *_: answer)

    async def turns() -> None:
        await ask()
        await asyncio.Event().wait()

    task = asyncio.create_task(turns())
    await asyncio.sleep(0)
    answer.set_result(None)
    await steps_of_the_loop(steps)
    task.cancel()
    await steps_of_the_loop(ENDED)
    ended = task.done()
    task.cancel()
    await asyncio.wait({task})
    assert ended


async def steps_of_the_loop(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_a_process_that_is_slow_to_start_blocks_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, began, home = threading.Event(), asyncio.Event(), threading.get_ident()
    loop, popen = asyncio.get_running_loop(), subprocess.Popen

    def slow(words: list[str], **options: Any) -> Any:
        loop.call_soon_threadsafe(began.set)
        assert threading.get_ident() != home, "the event loop stands still meanwhile"
        released.wait()
        return popen([sys.executable, "-c", ""], **options)

    executor = LocalExecutor(tmp_path)
    monkeypatch.setattr(subprocess, "Popen", slow)
    request = request_of(run_id="20260101T000000-0000")
    handle = executor.handle("uid-1", request)
    starting = asyncio.create_task(executor.start(handle, request, "pw", {}))
    await began.wait()
    released.set()
    await starting
    assert (await executor.observe(handle)).why is None
    await executor.finish(handle)


async def test_a_state_bucket_that_is_slow_to_open_blocks_nobody_else() -> None:
    released, began, home = threading.Event(), asyncio.Event(), threading.get_ident()
    loop = asyncio.get_running_loop()

    def slow(_: Any) -> Any:
        loop.call_soon_threadsafe(began.set)
        assert threading.get_ident() != home, "the event loop stands still meanwhile"
        released.wait()
        raise BotoCoreError

    host = create_autospec(Host, instance=True)
    host.name = "kubernetes"
    executor = RemoteExecutor(host, slow)
    seeing = asyncio.create_task(executor.observe("kubernetes:s3://state?region=eu-central-1#tradai-edge/dev/run-1"))
    await began.wait()
    released.set()
    assert not (await seeing).lost


async def test_what_ends_by_an_error_ends_the_others_and_is_told() -> None:
    async def election() -> None:
        raise ValueError("a field of the Lease that nobody knows")

    ending = list[str]()

    async def watches() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ending.append("cancelled")

    with pytest.raises(ValueError, match="a field of the Lease"):
        await together(watches(), election(), ending=lambda: ending.append("bounded"))
    assert ending == ["bounded", "cancelled"], "what does not let go is let go of"


STUCK = """
import asyncio, sys
from tradai_operator.adapters.process.ending import end_within

async def deaf():
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass

async def serve():
    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    end_within(0.2)

asyncio.run(serve())
print("ended by itself")
"""
QUICK = """
from tradai_operator.adapters.process.ending import end_within
end_within(600)
print("ended by itself")
"""


@pytest.mark.parametrize(("program", "code", "said"), [(STUCK, 1, "is ended\n"), (QUICK, 0, "ended by itself\n")])
def test_a_process_that_has_to_end_does(program: str, code: int, said: str) -> None:
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.endswith(said)) == (code, True), ran.stderr
