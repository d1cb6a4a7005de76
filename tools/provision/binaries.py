"""The pinned binaries: taken from PATH when the version fits exactly, else built once into the cache.

Must never take a binary that tells another version, nor show a half-built one to anybody.
"""

import contextlib
import fcntl
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.provision import golang
from tools.provision.build import build
from tools.provision.say import ProvisionError, say


@dataclass(frozen=True)
class Binary:
    """One row of `binaries.toml`."""

    name: str
    version: str
    module: str
    package: str
    ldflags: str
    ask: tuple[str, ...]


def table(checkout: Path) -> list[Binary]:
    """All rows; `ldflags` filled in."""
    rows = tomllib.loads((checkout / "tools" / "binaries.toml").read_text())
    return [_row(name, row) for name, row in rows.items()]


def _row(name: str, row: dict[str, str]) -> Binary:
    major, minor, *_ = row["version"].split(".")
    flags = row["ldflags"].format(version=row["version"], major=major, minor=minor)
    return Binary(name, row["version"], row["module"], row["package"], f"-s -w {flags}".strip(), tuple(row["ask"]))


def linked(environment: Path, binary: Binary) -> bool:
    """Whether the environment's link still leads to the binary of this version."""
    link = environment / "bin" / binary.name
    return link.is_symlink() and link.exists()


def ensure(checkout: Path, environment: Path, cache: Path, binary: Binary) -> None:
    """Link the binary into the environment. Raises ProvisionError."""
    target = _built(cache, binary)
    if not target.exists():
        target = _on_path(environment, binary) or _build(checkout, cache, binary)
    link = environment / "bin" / binary.name
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _built(cache: Path, binary: Binary) -> Path:
    return cache / "bin" / f"{binary.name}-{binary.version}" / binary.name


def _on_path(environment: Path, binary: Binary) -> Path | None:
    ours = (environment / "bin").resolve()
    for directory in os.get_exec_path():
        candidate = Path(directory) / binary.name
        if Path(directory).resolve() != ours and os.access(candidate, os.X_OK) and tells(candidate, binary):
            return candidate
    return None


def tells(path: Path, binary: Binary) -> bool:
    """Whether the binary at `path` says that it is of exactly the pinned version."""
    try:
        told = subprocess.run([path, *binary.ask], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    exact = rf"(?<![\w.])v?{re.escape(binary.version)}(?![\w.+-])"
    return told.returncode == 0 and re.search(exact, told.stdout) is not None


def _build(checkout: Path, cache: Path, binary: Binary) -> Path:
    target = _built(cache, binary)
    with _locked(target.parent, binary):
        if not target.exists():
            _build_into(checkout, cache, binary, target)
    return target


def _build_into(checkout: Path, cache: Path, binary: Binary, target: Path) -> None:
    go = golang.ensure(checkout, cache)
    staged = target.with_name(f"{binary.name}.{os.getpid()}")
    module = checkout / "tools" / binary.module
    try:
        build(go, module, binary.package, binary.ldflags, staged, f"{binary.name} {binary.version}")
        if not tells(staged, binary):
            raise ProvisionError(f"the {binary.name} that was built does not tell version {binary.version}")
        staged.rename(target)
    finally:
        staged.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(directory: Path, binary: Binary) -> Iterator[None]:
    """Two bootstraps at once build once."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another bootstrap builds {binary.name}: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
