"""A machine of a cluster that runs what it is told: what every stand-in of one has.

Must never run anything that the cluster does not ask for, nor leave anything running.
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tests.standins.container import Container

_POLL_SECONDS = 0.1


class Node:
    """`with` starts it, and ends whatever still runs on it; `environment` is the machine's own."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.containers: dict[str, Container] = {}
        #: What was asked of it, as the cluster has it.
        self.seen: list[Any] = []
        #: While set, nothing gets a container: a machine that is slow to pull, or full.
        self.holding = threading.Event()
        self._over = threading.Event()

    def look(self) -> None:
        """Sees what is asked, and what has ended."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._work, name=type(self).__name__, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(30)
        for container in self.containers.values():
            if container.exit_code is None:
                container.kill()

    def _work(self) -> None:
        while not self._over.wait(_POLL_SECONDS):
            try:
                self.look()
            except Exception as error:  # a machine goes on, whatever one thing is like
                print(f"{type(self).__name__}: {type(error).__name__}: {error}", flush=True)
