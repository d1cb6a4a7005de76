"""Follows a run of a ring: each ended test at once, the time budget at the end, of the deep ring also a verdict.

Lives in the controlling process. Must never change an outcome.
"""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.rings.record import RESULT, Found, Progress, result
from tests.rings.table import table
from tests.rings.tree import Tree, tree

#: How many of the dearest are printed.
_SHOWN = 20
#: How much of a complaint is kept, in characters.
_LONGEST = 600


class Recording:
    """One run of `ring`; `passed` is what need not be played again."""

    def __init__(self, config: pytest.Config, ring: str, now: Tree) -> None:
        self.config = config
        self.ring = ring
        self.tree = now
        self.progress = Progress()
        self.progress.begin(now.name)
        self.found = self.progress.good() if config.getoption("go_on") else Found()
        self.earlier = self.progress.runs() if config.getoption("go_on") else []
        self.passed = sorted(self.found.outcomes)
        self.began, self.busy = time.time(), _busy()
        self.wanted: set[str] = set()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Without workers: what will be played."""
        self._wants([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """What a worker will be given a part of."""
        self._wants(ids)

    def _wants(self, nodeids: list[str]) -> None:
        for nodeid in set(nodeids) - self.wanted:
            self.found.forget(nodeid)
            self.wanted.add(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase of a test is over."""
        self.found.add(report.nodeid, report.outcome, report.duration, _complaint(report))
        if report.when == "teardown":
            self.progress.add(report.nodeid, self.found)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The time budget, and where the verdict is."""
        run = {
            "ring": self.ring,
            "workers": self.config.getoption("numprocesses", None) or 1,
            "wall_minutes": round((time.time() - self.began) / 60, 1),
            "cpu_minutes": round((_busy() - self.busy) / 60, 1),
        }
        self.progress.end(**run)
        terminalreporter.section(f"time budget of the ring {self.ring}")
        for line in self._budget([*self.earlier, run]):
            terminalreporter.write_line(line)
        if self.ring == "deep":
            RESULT.write_text(json.dumps(self._verdict([*self.earlier, run]), indent=1) + "\n")
            terminalreporter.write_line(f"verdict: {RESULT}")

    def _budget(self, runs: list[dict[str, Any]]) -> list[str]:
        spent = self.found.spent(table())
        dearest = sorted(spent.items(), key=lambda each: -each[1])[:_SHOWN]
        lines = [f"{seconds:7.1f} s  {unit}" for unit, seconds in dearest]
        return [
            *lines,
            f"{sum(spent.values()) / 60:7.1f} min of workers in all, {len(spent)} units",
            *(f"{run['wall_minutes']:7.1f} min on the clock: {run['ring']}, {run['workers']} workers" for run in runs),
            *(f"{run['cpu_minutes']:7.1f} min of the machine's processors: {run['ring']}" for run in runs),
            f"tree: {self.tree.name} (commit {self.tree.commit}{'' if self.tree.clean else ', changed'})",
        ]

    def _verdict(self, runs: list[dict[str, Any]]) -> dict[str, Any]:
        facts = {
            "tree": self.tree.name,
            "commit": self.tree.commit,
            "clean": self.tree.clean,
            "changed_meanwhile": tree().name != self.tree.name,
            "all_asked": self._all_asked(),
            "runs": runs,
        }
        return result(self.found, self.wanted | set(self.passed), table(), facts)

    def _all_asked(self) -> bool:
        """Whether nothing was left out by words of the command line."""
        option = self.config.option
        return self.config.args_source is pytest.Config.ArgsSource.TESTPATHS and not (option.keyword or option.markexpr)


def _complaint(report: pytest.TestReport) -> str:
    """Of a failed phase, where it ended and with what, in one line."""
    if not report.failed:
        return ""
    crash = getattr(report.longrepr, "reprcrash", None)
    said = f"{Path(crash.path).name}:{crash.lineno}: {crash.message}" if crash else report.longreprtext[-_LONGEST:]
    return " ".join(said.split())[:_LONGEST]


def _busy() -> float:
    """Seconds that the machine's processors have worked since it started, whoever they worked for."""
    first = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _, _, irq, softirq, *_ = (int(ticks) for ticks in first)
    return (user + nice + system + irq + softirq) / 100
