"""A container engine on this machine: builds an image, signs in to a registry, pushes.

Whichever of docker, podman and buildah is on PATH, by the words that all of them share. Must never see a password in
its arguments: those are readable by everybody on the machine.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from tradai_iac.images.registry import Login

#: Fargate tasks and functions run on x86-64, whatever this machine is.
PLATFORM: Final = "linux/amd64"
#: Engine → what it needs besides, so that it pushes a plain image manifest: Lambda takes no index, no OCI extras.
ENGINES: Final = {
    "docker": ("--provenance=false",),
    "podman": ("--format", "docker"),
    "buildah": ("--format", "docker"),
}


class EngineError(Exception):
    """The engine refused; it has printed why."""


class ContainerEngine(Protocol):
    """What pushing needs of an engine; every method raises EngineError."""

    def login(self, login: Login) -> None:
        """Signs in to a registry."""

    def build(self, dockerfile: Path, context: Path, name: str) -> None:
        """Builds an image under the name that it will be pushed by."""

    def push(self, name: str) -> None:
        """Pushes it."""


@dataclass(frozen=True)
class CommandEngine:
    """An engine as a command; what it prints goes to the terminal."""

    command: str
    extras: tuple[str, ...]

    @classmethod
    def find(cls) -> "CommandEngine | None":
        """The first engine on PATH, None where there is none."""
        found = ((shutil.which(name), extras) for name, extras in ENGINES.items())
        return next((cls(command, extras) for command, extras in found if command), None)

    def login(self, login: Login) -> None:
        """Signs in, the password on standard input."""
        self._run("login", "--username", login.user, "--password-stdin", login.server, stdin=login.password)

    def build(self, dockerfile: Path, context: Path, name: str) -> None:
        """Builds for PLATFORM."""
        options = ("--platform", PLATFORM, *self.extras, "--file", str(dockerfile), "--tag", name)
        self._run("build", *options, str(context))

    def push(self, name: str) -> None:
        """Pushes."""
        self._run("push", name)

    def _run(self, *words: str, stdin: str = "") -> None:
        ended = subprocess.run([self.command, *words], input=stdin, text=True, check=False)
        if ended.returncode:
            name = Path(self.command).name
            raise EngineError(f"{name} {words[0]} ended with status {ended.returncode}; what it said is above")
