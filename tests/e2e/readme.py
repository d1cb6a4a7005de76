"""The README's commands, as a person copies them: which lines there are, and with which status each may end.

Reads the block after the sentence that offers it. Must never change a line before it runs.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
OFFER = "After `make demo`, look around with the tools that you know:"
#: What the README says of a status other than 0: "exit status 2 if anywhere".
_STATUS = re.compile(r"exit status (\d+)")


@dataclass(frozen=True)
class Command:
    """One printed line: what the shell is given, and how it may end."""

    line: str
    statuses: frozenset[int]


def commands(readme: str) -> list[Command]:
    """The lines of the block that follows the offer."""
    block = readme.split(OFFER, 1)[1].split("```", 2)[1]
    return [_command(line) for line in block.strip().splitlines()]


def _command(line: str) -> Command:
    _, _, comment = line.partition("#")
    return Command(line, frozenset({0, *(int(status) for status in _STATUS.findall(comment))}))


def working_directory(folder: Path, sandbox: Path) -> Path:
    """A folder that looks like the checkout, with `sandbox` as its `.sandbox`."""
    for path in CHECKOUT.iterdir():
        if not path.name.startswith("."):
            (folder / path.name).symlink_to(path)
    (folder / ".sandbox").symlink_to(sandbox)
    return folder


def run(command: Command, first: Command, folder: Path) -> subprocess.CompletedProcess[str]:
    """What became of a line in a shell that has seen the first line, and nothing else of ours."""
    script = f"{first.line}\n{command.line}\n" if command != first else f"{first.line}\n"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=_plain(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _plain(environ: Mapping[str, str]) -> dict[str, str]:
    """A newcomer's shell: the virtual environment is not on its PATH."""
    kept = {name: environ[name] for name in ("HOME", "LANG", "TERM", "USER") if name in environ}
    return kept | {"PATH": "/usr/local/bin:/usr/bin:/bin"}
