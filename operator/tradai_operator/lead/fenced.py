"""Ports that act for the leader alone: whatever is no mere look asks first whether the Lease is still valid.

Ending the loops takes a moment, and a process that stood still wakes up in the middle of one: the clock is asked right
before the act, whoever acts. Must never let a method through that is not known to change nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tradai_operator.decide.facts import StackSeen
from tradai_operator.lead.leader import Leader
from tradai_operator.ports import Cluster, EventText, Executor, Observation, Ref, Shelf, Stacks
from tradai_runner.contract import Owner, RunRequest


class FencedCluster:
    """Kubernetes, whose writes raise NotLeadingError (a ClusterError) where this operator does not lead."""

    def __init__(self, cluster: Cluster, leader: Leader) -> None:
        self._cluster = cluster
        self._leader = leader

    async def write_status(self, ref: Ref, status: Mapping[str, Any]) -> Mapping[str, Any]:
        """Asks first, and writes the term down: what an earlier leader sent comes too late then, however late.

        A higher term that stands there stays: whoever leads is not shut out by what somebody wrote.
        """
        term = max(self._leader.term, int(status.get("term") or 0))
        return await self._cluster.write_status(ref, {**status, "term": term})

    async def write_finalizers(self, ref: Ref, before: Sequence[str], after: Sequence[str]) -> None:
        """Asks first."""
        self._leader.demand()
        await self._cluster.write_finalizers(ref, before, after)

    async def environments(self) -> list[Mapping[str, Any]]:
        """A look."""
        return await self._cluster.environments()

    async def delete(self, ref: Ref) -> None:
        """Asks first."""
        self._leader.demand()
        await self._cluster.delete(ref)

    async def secret(self, namespace: str, name: str) -> Mapping[str, str] | None:
        """A look."""
        return await self._cluster.secret(namespace, name)

    async def own_secret(self, namespace: str, name: str, owner: Ref) -> Mapping[str, str] | None:
        """Asks first: what it answers is written over."""
        self._leader.demand()
        return await self._cluster.own_secret(namespace, name, owner)

    def secret_changed(self, namespace: str, name: str) -> None:
        """Changes nothing but what is remembered."""
        self._cluster.secret_changed(namespace, name)

    async def write_secret(self, namespace: str, name: str, values: Mapping[str, str], owner: Ref | None) -> None:
        """Asks first."""
        self._leader.demand()
        await self._cluster.write_secret(namespace, name, values, owner)

    async def delete_secret(self, namespace: str, name: str) -> None:
        """Asks first."""
        self._leader.demand()
        await self._cluster.delete_secret(namespace, name)

    async def write_record(self, namespace: str, name: str, values: Mapping[str, str]) -> None:
        """Asks first."""
        self._leader.demand()
        await self._cluster.write_record(namespace, name, values)

    async def emit(self, ref: Ref, event: EventText) -> None:
        """Asks first."""
        self._leader.demand()
        await self._cluster.emit(ref, event)


class FencedStacks:
    """The stacks, marked only while this operator leads; raises NotLeadingError."""

    def __init__(self, stacks: Stacks, leader: Leader) -> None:
        self._stacks = stacks
        self._leader = leader

    async def look(
        self, shelf: Shelf, projects: Mapping[str, str], states: Collection[str], known: Collection[str] = ()
    ) -> Mapping[str, StackSeen]:
        """A look."""
        return await self._stacks.look(shelf, projects, states, known)

    async def mark(self, shelf: Shelf, project: str, owner: Owner) -> None:
        """Asks first."""
        self._leader.demand()
        await self._stacks.mark(shelf, project, owner)


class FencedExecutor:
    """The runs, started (each under its term) and stopped only while this operator leads; raises NotLeadingError."""

    def __init__(self, executor: Executor, leader: Leader) -> None:
        self.name = executor.name
        self._executor = executor
        self._leader = leader

    def handle(self, environment_uid: str, request: RunRequest) -> str:
        """Changes nothing."""
        return self._executor.handle(environment_uid, request)

    async def start(self, handle: str, request: RunRequest, passphrase: str, secrets: Mapping[str, str]) -> None:
        """Asks first, and hands the term on: the run shuts out those of earlier leaders."""
        fenced = request.model_copy(update={"fence": self._leader.term})
        await self._executor.start(handle, fenced, passphrase, secrets)

    async def observe(self, handle: str) -> Observation:
        """A look."""
        return await self._executor.observe(handle)

    async def cancel(self, handle: str) -> None:
        """Asks first."""
        self._leader.demand()
        await self._executor.cancel(handle)

    async def finish(self, handle: str) -> None:
        """Asks first."""
        self._leader.demand()
        await self._executor.finish(handle)

    async def changed(self, handles: Collection[str]) -> None:
        """A look."""
        await self._executor.changed(handles)
