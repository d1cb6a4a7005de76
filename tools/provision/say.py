"""One line for everything that takes time, and the error that ends a bootstrap.

Must never ask: a bootstrap runs unattended.
"""

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


class ProvisionError(Exception):
    """Something that the project needs cannot be had; the message says what, and shows why."""


def say(line: str) -> None:
    """Print one line of progress at once."""
    print(f"· {line}", flush=True)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say `what`, and how long it took once it is done."""
    say(f"{what} …")
    began = time.monotonic()
    yield
    say(f"{what}: done in {time.monotonic() - began:.0f} s")


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, cwd: Path | None = None) -> None:
    """Run quietly. Raises ProvisionError with the output's end when it fails."""
    ended = subprocess.run(
        list(command),
        env=environment,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode:
        shown = "\n".join(f"  {line}" for line in ended.stdout.splitlines()[-20:])
        raise ProvisionError(f"`{' '.join(command)}` failed with {ended.returncode}:\n{shown}")
