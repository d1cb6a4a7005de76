"""One run of one layer by the runner, timed, with the CPU of its processes by kind.

A process is looked at every so often, so that what it did in its last moments is missing: the CPU figures are lower
bounds. Must never count the AWS endpoint, nor processes of other runs.
"""

import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from tools.bench.cpu import KINDS, CpuClock, Kind
from tradai_runner.contract import RunRequest, RunResult
from tradai_runner.journal.local import RunJournal

_LOOK_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Measured:
    """The result, wall seconds from start to end of the runner's process, and CPU seconds by kind."""

    result: RunResult
    wall: float
    cpu: Mapping[Kind, float]


def run_layer(directory: Path, request: RunRequest, env: Mapping[str, str]) -> Measured:
    """Runs a request to its end; raises RuntimeError with the failure where it does not succeed."""
    journal = RunJournal(directory)
    journal.open(request)
    began, spent = time.monotonic(), dict[int, tuple[Kind, float]]()
    command = [sys.executable, "-m", "tradai_runner", str(directory)]
    with (directory / "output.txt").open("w") as output:
        runner = subprocess.Popen(command, env={**os.environ, **env}, stdout=output, stderr=output)
        while _ended(runner) is False:
            look(psutil.Process(runner.pid), spent)
    wall = time.monotonic() - began
    result = journal.result()
    if result is None or result.outcome != "succeeded":
        raise RuntimeError(f"{request.operation} {request.layer} of {request.environment}: {_why(result, directory)}")
    return Measured(result, wall, by_kind(spent))


def look(runner: psutil.Process, spent: dict[int, tuple[Kind, float]]) -> None:
    """Notes in `spent` what the runner and all that it started have used so far, by pid."""
    try:
        family = [runner, *runner.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            kind = _kind(process, runner)
            spent[process.pid] = (kind, CpuClock.of(process).since(CpuClock()))
        except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            continue


def by_kind(spent: Mapping[int, tuple[Kind, float]]) -> dict[Kind, float]:
    """CPU seconds of all processes of each kind."""
    total: dict[Kind, float] = defaultdict(float)
    for kind, seconds in spent.values():
        total[kind] += seconds
    return {kind: total[kind] for kind in KINDS}


def _kind(process: psutil.Process, runner: psutil.Process) -> Kind:
    if process.pid == runner.pid:
        return "program"
    return "engine" if process.name() == "pulumi" else "provider"


def _ended(runner: subprocess.Popen[bytes]) -> bool:
    try:
        runner.wait(_LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def _why(result: RunResult | None, directory: Path) -> str:
    if result is not None and result.failure is not None:
        return f"{result.failure.urn} {result.failure.error}".strip()
    return (directory / "output.txt").read_text()[-2000:]
