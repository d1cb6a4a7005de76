"""Ports that act for the leader alone: whatever is no mere look asks first whether the Lease is still valid.

Ending the loops takes a moment, and a process that stood still wakes up in the middle of one: the clock is asked right
before the act, whoever acts. Must never let a method through that is not known to change nothing.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final, cast

from tradai_operator.lead.leader import Leader
from tradai_operator.ports import Cluster, Executor, Stacks
from tradai_runner.contract import RunRequest

_LOOKS_AT_KUBERNETES: Final = frozenset({"environments", "secret", "secret_changed"})
_LOOKS_AT_STACKS: Final = frozenset({"look"})
_LOOKS_AT_RUNS: Final = frozenset({"name", "handle", "observe", "changed"})


def fenced_cluster(cluster: Cluster, leader: Leader) -> Cluster:
    """The same, whose writes raise NotLeadingError (a ClusterError) where this operator does not lead."""
    return cast("Cluster", _Fenced(cluster, leader, _LOOKS_AT_KUBERNETES))


def fenced_stacks(stacks: Stacks, leader: Leader) -> Stacks:
    """The same, which marks stacks only while this operator leads."""
    return cast("Stacks", _Fenced(stacks, leader, _LOOKS_AT_STACKS))


def fenced_executor(executor: Executor, leader: Leader) -> Executor:
    """The same, which starts and stops runs only while this operator leads, each start under its term."""
    return cast("Executor", _FencedExecutor(executor, leader, _LOOKS_AT_RUNS))


class _Fenced:
    """Stands before a port; `looks` are the names of what needs no leadership."""

    def __init__(self, port: object, leader: Leader, looks: Collection[str]) -> None:
        self._port = port
        self._leader = leader
        self._looks = looks

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._port, name)
        if name in self._looks:
            return inner

        async def guarded(*arguments: Any, **named: Any) -> Any:
            _ = self._leader.term
            return await inner(*arguments, **named)

        return guarded


class _FencedExecutor(_Fenced):
    async def start(self, handle: str, request: RunRequest, passphrase: str, secrets: Mapping[str, str]) -> None:
        fenced = request.model_copy(update={"fence": self._leader.term})
        await self._port.start(handle, fenced, passphrase, secrets)  # type: ignore[attr-defined]
