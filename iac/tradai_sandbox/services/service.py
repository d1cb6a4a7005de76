"""What the sandbox needs to know of one process.

Must never hold state: where a process runs is the state file's business.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tradai_sandbox.credentials import Credentials
from tradai_sandbox.errors import SandboxError
from tradai_sandbox.layout import BINARIES, Layout


@dataclass(frozen=True)
class Context:
    """One sandbox, as its services see it; `ports` by the names that services ask for."""

    layout: Layout
    ports: Mapping[str, int]
    credentials: Credentials


def _nothing(_context: Context) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Service:
    """One process: the ports it listens on, its command line, extra environment, and whether it answers.

    A running process whose command is no longer `command` (a port had to change) is started anew.
    """

    name: str
    ports: tuple[str, ...]
    command: Callable[[Context], tuple[str, ...]]
    ready: Callable[[Context], bool]
    environment: Callable[[Context], Mapping[str, str]] = _nothing


def binary(name: str) -> str:
    """The pinned binary `name` that the bootstrap linked beside this Python. Raises SandboxError."""
    path: Path = BINARIES / name
    if not path.exists():
        raise SandboxError(f"{name} is not in {BINARIES}: run `make demo` or `just bootstrap` once")
    return str(path)
