"""What the machine must have before anything is fetched, and where tools may keep their caches on it.

Must never end in more than one sentence, which says what to do.
"""

import importlib.util
import os
import sys
import tempfile
from pathlib import Path

from tools.provision.say import LackError

#: What tools keep below the home directory, by the variable that names another place.
_CACHES = {"GOCACHE": "go-build", "GOMODCACHE": "go-mod", "UV_CACHE_DIR": "uv"}
_NEEDED = ("venv", "ensurepip")


def cache_directory() -> Path:
    """Where built binaries are kept for all checkouts: TRADAI_CACHE, else below the user's cache."""
    if chosen := os.environ.get("TRADAI_CACHE"):
        return Path(chosen).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tradai"


def demand_linux() -> None:
    """Raises LackError elsewhere: the sandbox knows its processes by /proc."""
    if sys.platform != "linux":
        raise LackError(
            f"TradAI's sandbox runs on Linux alone, and this is {sys.platform}: "
            "use a Linux machine, a virtual machine or a container with Linux"
        )


def demand_venv() -> None:
    """Raises LackError for a Python that cannot make virtual environments, as Debian's without python3-venv."""
    if any(importlib.util.find_spec(module) is None for module in _NEEDED):
        major, minor = sys.version_info[:2]
        raise LackError(
            f"{sys.executable} cannot make virtual environments, because its module venv or ensurepip is missing: "
            f"install it (on Debian and Ubuntu `apt install python{major}.{minor}-venv`), "
            "or name another Python with `make PYTHON=...`"
        )


def demand_folder(folder: Path, instead: str) -> None:
    """Raises LackError where nothing can be written into `folder`; `instead` is what to do."""
    if why := _refusal(folder):
        raise LackError(f"{folder} cannot be written ({why}): {instead}")


def environment(cache: Path) -> dict[str, str]:
    """The caller's environment, with the tools' caches in ours where the home directory cannot be written."""
    values = dict(os.environ)
    if all(name in values for name in _CACHES) or not _refusal(_home_cache()):
        return values
    return {name: str(cache / folder) for name, folder in _CACHES.items()} | values


def _home_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _refusal(folder: Path) -> str:
    """Why nothing can be written into `folder`, empty where it can; asked by doing it, since root may all but that."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)
