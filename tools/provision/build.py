"""Builds one package of a pinned Go module, and shows how far it is.

Must never change the module: what go.mod and go.sum do not have is an error.
"""

import subprocess
import time
from collections import deque
from pathlib import Path

from tools.provision import golang
from tools.provision.say import ProvisionError, say, timed

_EVERY_SECONDS = 10.0


def build(go: Path, module: Path, package: str, ldflags: str, output: Path, title: str) -> None:
    """Compile `package` of `module` to `output`. Raises ProvisionError with the compiler's last words."""
    with timed(f"{title}: building"):
        total = _count(go, module, package)
        command = [str(go), "build", "-v", "-trimpath", "-ldflags", ldflags, "-o", str(output), package]
        process = subprocess.Popen(
            command,
            cwd=module,
            env=golang.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        last = _follow(process, title, total)
    if process.returncode:
        raise ProvisionError(f"building {title} failed:\n" + "\n".join(f"  {line}" for line in last))


def _count(go: Path, module: Path, package: str) -> int:
    """How many packages there are to compile; this also fetches the modules."""
    listed = subprocess.run(
        [go, "list", "-deps", package],
        cwd=module,
        env=golang.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        shown = "\n".join(f"  {line}" for line in listed.stderr.splitlines()[-20:])
        raise ProvisionError(f"the modules of {module.name} cannot be had:\n{shown}")
    return len(listed.stdout.splitlines())


def _follow(process: "subprocess.Popen[str]", title: str, total: int) -> list[str]:
    """Say every few seconds how many packages are compiled; gives the last lines of output."""
    last: deque[str] = deque(maxlen=20)
    said = time.monotonic()
    for compiled, line in enumerate(process.stdout or (), start=1):
        last.append(line.rstrip())
        if time.monotonic() - said > _EVERY_SECONDS:
            said = time.monotonic()
            say(f"{title}: {compiled} of at most {total} packages compiled")
    process.wait()
    return list(last)
