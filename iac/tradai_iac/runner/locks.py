"""Looks at the engine's locks of one stack, and removes just those that a dead process of this host left behind.

`pulumi cancel` would remove foreign ones too, so it is never used. Must never remove a lock whose holder may live.
"""

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradai_iac.runner.backend import locks_prefix
from tradai_iac.runner.store import Store


@dataclass(frozen=True)
class Lock:
    """One lock file: who holds the stack, and since when."""

    key: str
    holder: str
    host: str
    pid: int
    since: str

    @property
    def is_ours_and_dead(self) -> bool:
        """Whether the holder was a process of this host that lives no more."""
        return self.host == socket.gethostname() and not _is_engine(self.pid)

    def __str__(self) -> str:
        return f"{self.holder}@{self.host} (process {self.pid}) since {self.since}"


def find_locks(store: Store, project: str, stack: str) -> list[Lock]:
    """All locks of one stack."""
    bodies = ((key, store.get(key)) for key in store.keys(locks_prefix(project, stack)))
    return [_parse(key, json.loads(body)) for key, body in bodies if body]


def remove_dead(store: Store, project: str, stack: str) -> tuple[list[Lock], list[Lock]]:
    """Removes our own dead locks; returns (removed, left standing)."""
    locks = find_locks(store, project, stack)
    removed = [lock for lock in locks if lock.is_ours_and_dead]
    for lock in removed:
        store.delete(lock.key)
    return removed, [lock for lock in locks if lock not in removed]


def _parse(key: str, body: dict[str, Any]) -> Lock:
    return Lock(
        key=key,
        holder=str(body.get("username", "somebody")),
        host=str(body.get("hostname", "somewhere")),
        pid=int(body.get("pid", 0)),
        since=str(body.get("timestamp", "an unknown time")),
    )


def _is_engine(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "pulumi"
    except OSError:
        return False
