"""A git repository as ArgoCD reads it: a folder of this machine, committed to by the tests.

Must never read the machine's own configuration of git.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_IDENTITY = {
    "GIT_AUTHOR_NAME": "ann",
    "GIT_AUTHOR_EMAIL": "ann@example.com",
    "GIT_COMMITTER_NAME": "ann",
    "GIT_COMMITTER_EMAIL": "ann@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


class Repository:
    """One branch, `main`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True)
        self._git("init", "--quiet", "--initial-branch", "main")

    @property
    def url(self) -> str:
        """Where ArgoCD finds it."""
        return f"file://{self.root}"

    def commit(self, files: Mapping[str, Any]) -> str:
        """Writes files (None takes one away; what is no text is written as YAML) and commits; gives the commit."""
        for name, content in files.items():
            path = self.root / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", ", ".join(files))
        return self._git("rev-parse", "HEAD")

    def revert(self) -> str:
        """Takes the last commit back by one that says so."""
        self._git("revert", "--no-edit", "HEAD")
        return self._git("rev-parse", "HEAD")

    def _git(self, *words: str) -> str:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.root)} | _IDENTITY
        ran = subprocess.run(
            ["git", *words], cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"git {' '.join(words)}: {ran.stderr}"
        return ran.stdout.strip()
