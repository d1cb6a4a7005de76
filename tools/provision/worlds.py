"""Environments of their own: what functions or services need, from a lock of theirs, once a test or command needs it.

A world is a folder of the checkout with a `world.lock`; its environment is `.venv` in it. Must never install anything
into the control plane's environment, nor be part of anybody's first demo.
"""

import hashlib
import sys
from pathlib import Path
from typing import Final

from tools.provision import host, stamp, venv
from tools.provision.say import LackError, run, timed

LOCK: Final = "world.lock"
_PART: Final = "world"


def ensure(checkout: Path, world: str) -> None:
    """Make the world's environment, or bring it to what its lock says. Raises ProvisionError."""
    folder = checkout / world
    lock = folder / LOCK
    if not lock.is_file():
        raise LackError(f"there is no world {world!r}: {lock} would say what is in it")
    with venv.alone(folder):
        wanted = _digest(folder, lock)
        environment = folder / ".venv"
        if not stamp.fits(environment, _PART, wanted):
            _install(checkout, folder, world)
            stamp.write(environment, _PART, wanted)


def _install(checkout: Path, folder: Path, world: str) -> None:
    uv = str(checkout / ".venv" / "bin" / "uv")
    environment = host.environment(host.cache_directory())
    into = folder / ".venv"
    with timed(f"packages of {world}"):
        run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(into)], environment)
        locked = ["--require-hashes", "--requirement", str(folder / LOCK)]
        python = ["--python", str(into / "bin" / "python")]
        run([uv, "pip", "install", "--quiet", *python, *locked], environment)


def _digest(folder: Path, lock: Path) -> str:
    return hashlib.sha256(f"{folder}\n{sys.version}\n".encode() + lock.read_bytes()).hexdigest()
