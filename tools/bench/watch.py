"""Samples how much memory the processes of one sandbox's layer runs take, while something else happens.

Must never count the operator, the API server or the AWS endpoint, nor the runs of another sandbox.
"""

import threading
from contextlib import suppress
from pathlib import Path

import psutil

from tradai_runner.journal.local import RunJournal, is_alive

_SECONDS = 0.5
_MEGABYTE = 1_000_000


class RunMemory:
    """Peak resident memory in MB of a runner, an engine and a provider, and of whole runs."""

    def __init__(self, journals: Path) -> None:
        self._journals = journals
        self.peaks = {"runner": 0.0, "engine": 0.0, "provider": 0.0, "one run": 0.0}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> "RunMemory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.wait(_SECONDS):
            for path in self._journals.glob("*/*/*/process.json"):
                mark = RunJournal(path.parent).process()
                with suppress(psutil.NoSuchProcess):
                    if mark and is_alive(mark):
                        self._take(psutil.Process(mark.pid))

    def _take(self, runner: psutil.Process) -> None:
        sizes = {"runner": runner.memory_info().rss / _MEGABYTE}
        for child in runner.children(recursive=True):
            kind = "engine" if child.name() == "pulumi" else "provider"
            sizes[kind] = sizes.get(kind, 0.0) + child.memory_info().rss / _MEGABYTE
        sizes["one run"] = sum(sizes.values())
        self.peaks = {kind: max(peak, sizes.get(kind, 0.0)) for kind, peak in self.peaks.items()}
