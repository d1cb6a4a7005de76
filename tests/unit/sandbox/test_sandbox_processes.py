"""Processes are known by pid and start time, and ended by nothing else."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradai_runner.journal.local import ProcessMark, is_alive
from tradai_sandbox import processes

_IDLE = "import signal, sys; print('up', flush=True); signal.pause()"
_STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()"
)


@pytest.fixture
def started() -> Iterator[list[ProcessMark]]:
    marks: list[ProcessMark] = []
    yield marks
    processes.stop(marks, 0.1)


def _spawn(tmp_path: Path, program: str, started: list[ProcessMark], marker: str = "none") -> ProcessMark:
    log = tmp_path / "logs" / "process.log"
    environment = {"PATH": os.environ["PATH"], processes.MARKER: marker}
    mark = processes.spawn([sys.executable, "-c", program], environment, log, tmp_path)
    started.append(mark)
    assert processes.wait(lambda: "up" in log.read_text(), 20)
    return mark


def test_a_process_ends_when_asked(tmp_path: Path, started: list[ProcessMark]) -> None:
    mark = _spawn(tmp_path, _IDLE, started)
    assert is_alive(mark)
    processes.stop([mark], 20)
    assert not is_alive(mark)


def test_a_process_that_does_not_listen_is_killed(tmp_path: Path, started: list[ProcessMark]) -> None:
    mark = _spawn(tmp_path, _STUBBORN, started)
    processes.stop([mark], 0.2)
    assert not is_alive(mark)


def test_a_pid_that_was_given_to_another_process_is_left_alone(tmp_path: Path, started: list[ProcessMark]) -> None:
    mark = _spawn(tmp_path, _IDLE, started)
    processes.stop([ProcessMark(pid=mark.pid, started=mark.started - 1)], 0.2)
    assert is_alive(mark)


def test_what_a_sandbox_started_is_found_by_its_mark(tmp_path: Path, started: list[ProcessMark]) -> None:
    ours = _spawn(tmp_path, _IDLE, started, marker=str(tmp_path))
    assert processes.stragglers(str(tmp_path)) == [ours]
    assert processes.stragglers(str(tmp_path / "other")) == []
