"""What git says of the tree that is tested.

Must never fail where there is no git: then the tree has no name, and the first slice is played.
"""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Tree:
    """The content as one hash, uncommitted changes included; the commit below it and how many there are."""

    name: str
    commit: str
    commits: int

    @property
    def clean(self) -> bool:
        """Whether it is just what was committed."""
        return bool(self.commit) and self.name == _git("rev-parse", f"{self.commit}^{{tree}}")


def tree() -> Tree:
    """The working tree as it is now."""
    counted = _git("rev-list", "--count", "HEAD")
    return Tree(_content(), _git("rev-parse", "--short", "HEAD"), int(counted or 0))


def _content() -> str:
    """The hash that git would give the working tree, by an index of its own."""
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        _git("read-tree", "HEAD", **index)
        _git("add", "--all", **index)
        return _git("write-tree", **index)


def _git(*words: str, **variables: str) -> str:
    """What git printed, nothing where it cannot."""
    try:
        ran = subprocess.run(
            ["git", *words], cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""
