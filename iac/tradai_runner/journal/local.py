"""The journal of one run: a directory that outlives both the runner and whoever started it.

`request.json` and `process.json` are written once, `events.jsonl` and `log.txt` only grow, `result.json` ends the
run. Must never hold a secret, and must never be half-written: single files appear by rename. What says how a
run goes and how it ended is read with what another version may have written beside.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from tradai_iac.base import Frozen
from tradai_runner.contract import REQUESTS, Progress, RunRequest, RunResult
from tradai_runner.process.alive import process_start
from tradai_runner.process.writes import point

_M = TypeVar("_M", bound=Frozen)


class Journal(Protocol):
    """What a run needs of its journal, wherever that is; `path` is a folder that it may keep files in."""

    @property
    def path(self) -> Path:
        """A folder of this run's own."""

    @property
    def log_path(self) -> Path:
        """Where the whole log is while the run is."""

    @property
    def mask(self) -> Callable[[str], str]:
        """What takes the secrets of the run out of a text."""

    def request(self) -> RunRequest:
        """What is asked."""

    def append(self, progress: Progress) -> None:
        """Adds one event."""

    def log(self, text: str) -> None:
        """Adds what the engine printed."""

    def finish(self, result: RunResult) -> RunResult:
        """The run is over; gives the result as it was written."""


class ProcessMark(Frozen):
    """Which process runs this: a pid alone is reused, so its start time (clock ticks since boot) goes with it."""

    pid: int
    started: int


@dataclass(frozen=True)
class RunJournal:
    """The files of one run below `path`; what is said in words goes through `mask` first."""

    path: Path
    mask: Callable[[str], str] = str

    def open(self, request: RunRequest) -> None:
        """Creates the directory and writes the request: the intent, before anything runs."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write("journal.request", self.path / "request.json", request.model_dump_json(indent=1))

    def request(self) -> RunRequest:
        """The request; raises FileNotFoundError or pydantic's ValidationError."""
        return REQUESTS.validate_json((self.path / "request.json").read_text())

    def mark(self, mark: ProcessMark) -> None:
        """Records which process runs this."""
        _write("journal.process", self.path / "process.json", mark.model_dump_json())

    def process(self) -> ProcessMark | None:
        """The process of this run, if it was recorded."""
        return _read(self.path / "process.json", ProcessMark)

    def append(self, progress: Progress) -> None:
        """Adds one event."""
        with point("journal.event"), (self.path / "events.jsonl").open("a") as events:
            events.write(progress.model_dump_json() + "\n")

    def progress(self) -> Progress | None:
        """The newest whole event, read from the file's end."""
        last = None
        for line in _tail(self.path / "events.jsonl"):
            last = line
        return Progress.model_validate_json(last, extra="ignore") if last else None

    def log(self, text: str) -> None:
        """Adds what the engine printed."""
        text = self.mask(text)
        with point("journal.log"), (self.path / "log.txt").open("a") as log:
            log.write(text if text.endswith("\n") else text + "\n")

    @property
    def log_path(self) -> Path:
        """Where the whole log is."""
        return self.path / "log.txt"

    def finish(self, result: RunResult) -> RunResult:
        """Writes the result, and gives it as written: the run is over."""
        said = result.worded(self.mask)
        _write("journal.result", self.path / "result.json", said.model_dump_json(indent=1))
        return said

    def result(self) -> RunResult | None:
        """The result, once there is one."""
        try:
            return RunResult.read((self.path / "result.json").read_text())
        except FileNotFoundError:
            return None


class Plain:
    """A journal that says everything in words which `plain` has gone over; it is set once they are known."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.plain: Callable[[str], str] = str

    @property
    def path(self) -> Path:
        """The journal's own."""
        return self._journal.path

    @property
    def log_path(self) -> Path:
        """The journal's own."""
        return self._journal.log_path

    @property
    def mask(self) -> Callable[[str], str]:
        """The journal's own."""
        return self._journal.mask

    def request(self) -> RunRequest:
        """What is asked."""
        return self._journal.request()

    def append(self, progress: Progress) -> None:
        """Adds one event."""
        self._journal.append(progress)

    def log(self, text: str) -> None:
        """Adds what the engine printed."""
        self._journal.log(self.plain(text))

    def finish(self, result: RunResult) -> RunResult:
        """The run is over; gives the result as it was written."""
        return self._journal.finish(result.worded(self.plain))


def is_alive(mark: ProcessMark | None) -> bool:
    """Whether exactly the process of `mark` still lives."""
    return mark is not None and process_start(mark.pid) == mark.started


def _write(name: str, path: Path, text: str) -> None:
    staged = path.with_suffix(f".{os.getpid()}.tmp")
    with point(name):
        with staged.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(path)


def _read(path: Path, model: type[_M]) -> _M | None:
    try:
        return model.model_validate_json(path.read_text())
    except FileNotFoundError:
        return None


def _tail(path: Path, window: int = 8192) -> Iterator[str]:
    """Whole JSON lines within the last `window` bytes."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - window))
            text = file.read().decode(errors="ignore")
    except FileNotFoundError:
        return
    for line in text.split("\n")[:-1]:
        if line.startswith("{") and line.endswith("}"):
            yield line
