"""A run by hand that is stopped: Ctrl-C asks its runner to stop, waits for it, and the shell is told 130."""

import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.requests import request_of
from tradai_cli import follow
from tradai_cli.by_hand import EXIT
from tradai_runner.contract import RunResult
from tradai_runner.journal.local import RunJournal


class Runner:
    """Ends once it was asked to stop as often as it takes; writes a result or dies without one."""

    def __init__(self, journal: RunJournal, result: RunResult | None, takes: int) -> None:
        self.journal, self.result, self.takes = journal, result, takes
        self.asked = 0

    def poll(self) -> int | None:
        if self.asked < self.takes:
            return None
        if self.result:
            self.journal.finish(self.result)
        return 0

    def send_signal(self, number: int) -> None:
        assert number == signal.SIGINT
        self.asked += 1


def stop(_: float) -> None:
    """Whoever waits is stopped."""
    raise KeyboardInterrupt


CANCELLED = RunResult(
    run_id="r", layer="store", operation="up", outcome="cancelled", started_at=1_800_000_000, finished_at=1_800_000_001
)


@pytest.mark.parametrize(("result", "takes"), [(CANCELLED, 1), (None, 2)], ids=["cleanly", "at once"])
def test_it_is_asked_waited_for_and_told(
    result: RunResult | None, takes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = Runner(RunJournal(tmp_path / "run"), result, takes)
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: runner)
    monkeypatch.setattr(time, "sleep", stop)
    base: dict[str, Any] = {"run_id": "r", "region": "eu-central-1", "backend_url": "s3://b", "account_id": "1"}
    outcome = follow.follow(
        tmp_path / "run", request_of(layer="store", environment="dev", operation="up", blueprint="sample", **base)
    )
    assert EXIT[outcome] == 130
    assert runner.asked == takes
