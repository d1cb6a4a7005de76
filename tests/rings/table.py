"""The rings as data: which ring a test is in, and which tests are played by one worker after another.

Must never look at a test's outcome or at the clock.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


class Ring(StrEnum):
    """The innermost ring in which a test runs; each outer ring contains it too."""

    CHECK = "check"
    CORE = "core"
    DEEP = "deep"


def file_of(nodeid: str) -> str:
    """`tests/a/test_b.py::test_c[d]` → `tests/a/test_b.py`."""
    return nodeid.partition("::")[0]


@dataclass(frozen=True)
class Table:
    """`table.toml`: prefixes of paths, paths with the text that ids begin with behind them, paths with expressions."""

    check: tuple[str, ...] = ()
    core: tuple[str, ...] = ()
    deep: tuple[str, ...] = ()
    core_parts: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, re.Pattern[str]] = field(default_factory=dict)

    def ring(self, nodeid: str) -> Ring:
        """The ring of one test."""
        path, _, rest = nodeid.partition("::")
        if path.startswith(self.check):
            return Ring.CHECK
        if path.startswith(self.core) and not path.startswith(self.deep):
            return Ring.CORE
        part = self.core_parts.get(path)
        return Ring.CORE if part and rest.startswith(part) else Ring.DEEP

    def unit(self, nodeid: str) -> str:
        """What a slice takes whole or not at all: a file, or the part of a file to which a test belongs."""
        path, _, rest = nodeid.partition("::")
        found = self.units[path].search(rest) if path in self.units else None
        return f"{path}::{found[1]}" if found else path


def parse(raw: Mapping[str, Any]) -> Table:
    """Raises KeyError for a table without rings, re.error for what is no expression."""
    return Table(
        check=tuple(raw["check"]),
        core=tuple(raw["core"]),
        deep=tuple(raw.get("deep", ())),
        core_parts=dict(raw.get("core_parts", {})),
        units={path: re.compile(cut) for path, cut in raw.get("units", {}).items()},
    )


@cache
def table() -> Table:
    """The tree's own."""
    return parse(tomllib.loads((HERE / "table.toml").read_text()))
