"""The engine's locks of one stack: who holds them, which of them a dead run of ours left, and holding one ourselves.

`pulumi cancel` would remove foreign ones too, so it is never used. Must never remove a lock whose holder may live, nor
one that neither a process noted on this machine nor a run that was seen to be dead (`dead_runs`) can have taken.
"""

import getpass
import json
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from tradai_iac.failure import Failure
from tradai_runner.bucket.keys import locks_prefix
from tradai_runner.bucket.store import Store
from tradai_runner.lock.dead_runs import DeadRun, find_dead_runs
from tradai_runner.lock.registry import RunRegistry, may_live


@dataclass(frozen=True)
class Lock:
    """One lock file: who holds the stack, and since when (as written, RFC 3339)."""

    key: str
    holder: str
    host: str
    pid: int
    since: str

    @property
    def moment(self) -> float | None:
        """Since when, in seconds since the epoch; None for what is no time."""
        try:
            return datetime.fromisoformat(self.since).timestamp()
        except ValueError:
            return None

    @property
    def is_of_here(self) -> bool:
        """Whether this user took it on a host of this name."""
        return (self.holder, self.host) == (getpass.getuser(), socket.gethostname())

    @property
    def may_be_alive_here(self) -> bool:
        """Whether a process of this machine has the holder's pid; that it is another one by now cannot be excluded."""
        return self.is_of_here and may_live(self.pid)

    def is_dead(self, registry: RunRegistry) -> bool:
        """Whether it is proven that an engine of ours took it and that its holder lives no more."""
        moment = self.moment
        if not self.is_of_here or moment is None or may_live(self.pid):
            return False
        return registry.saw(self.pid, moment)

    def is_of(self, run: DeadRun) -> bool:
        """Whether a run that was seen to be dead took it; a name of ours is not enough where its process lives here."""
        return run.took(self.holder, self.host, self.moment) and not self.may_be_alive_here

    def __str__(self) -> str:
        return f"{self.holder}@{self.host} (process {self.pid}) since {self.since}"


class HeldError(Exception):
    """Somebody else holds the stack; `failure` says who."""

    def __init__(self, standing: list[Lock]) -> None:
        self.failure = refusal(standing)
        super().__init__(self.failure.error)


def find_locks(store: Store, project: str, stack: str) -> list[Lock]:
    """All locks of one stack; one that cannot be read is somebody's."""
    bodies = ((key, store.get(key)) for key in store.keys(locks_prefix(project, stack)))
    return [_parse(key, body) for key, body in bodies if body is not None]


def remove_dead(store: Store, project: str, stack: str, registry: RunRegistry) -> tuple[list[Lock], list[Lock]]:
    """Removes our own dead locks; returns (removed, left standing)."""
    locks = find_locks(store, project, stack)
    dead = find_dead_runs(store, project, stack) if locks else []
    removed = [lock for lock in locks if lock.is_dead(registry) or any(lock.is_of(run) for run in dead)]
    for lock in removed:
        store.delete(lock.key)
    return removed, [lock for lock in locks if lock not in removed]


def refusal(standing: list[Lock]) -> Failure:
    """Who holds the stack, and what a person can do where nobody here can tell whether they live."""
    away = [lock for lock in standing if not lock.may_be_alive_here]
    hint = "Someone is working on this stack; it continues automatically once that lock is gone."
    if away:
        hint = (
            "Whether the holder lives cannot be told from here, so the lock stays. Once you know that it is dead, "
            f"remove it from the state bucket: {', '.join(lock.key for lock in away)}."
        )
    return Failure(kind="Lock", error=f"locked by {'; '.join(map(str, standing))}", hint=hint)


@contextmanager
def hold(store: Store, project: str, stack: str, registry: RunRegistry) -> Iterator[None]:
    """Holds the stack as an engine does, so that none starts meanwhile; raises HeldError where somebody has it.

    As an engine: take, then look, and give back where there is another. Dead locks of ours go first.
    """
    _, standing = remove_dead(store, project, stack, registry)
    if standing:
        raise HeldError(standing)
    own = f"{locks_prefix(project, stack)}{uuid.uuid4()}.json"
    with registry.holding("state"):
        store.put(own, _body())
        try:
            if others := [lock for lock in find_locks(store, project, stack) if lock.key != own]:
                raise HeldError(others)
            yield
        finally:
            store.delete(own)


def _body() -> bytes:
    mark = {"pid": os.getpid(), "username": getpass.getuser(), "hostname": socket.gethostname()}
    return json.dumps(mark | {"timestamp": datetime.now(UTC).isoformat()}).encode()


def _parse(key: str, body: bytes) -> Lock:
    try:
        told = json.loads(body)
        pid = int(told.get("pid", 0))
    except (ValueError, AttributeError, TypeError):
        told, pid = {}, 0
    return Lock(
        key=key,
        holder=str(told.get("username", "somebody")),
        host=str(told.get("hostname", "somewhere")),
        pid=pid,
        since=str(told.get("timestamp", "an unknown time")),
    )
