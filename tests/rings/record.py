"""What whole rings found of one tree, kept so that a stopped run can go on, and so that a result names its tree.

Written by the controlling process alone. Must never call a result whole that left a test out.
"""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.rings.table import Table
from tests.rings.tree import ROOT

FOLDER = ROOT / ".deep"
PROGRESS = FOLDER / "progress.jsonl"
RESULT = FOLDER / "result.json"
#: From good to bad.
_OUTCOMES = ("passed", "skipped", "failed")


@dataclass
class Found:
    """Test → its outcome so far, and its seconds."""

    outcomes: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    #: Of what failed, what it said.
    why: dict[str, str] = field(default_factory=dict)

    def add(self, nodeid: str, outcome: str, seconds: float, why: str = "") -> None:
        """One phase of a test: the worst outcome counts, the seconds add up, the first complaint stays."""
        if why:
            self.why.setdefault(nodeid, why)
        self.outcomes[nodeid] = max(self.outcomes.get(nodeid, outcome), outcome, key=_OUTCOMES.index)
        self.seconds[nodeid] = self.seconds.get(nodeid, 0.0) + seconds

    def forget(self, nodeid: str) -> None:
        """It is played again."""
        known: dict[str, Any]
        for known in (self.outcomes, self.seconds, self.why):
            known.pop(nodeid, None)

    def having(self, outcome: str) -> list[str]:
        """The tests that ended so, sorted."""
        return sorted(nodeid for nodeid, each in self.outcomes.items() if each == outcome)

    def spent(self, table: Table) -> dict[str, float]:
        """Unit → seconds."""
        total: dict[str, float] = {}
        for nodeid, seconds in self.seconds.items():
            unit = table.unit(nodeid)
            total[unit] = total.get(unit, 0.0) + seconds
        return {unit: round(seconds, 1) for unit, seconds in sorted(total.items())}


@dataclass(frozen=True)
class Progress:
    """A file with a line a test that has ended, and a line a run; its first line names the tree."""

    path: Path = PROGRESS

    def begin(self, tree: str) -> None:
        """Keep what is known of this very tree, forget what was known of another one."""
        entries = _entries(self.path)
        if not entries or entries[0].get("tree") != tree:
            self.path.parent.mkdir(exist_ok=True)
            self.path.write_text(json.dumps({"tree": tree}) + "\n")

    def good(self) -> Found:
        """What has not failed when it was last played."""
        found = Found()
        for entry in _entries(self.path):
            if "test" in entry:
                found.outcomes[entry["test"]] = entry["outcome"]
                found.seconds[entry["test"]] = entry["seconds"]
        for nodeid in found.having("failed"):
            found.forget(nodeid)
        return found

    def runs(self) -> list[dict[str, Any]]:
        """The runs that came to their end."""
        return [entry for entry in _entries(self.path) if "ring" in entry]

    def add(self, nodeid: str, found: Found) -> None:
        """One test that is over."""
        told = {"test": nodeid, "outcome": found.outcomes[nodeid], "seconds": round(found.seconds[nodeid], 3)}
        self._write(told | ({"why": found.why[nodeid]} if nodeid in found.why else {}))

    def end(self, **facts: object) -> None:
        """A run that is over: its ring, its minutes."""
        self._write(facts)

    def _write(self, entry: Mapping[str, object]) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(entry) + "\n")


def _entries(path: Path) -> list[dict[str, Any]]:
    """Every whole line: a run that was killed may have left half a one."""
    entries = []
    for line in path.read_text().splitlines() if path.exists() else ():
        with contextlib.suppress(ValueError):
            entries.append(json.loads(line))
    return entries


def result(found: Found, wanted: set[str], table: Table, facts: Mapping[str, object]) -> dict[str, object]:
    """The verdict: how the tests that were wanted ended, what each unit cost; whole if all was asked and played."""
    not_played = sorted(wanted - set(found.outcomes))
    return {
        **facts,
        "whole": bool(facts["all_asked"]) and not not_played,
        "tests": len(wanted),
        "passed": len(found.having("passed")),
        "skipped": len(found.having("skipped")),
        "failed": found.having("failed"),
        "not_played": not_played,
        "seconds": found.spent(table),
    }
