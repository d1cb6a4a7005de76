"""Older trees of the product itself, as its history has them: their operator, and the runners that it starts.

They lie before the installed one on the path of a process. Must never change the installed one.
"""

import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Final

from tests.rings.tree import ROOT

#: What tells each from those after it → its commit.
TREES: Final[Mapping[str, str]] = {
    "no guards in the status": "9419203af3e2f10781a52f66bb3470e64640922b",
    "guards without a place": "576b4435a9171323ca71f91fa64e35c74f4f602f",
}


def variables(commit: str, folder: Path) -> dict[str, str]:
    """What makes an operator, and its runners, one of that tree, which is put into the folder."""
    asked = ["git", "archive", commit, "operator", "iac"]
    archive = subprocess.run(asked, cwd=ROOT, capture_output=True, check=False)
    said = archive.stderr.decode()
    assert archive.returncode == 0, f"the history is needed up to {commit} (`git fetch --unshallow`): {said}"
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as tree:
        tree.extractall(folder, filter="data")
    path = {"PYTHONPATH": os.pathsep.join(str(folder / part) for part in ("operator", "iac"))}
    for package in ("tradai_operator", "tradai_iac"):
        assert _place(package, path).is_relative_to(folder), f"{package} of the older tree is not the one that is found"
    return path


def _place(package: str, path: Mapping[str, str]) -> Path:
    command = [sys.executable, "-c", f"import {package}; print({package}.__file__)"]
    return Path(subprocess.run(command, env=os.environ | dict(path), capture_output=True, text=True, check=True).stdout)
