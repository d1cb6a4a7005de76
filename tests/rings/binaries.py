"""Makes tests wait for the binaries of their servers, on a machine where these are still being built.

Must never build anything itself: the bootstrap does, and waits for another one that already does.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rings.tree import ROOT
from tools.provision.binaries import linked, table


def are_there() -> bool:
    """Whether all are in the environment that runs the tests."""
    environment = Path(sys.prefix)
    return all(linked(environment, binary) or shutil.which(binary.name) for binary in table(ROOT))


def provide() -> None:
    """Returns when all are there; ends the run where one cannot be had."""
    ended = subprocess.run([sys.executable, "-m", "tools.bootstrap", "--binaries"], cwd=ROOT, check=False)
    if ended.returncode:
        pytest.exit("a binary that the tests need cannot be had: see above", returncode=3)
