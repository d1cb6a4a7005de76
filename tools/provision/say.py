"""One line for everything that takes time, and the error that ends a bootstrap.

Must never ask: a bootstrap runs unattended.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.provision import children, trouble

_guard = threading.Lock()


class ProvisionError(Exception):
    """Something that the project needs cannot be had; the message says what, and what to do or why."""


class LackError(ProvisionError):
    """The machine lacks something that a person can give it: the message is one sentence that says what to do."""


def say(line: str) -> None:
    """Print one line of progress at once, whole also where several jobs speak."""
    with _guard:
        print(f"· {line}\n", end="", flush=True)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say `what`, and how long it took once it is done."""
    say(f"{what} …")
    began = time.monotonic()
    yield
    say(f"{what}: done in {time.monotonic() - began:.0f} s")


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run quietly; gives the output. Raises ProvisionError: a sentence for known trouble, else the output's end."""
    with children.started(command, environment, cwd) as process:
        output, _ = process.communicate()
    if process.returncode:
        raise failed(f"`{' '.join(command)}` failed with {process.returncode}", output.splitlines())
    return output


def failed(what: str, output: Sequence[str]) -> ProvisionError:
    """The error for a command that failed: what to do where that is known, else what it said last."""
    if known := trouble.sentence("\n".join(output)):
        return LackError(known)
    return ProvisionError("\n".join([f"{what}:", *(f"  {line}" for line in output[-20:])]))
