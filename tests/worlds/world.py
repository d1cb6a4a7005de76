"""One world: its file, and its pytest, run in a process of its own.

Must never install anything by itself: `make` in the world's file says what does.
"""

import json
import os
import subprocess
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_INSIDE = Path(__file__).resolve().parent
#: What the pytest outside says of itself.
_OUTER = frozenset({"PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"})
#: pytest's exit statuses for "all passed", "some failed" and "nothing to play".
_PLAYED = frozenset({0, 1, 5})


class WorldError(Exception):
    """A world that cannot be made or entered; the message has its last words."""


@dataclass(frozen=True)
class Phase:
    """What pytest inside tells of one phase of one test."""

    test: str
    when: str
    outcome: str
    seconds: float
    text: str


@dataclass(frozen=True)
class World:
    """`python`: the interpreter, `make`: the words that make it whole, `tests`: what pytest is given."""

    folder: Path
    python: str
    tests: tuple[str, ...]
    make: tuple[str, ...] = ()

    @staticmethod
    def read(path: Path) -> "World":
        """The world of a file. Raises WorldError."""
        try:
            raw = tomllib.loads(path.read_text())
            return World(path.parent, raw["python"], tuple(raw["tests"]), tuple(raw.get("make", ())))
        except (KeyError, TypeError, tomllib.TOMLDecodeError) as error:
            raise WorldError(f"{path} is no world: {error!r}") from error

    def collect(self) -> list[str]:
        """The ids of its tests. Raises WorldError."""
        return [line["collected"] for line in self._pytest("--collect-only", "-q", *self.tests) if "collected" in line]

    def play(self, nodeids: Sequence[str]) -> list[Phase]:
        """Every phase of those tests, in their order. Raises WorldError."""
        return [Phase(**line) for line in self._pytest(*nodeids) if "test" in line]

    def _interpreter(self) -> Path:
        python = self.folder / self.python
        if self.make:  # always: one that somebody else is just making has an interpreter, and not yet its packages
            made = subprocess.run(self.make, cwd=self.folder, capture_output=True, text=True, check=False)
            if made.returncode:
                raise WorldError(f"`{' '.join(self.make)}` failed:\n{made.stdout}{made.stderr}")
        if not python.exists():
            raise WorldError(f"there is no {python}, and nothing in the world's file makes it")
        return python

    def _pytest(self, *words: str) -> list[dict[str, Any]]:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.jsonl"
            report.touch()
            variables = {name: value for name, value in os.environ.items() if name not in _OUTER}
            variables |= {"TRADAI_WORLD_REPORT": str(report), "PYTHONPATH": str(_INSIDE)}
            command = [str(self._interpreter()), "-m", "pytest", "-p", "inside", "-p", "no:cacheprovider", *words]
            ran = subprocess.run(command, cwd=self.folder, env=variables, capture_output=True, text=True, check=False)
            if ran.returncode not in _PLAYED:
                raise WorldError(f"pytest in {self.folder} ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
            return [json.loads(line) for line in report.read_text().splitlines()]
