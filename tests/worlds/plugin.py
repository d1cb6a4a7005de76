"""Collects `world.toml` as a file of tests: each test of the world is one of ours, with its own outcome.

Must never play a world's tests one by one: all that are asked for run in one go, when the first of them is due.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.world import Phase, World, WorldError


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> "WorldFolder | None":
    """A folder with a `world.toml` has no tests but the world's: what they import, this environment lacks."""
    return WorldFolder.from_parent(parent, path=path) if (path / "world.toml").is_file() else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "WorldFile | None":
    """Takes every `world.toml` below the folders that are collected."""
    return WorldFile.from_parent(parent, path=file_path) if file_path.name == "world.toml" else None


class WorldFolder(pytest.Directory):
    """A folder of which pytest outside sees the world alone."""

    def collect(self) -> Iterator["WorldFile"]:
        """The one file."""
        yield WorldFile.from_parent(self, path=self.path / "world.toml")


class FailedInside(Exception):  # noqa: N818 - what it says is the failure, not an error of ours
    """What the world says of a test that did not pass."""


class WorldFile(pytest.File):
    """One world; knows what its tests came to."""

    def collect(self) -> Iterator["WorldItem"]:
        """The tests inside."""
        self._phases: dict[str, list[Phase]] | None = None
        try:
            self.world = World.read(self.path)
            names = self.world.collect()
        except WorldError as error:
            raise self.CollectError(str(error)) from None
        for name in names:
            yield WorldItem.from_parent(self, name=name)

    def phases(self, name: str) -> list[Phase]:
        """What was told of one test; plays all that this session wants of the world at the first call."""
        if self._phases is None:
            self._phases = {}
            wanted = [item.name for item in self.session.items if item.parent is self]
            for phase in self.world.play(wanted):
                self._phases.setdefault(phase.test, []).append(phase)
        return self._phases.get(name, [])


class WorldItem(pytest.Item):
    """One test of a world."""

    parent: WorldFile

    def runtest(self) -> None:
        """Passes, fails or is skipped as the one inside."""
        phases = self.parent.phases(self.name)
        if not phases:
            raise FailedInside(f"{self.name} was not played in its world")
        bad = next((phase for phase in phases if phase.outcome != "passed"), None)
        if bad and bad.outcome == "skipped":
            pytest.skip(bad.text)
        if bad:
            raise FailedInside(f"in {bad.when}:\n{bad.text}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """The world's own words."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands."""
        return self.path, None, self.name
