"""`demo`: `make demo` in a fresh clone, binaries cached, and where its time goes.

Must never measure this checkout: a clone has nothing that is not committed.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.bench.figures import Figure, Report
from tradai_iac.blueprints import BLUEPRINTS
from tradai_sandbox.layout import BINARIES, CHECKOUT

_UP, _READY = "sandbox up", "apply to Ready"
_TABLE = "Where the time went"


def demo(_: float) -> Report:
    """Wall time of the whole, and of its parts as the command itself tells them."""
    with tempfile.TemporaryDirectory(prefix="tradai-bench-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(clone)], check=True)
        wall, output = _demo(clone)
    spent = parts(output)
    figures = [
        Figure("demo", "make demo, binaries cached", wall, "s", 90),
        Figure("demo", "of it: virtual environment and binaries", wall - spent[_UP] - spent[_READY], "s"),
        *[Figure("demo", f"of it: {name}", seconds, "s") for name, seconds in spent.items()],
    ]
    return figures, {"wall": wall, "parts": spent, "output": output.splitlines()}


def _demo(clone: Path) -> tuple[float, str]:
    """(seconds, what it printed); raises RuntimeError. The clone's sandbox ends in any case."""
    env = _environment()
    try:
        began = time.monotonic()
        ran = subprocess.run(["make", "demo"], cwd=clone, env=env, capture_output=True, text=True, check=False)
        wall = time.monotonic() - began
    finally:
        subprocess.run(["make", "down"], cwd=clone, env=env, stdout=sys.stderr, check=False)
    if ran.returncode:
        raise RuntimeError(f"make demo failed: {ran.stderr[-2000:]}")
    return wall, ran.stdout


def _environment() -> dict[str, str]:
    """Ours without this checkout's virtual environment, whose binaries and packages a newcomer lacks."""
    path = [entry for entry in os.environ["PATH"].split(os.pathsep) if Path(entry) != BINARIES]
    return {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | {
        "PATH": os.pathsep.join(path)
    }


def parts(output: str) -> dict[str, float]:
    """Part → seconds, from the table that `tradai demo` prints at its end."""
    names = "|".join((_UP, *BLUEPRINTS["tradai"].layer_names, _READY))
    rows = re.findall(rf"^\s*({names})\s.*?([\d.]+)\s*$", output.partition(_TABLE)[2], re.MULTILINE)
    return {name: float(seconds) for name, seconds in rows}
