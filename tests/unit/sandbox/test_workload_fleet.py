"""Warm processes: which one takes an event, and which of them end."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tradai_sandbox.workloads.bounds import Bounds
from tradai_sandbox.workloads.fleet import Fleet, Kind, ThrottledError
from tradai_sandbox.workloads.instance import Outcome, Start
from tradai_sandbox.workloads.places import INJECTED

CODE = """
import os, pathlib, time
def handle(event, context):
    while event.get("hold") and pathlib.Path(event["hold"]).exists():
        time.sleep(0.01)
    return os.getpid()
"""
SMALL = Bounds(processes=3, instances=2, idle_s=60, wait_s=0.2, look_s=0.05)


@pytest.fixture
def over() -> list[str]:
    return []


@pytest.fixture
def start(tmp_path: Path, over: list[str]) -> Callable[[str], Start]:
    (tmp_path / "handler.py").write_text(CODE)

    def made(name: str) -> Start:
        names = ("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION")
        more = {"LAMBDA_TASK_ROOT": str(tmp_path), "_HANDLER": "handler.handle", "PATH": os.environ["PATH"]}
        command = [sys.executable, "-I", str(INJECTED / "zip_runtime.py")]
        environment = {**dict.fromkeys(names, "1"), **more}
        return Start(command, environment, tmp_path, 256, 30.0, lambda _: None, lambda: over.append(name))

    return made


@pytest.fixture
def fleets() -> Iterator[list[Fleet]]:
    made: list[Fleet] = []
    yield made
    for fleet in made:
        fleet.close()


class Playing:
    """A fleet, and functions that answer their process's id."""

    def __init__(self, fleet: Fleet, start: Callable[[str], Start]) -> None:
        self.fleet, self.start = fleet, start

    def call(self, name: str, version: str = "1", payload: bytes = b"{}") -> Outcome:
        taken = self.fleet.take(Kind(name, version), lambda: self.start(name))
        try:
            return taken.instance.invoke("id", payload, name, "trace")
        finally:
            taken.leave()


@pytest.fixture
def playing(start: Callable[[str], Start], fleets: list[Fleet]) -> Playing:
    fleets.append(Fleet(SMALL))
    return Playing(fleets[0], start)


def await_over(over: list[str], wanted: list[str]) -> None:
    for _ in range(1000):
        if over == wanted:
            return
        threading.Event().wait(0.02)
    assert over == wanted


def test_a_process_is_used_again_until_its_function_changes(playing: Playing, over: list[str]) -> None:
    first = playing.call("a")
    assert (playing.call("a").payload, first.cold, playing.call("a").cold) == (first.payload, True, False)
    assert playing.call("a", version="2").payload != first.payload
    await_over(over, ["a"])


def test_what_is_forgotten_ends(playing: Playing, over: list[str]) -> None:
    playing.call("a")
    playing.call("b")
    playing.fleet.forget("a")
    await_over(over, ["a"])
    assert playing.fleet.running() == 1


def test_the_idlest_makes_room_for_another_function(playing: Playing, over: list[str]) -> None:
    for name in ("a", "b", "c", "a", "d"):
        playing.call(name)
    await_over(over, ["b"])
    assert playing.fleet.running() == 3


def test_calls_at_once_have_processes_of_their_own_up_to_the_bound(playing: Playing, tmp_path: Path) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    held = f'{{"hold": "{hold}"}}'.encode()
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(playing.call, "a", "1", held) for _ in range(2)]
        while playing.fleet.running() < 2:
            threading.Event().wait(0.01)
        with pytest.raises(ThrottledError):
            playing.call("a")
        hold.unlink()
        assert len({call.result().payload for call in calls}) == 2


def test_an_idle_one_ends_by_itself(start: Callable[[str], Start], fleets: list[Fleet], over: list[str]) -> None:
    fleets.append(Fleet(Bounds(idle_s=0.1, look_s=0.05)))
    Playing(fleets[0], start).call("a")
    await_over(over, ["a"])


def test_a_start_that_fails_leaves_no_place_taken(playing: Playing) -> None:
    def fails() -> Start:
        raise OSError("no such file")

    for _ in range(SMALL.instances + 1):
        with pytest.raises(OSError, match="no such file"):
            playing.fleet.take(Kind("a", "1"), fails)
    assert playing.fleet.running() == 0


def test_an_init_that_never_ends_is_a_time_out(
    start: Callable[[str], Start], fleets: list[Fleet], tmp_path: Path
) -> None:
    fleets.append(Fleet(Bounds(init_s=0.5)))
    playing = Playing(fleets[0], start)
    (tmp_path / "handler.py").write_text("import time\ntime.sleep(60)")
    assert "Sandbox.Timedout" in playing.call("a").payload
