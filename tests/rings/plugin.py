"""The rings as options of pytest: `--ring check|core|test|deep`, `--slice N`, `--continue`.

Without them pytest plays just what it is asked for. Must never change a test or its outcome.
"""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

from tests.rings import binaries, scopes
from tests.rings.budget import budget
from tests.rings.recording import Recording
from tests.rings.selection import TAKES, in_rings, passed, slice_of
from tests.rings.table import Ring, table
from tests.rings.tree import ROOT, tree

#: What tells a worker what the controlling process has decided.
_HANDED = "tradai_rings"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The rings."""
    group = parser.getgroup("rings")
    group.addoption("--ring", choices=sorted(TAKES), help="play one ring of the tests (docs/TESTING.md)")
    group.addoption("--slice", type=int, help="play that slice of the deep ring alone")
    group.addoption("--continue", action="store_true", dest="go_on", help="leave out what has passed on this very tree")


def pytest_configure(config: pytest.Config) -> None:
    """Selection in every process; the record in the one that controls."""
    ring, number = config.getoption("--ring"), config.getoption("--slice")
    if not ring and number is None:
        return
    handed: dict[str, Any] | None = getattr(config, "workerinput", {}).get(_HANDED)
    if handed is None:
        now = tree()
        handed = {"turn": now.commits if number is None else number, "passed": [], "waits": not binaries.are_there()}
        if handed["waits"] and ring != "check":
            config.pluginmanager.register(binaries.Building(), "tradai-building")
        if number is None:
            recording = Recording(config, ring, now)
            handed["passed"] = recording.passed
            config.pluginmanager.register(recording, "tradai-recording")
    config.pluginmanager.register(Selecting(ring, number is not None, handed), "tradai-selecting")


class Selecting:
    """Takes the tests of a ring, the dearest first."""

    def __init__(self, ring: str | None, slice_alone: bool, handed: dict[str, Any]) -> None:
        self.ring = ring
        self.slice_alone = slice_alone
        self.handed = handed
        self.slice = ""

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Nobody waits for the collection of files that are not played."""
        if self.ring != "check" or collection_path.suffix != ".py":
            return None
        return table().ring(str(collection_path.relative_to(ROOT))) is not Ring.CHECK or None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leaves out what is not asked for, and puts the rest in order."""
        mine = self._selected([item.nodeid for item in items])
        if left := [item for item in items if item.nodeid not in mine]:
            config.hook.pytest_deselected(items=left)
        kept = [item for item in items if item.nodeid in mine]
        order = scopes.order([item.nodeid for item in kept], table(), budget(), bool(self.handed["waits"]))
        items[:] = [kept[at] for at in order]

    def _selected(self, nodeids: list[str]) -> set[str]:
        mine = in_rings(nodeids, self.ring, table()) if self.ring and not self.slice_alone else set()
        if self.slice_alone or self.ring == "test":
            part = slice_of(nodeids, self.handed["turn"], table(), budget())
            self.slice = str(part)
            mine |= part.tests
        return mine - passed(nodeids, frozenset(self.handed["passed"]), table())

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A worker alone knows which slice it is: it has seen all tests."""
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["slice"] = self.slice

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """The controlling process hears it."""
        self.slice = getattr(node, "workeroutput", {}).get("slice", self.slice)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Which slice it was."""
        if self.slice:
            terminalreporter.section("a part of the deep ring")
            terminalreporter.write_line(self.slice)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """What needs servers waits until their binaries are there, outside of its own time limit."""
        if self.handed["waits"] and table().ring(item.nodeid) is not Ring.CHECK:
            binaries.provide()
            self.handed["waits"] = False
        return (yield)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """A worker is told what has been decided."""
        node.workerinput[_HANDED] = self.handed

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Goes instead of files."""
        return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """xdist's own, with goes in the place of files."""

    def schedule(self) -> None:
        """Cuts what the workers have collected into goes, and hands them out."""
        self._goes = scopes.scopes(next(iter(self.registered_collections.values())), table(), budget())
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return self._goes[nodeid]
