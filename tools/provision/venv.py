"""The virtual environment, from hashed lock files.

Must never install what is not in a lock file: every archive is checked against its hash.
"""

import sys
from pathlib import Path

from tools.provision.say import ProvisionError, run, say, timed


def ensure(checkout: Path, environment: Path) -> None:
    """Make `.venv`, or bring it to what the lock files say. Raises ProvisionError."""
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
            run([*uv, "--exact", *locked])
            run([*uv, *project])
        except ProvisionError as error:
            say(f"uv could not install the packages, pip is asked: {error}")
        else:
            return
    run([*pip, *locked])
    run([*pip, *project])


def _uv(checkout: Path, environment: Path, python: Path) -> list[str]:
    """The quick installer, itself pinned; nothing where it cannot be had (pip then does it, in a minute)."""
    try:
        pinned = ["--require-hashes", "--requirement", str(checkout / "requirements-bootstrap.lock")]
        run([str(python), "-m", "pip", "install", "--quiet", *pinned])
    except ProvisionError as error:
        say(str(error))
        return []
    return [str(environment / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(python)]
