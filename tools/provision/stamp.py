"""Knows by one hash whether the environment still is what the pins say.

Must never look at anything that changes without a change of the pins: a second run has to be quick.
"""

import hashlib
import sys
from pathlib import Path

#: Everything that decides what gets installed, as patterns below the checkout.
_PINS = ("requirements*.lock", "pyproject.toml", "tools/*.toml", "tools/*/go.*", "tools/*.py", "tools/provision/*.py")


def digest(checkout: Path) -> str:
    """The hash of all pins, of where the checkout lies (scripts name it), and of the Python in use."""
    total = hashlib.sha256(f"{checkout}\n{sys.version}\n".encode())
    for path in sorted(found for pattern in _PINS for found in checkout.glob(pattern)):
        total.update(f"{path.relative_to(checkout)}\n".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def fits(environment: Path, part: str, wanted: str) -> bool:
    """Whether `part` (packages, binaries) of `environment` was made from exactly these pins."""
    try:
        return _file(environment, part).read_text() == wanted
    except OSError:
        return False


def write(environment: Path, part: str, made_from: str) -> None:
    """Remember what `part` of the environment was made from."""
    _file(environment, part).write_text(made_from)


def _file(environment: Path, part: str) -> Path:
    return environment / f"tradai-{part}"
