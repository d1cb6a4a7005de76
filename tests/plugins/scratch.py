"""Installs a package of this folder into a scratch environment: a folder that processes find by their PYTHONPATH.

Must never change the environment that runs the tests.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
_BUILD = ("pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--no-compile", "--target")


@dataclass(frozen=True)
class Scratch:
    """An environment in which a package is installed beside the product."""

    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        """What makes a process, and those that it starts, one of this environment."""
        return {"PYTHONPATH": str(self.folder)}

    def python(self, code: str, env: Mapping[str, str] | None = None) -> str:
        """What a program prints there."""
        return self.run(sys.executable, "-c", code, env=env).stdout

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """A command that must end well."""
        inside = {**(os.environ if env is None else env), **self.variables}
        ran = subprocess.run(words, env=inside, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran


def install(package: str, folder: Path) -> Scratch:
    """The package built from a copy, so that nothing is written beside its source."""
    source, target = folder / "source", folder / "installed"
    shutil.copytree(_HERE / package, source, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build"))
    words = [sys.executable, "-m", *_BUILD, str(target), str(source)]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return Scratch(target)
