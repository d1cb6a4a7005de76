"""Makes tests wait for the binaries of their servers, on a machine where these are still being built.

Must never build anything by itself: the bootstrap does, and waits for another one that is at it.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.rings.tree import ROOT
from tools.provision import binaries, pins

_BOOTSTRAP = (sys.executable, "-m", "tools.bootstrap")
_TESTS = "--tests"


def are_there() -> bool:
    """Whether all are in the environment that runs the tests."""
    return all(binaries.linked(Path(sys.prefix), binary) for binary in pins.table(ROOT))


def provide(part: str = _TESTS) -> None:
    """Returns when all of that part of the bootstrap are there; ends the run where one cannot be had."""
    ended = subprocess.run([*_BOOTSTRAP, part], cwd=ROOT, capture_output=True, text=True, check=False)
    if ended.returncode:
        pytest.exit(f"a binary that the tests need cannot be had: {ended.stderr}", returncode=3)


class Building:
    """Builds them beside the tests that need none; lives in the controlling process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen([*_BOOTSTRAP, _TESTS], cwd=ROOT, stdin=subprocess.DEVNULL)

    def pytest_unconfigure(self) -> None:
        """Whoever stops the tests stops the build."""
        self._process.terminate()
        self._process.wait()
