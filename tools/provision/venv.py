"""The virtual environment, from hashed lock files.

Must never install what is not in a lock file: every archive is checked against its hash.
"""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.provision import host
from tools.provision.say import LackError, ProvisionError, run, say, timed


@contextmanager
def alone(checkout: Path) -> Iterator[None]:
    """One bootstrap at a time changes the environment of `checkout`; the folder itself is the lock."""
    folder = os.open(checkout, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def ensure(checkout: Path, environment: Path) -> None:
    """Make `.venv`, or bring it to what the lock files say. Raises ProvisionError."""
    host.demand_venv()
    host.demand_folder(checkout, "clone the repository into a folder of your own")
    python = environment / "bin" / "python"
    with timed("Python packages"):
        if not python.exists():
            run([sys.executable, "-m", "venv", "--clear", str(environment)])
        _install(checkout, environment, python)


def _install(checkout: Path, environment: Path, python: Path) -> None:
    project = ["--no-deps", "--no-build-isolation", "--editable", str(checkout)]
    locked = ["--require-hashes", "--requirement", str(checkout / "requirements.lock")]
    pip = [str(python), "-m", "pip", "install", "--quiet"]
    if uv := _uv(checkout, environment, python):
        try:
            run([*uv, "--exact", *locked], host.environment(host.cache_directory()))
            run([*uv, *project], host.environment(host.cache_directory()))
        except ProvisionError as error:
            say(f"uv could not install the packages, trying pip: {error}")
        else:
            return
    run([*pip, *locked])
    run([*pip, *project])


def _uv(checkout: Path, environment: Path, python: Path) -> list[str]:
    """The quick installer, itself pinned; nothing where it cannot be had (pip then does it, in a minute)."""
    try:
        pinned = ["--require-hashes", "--requirement", str(checkout / "requirements-bootstrap.lock")]
        run([str(python), "-m", "pip", "install", "--quiet", *pinned])
    except LackError:
        raise  # what pip lacks for one package it lacks for all
    except ProvisionError as error:
        say(str(error))
        return []
    return [str(environment / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(python)]
