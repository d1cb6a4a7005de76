"""Builds packages of a pinned Go module, and shows how far it is.

Must never change the module: what go.mod and go.sum do not have is an error.
"""

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tools.provision import children, golang
from tools.provision.pins import Binary, Module
from tools.provision.say import failed, run, say, timed

_EVERY_SECONDS = 10.0


def build(go: Path, modules: Path, binaries: Sequence[Binary], room: Path, title: str, cache: Path) -> dict[str, Path]:
    """Compile binaries of one module; gives where in `room` each lies. Raises ProvisionError.

    One command for all: they share most packages, and while one is linked the next is compiled.
    """
    sources = {binary.name: binary.source for binary in binaries if isinstance(binary.source, Module)}
    module, flags = next((modules / source.name, source.ldflags) for source in sources.values())
    packages = [source.package for source in sources.values()]
    made, scratch = room / "made", room / "scratch"
    made.mkdir()
    scratch.mkdir()
    environment = golang.environment(cache) | {"GOTMPDIR": str(scratch)}
    with timed(f"{title}: building"):
        total = len(run([str(go), "list", "-deps", *packages], environment, module).splitlines())
        command = [str(go), "build", "-v", "-trimpath", "-ldflags", flags, "-o", f"{made}/", *packages]
        _compile(command, environment, module, title, total)
    return {name: made / _last(source.package, module) for name, source in sources.items()}


def _last(package: str, module: Path) -> str:
    """Go names a program after the last part of its package's path; `.` is the module itself."""
    return module.name if package == "." else package.rpartition("/")[2]


def _compile(command: Sequence[str], environment: Mapping[str, str], module: Path, title: str, total: int) -> None:
    with children.started(command, environment, module) as process:
        last = _follow(process.stdout or (), title, total)
    if process.returncode:
        raise failed(f"building {title} failed", last)


def _follow(output: Iterable[str], title: str, total: int) -> list[str]:
    """Say every few seconds how many packages are compiled; gives the last lines of output."""
    last: deque[str] = deque(maxlen=20)
    said = time.monotonic()
    for compiled, line in enumerate(output, start=1):
        last.append(line.rstrip())
        if time.monotonic() - said > _EVERY_SECONDS:
            said = time.monotonic()
            say(f"{title}: {compiled} of at most {total} packages compiled")
    return list(last)
