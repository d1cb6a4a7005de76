"""An engine is noted before it can lock, by the pid and start that it keeps; kill -9 at the worst moments proves it.

The engine is a stand-in that takes a lock as the real one does: after a while, with its own pid.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from tests.unit.runner.objects import Objects
from tradai_runner.engine.launch import is_engine, launch
from tradai_runner.lock.registry import Holder, RunRegistry
from tradai_runner.lock.stack import remove_dead
from tradai_runner.process.alive import process_start
from tradai_runner.process.writes import CRASH, CRASH_DIR

ROOT: Final = Path(__file__).parents[3]
PROJECT, STACK = "sample-store", "eph-a"
KEY: Final = f".pulumi/locks/organization/{PROJECT}/{STACK}/x.json"

#: Says that it began, waits for leave to lock, locks, and stays.
ENGINE: Final = """
import datetime, getpass, json, os, pathlib, socket, sys, time
folder = pathlib.Path(sys.argv[-1])
if "version" in sys.argv:
    print("v3.255.0")
    sys.exit()
(folder / "began").write_text(str(os.getpid()))
while not (folder / "leave").exists():
    time.sleep(0.01)
now = datetime.datetime.now(datetime.UTC).isoformat()
mark = {"pid": os.getpid(), "username": getpass.getuser(), "hostname": socket.gethostname(), "timestamp": now}
(folder / "lock.tmp").write_text(json.dumps(mark))
(folder / "lock.tmp").replace(folder / "lock")
while True:
    time.sleep(0.01)
"""
#: A runner that does nothing but start the engine, through the port for writes.
RUNNER: Final = """
import os, pathlib, sys
from tradai_runner.engine.process import Engine
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.process.writes import arm
arm("runner", os.environ)
Engine("r1", RunRegistry(pathlib.Path(sys.argv[1]) / "notes")).run(["up", sys.argv[1]], sys.argv[1], {})
"""


def until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 120
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    engine = tmp_path / "bin" / "pulumi"
    engine.write_text(f"#!{sys.executable}\n{ENGINE}")
    engine.chmod(0o755)
    return tmp_path


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts the runner, and leaves nothing behind."""
    started: list[subprocess.Popen[bytes]] = []

    def starting(crash: str = "") -> subprocess.Popen[bytes]:
        env = os.environ | {
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            CRASH: crash,
            CRASH_DIR: str(folder),
        }
        command = [sys.executable, "-c", RUNNER, str(folder)]
        started.append(subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True, stderr=subprocess.DEVNULL))
        return started[-1]

    yield starting
    for runner in started:
        for process in session(runner.pid):
            process.kill()
        runner.wait()


def session(sid: int) -> list[psutil.Process]:
    """The processes of a runner that live, also once it is dead itself."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == sid and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (OSError, psutil.NoSuchProcess):
            continue
    return found


def notes(folder: Path) -> list[Holder]:
    return [Holder.model_validate_json(path.read_text()) for path in folder.glob("notes/holders/*.json")]


def engine_of(folder: Path) -> int:
    return int(until(lambda: (folder / "began").exists() and (folder / "began").read_text()))


def removed(folder: Path, body: bytes) -> bool:
    store: Any = Objects({KEY: body})
    gone, _ = remove_dead(store, PROJECT, STACK, RunRegistry(folder / "notes"))
    return bool(gone)


def locked(folder: Path) -> bytes:
    (folder / "leave").touch()
    until((folder / "lock").exists)
    return (folder / "lock").read_bytes()


def test_an_engine_that_runs_is_noted_by_its_own_pid_and_start(
    folder: Path, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    start()
    engine = engine_of(folder)
    (note,) = notes(folder)
    assert (note.pid, note.started) == (engine, process_start(engine))
    assert not removed(folder, locked(folder)), "it lives"
    os.kill(engine, signal.SIGKILL)
    until(lambda: process_start(engine) is None)
    assert removed(folder, (folder / "lock").read_bytes())


def test_a_runner_killed_before_the_note_has_no_engine(
    folder: Path, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    runner = start("runner:presence.note:before:1")
    assert runner.wait(120) == -signal.SIGKILL
    until(lambda: not session(runner.pid))
    assert not (folder / "began").exists()
    assert notes(folder) == []


def test_a_runner_killed_between_note_and_engine_has_no_engine(
    folder: Path, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    runner = start("runner:presence.note:after:1")
    assert runner.wait(120) == -signal.SIGKILL
    until(lambda: not session(runner.pid))
    assert not (folder / "began").exists()
    assert len(notes(folder)) == 1


def test_a_runner_killed_before_its_engine_locks_leaves_an_engine_that_is_known(
    folder: Path, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    runner = start()
    engine = engine_of(folder)
    runner.kill()
    runner.wait()
    lock = locked(folder)
    assert not removed(folder, lock), "the engine goes on alone"
    os.kill(engine, signal.SIGKILL)
    until(lambda: process_start(engine) is None)
    foreign = json.dumps({**json.loads(lock), "pid": 2**22 + 7}).encode()
    assert not removed(folder, foreign), "a person's, of this user and host and of the same moment"
    assert removed(folder, lock)


def test_a_launcher_that_is_killed_is_an_engine_that_failed(tmp_path: Path) -> None:
    def kill(pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        until(lambda: process_start(pid) is None)

    with launch([sys.executable, "-c", "print('ran')"], str(tmp_path), os.environ, kill) as process:
        assert process.communicate()[0] == ""
    assert process.returncode == -signal.SIGKILL


def test_where_the_note_fails_nothing_is_started(tmp_path: Path) -> None:
    def full(pid: int) -> None:
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        launch([sys.executable, "-c", f"open({str(tmp_path / 'ran')!r}, 'w')"], str(tmp_path), os.environ, full)
    assert not (tmp_path / "ran").exists()


@pytest.fixture
def heard() -> Iterator[None]:
    """SIGINT is heard, as a runner does that has taken it: what a shell starts in the background is deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_an_interrupt_ends_what_is_about_to_become_an_engine(tmp_path: Path) -> None:
    def interrupt(pid: int) -> None:
        launcher = psutil.Process(pid)
        until(lambda: is_engine(launcher))
        launcher.send_signal(signal.SIGINT)
        until(lambda: process_start(pid) is None)

    with launch([sys.executable, "-c", "print('ran')"], str(tmp_path), os.environ, interrupt) as process:
        assert process.communicate()[0] == ""
    assert process.returncode != 0


def test_the_engine_reads_nothing_and_starts_as_it_would_alone(tmp_path: Path) -> None:
    words = [sys.executable, "-c", "import os, sys; print(sys.stdin.read() == '', os.getcwd(), sys.argv[1])", "a b"]
    with launch(words, str(tmp_path), os.environ, lambda pid: None) as process:
        assert process.stdout is not None
        assert process.stdout.read().split("\n")[0] == f"True {tmp_path} a b"
