"""All loops of one operator, by the uid of their resource: they run while it leads, else it only watches.

Must never share state between loops but through wake-ups and places for runs.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from tradai_operator.reconcile.loop import Loop
from tradai_operator.reconcile.ports import ClusterError, Ports
from tradai_operator.reconcile.settings import Settings

_log = structlog.get_logger("tradai_operator")
_ASK_AGAIN_SECONDS = 0.5


class Fleet:
    """Starts a loop for each resource that is seen, feeds it, and ends it when the resource is gone."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self._ports = ports
        self._settings = settings
        self._bodies: dict[str, Mapping[str, Any]] = {}
        self._leading = False
        self._loops: dict[str, Loop] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._namespaces: dict[str, str] = {}

    def seen(self, body: Mapping[str, Any]) -> None:
        """A resource exists in this shape."""
        uid = body["metadata"]["uid"]
        known = self._bodies.get(uid)
        if known and _version(body) == _version(known) != 0:
            return  # the list that a leader begins with, or a watch that began anew, has told it already
        self._bodies[uid] = body
        if self._leading:
            self._feed(body)

    async def lead(self) -> None:
        """Begins to reconcile what the API server has now: what was watched until now may be a moment old."""
        for body in await self._until_listed():
            uid = body["metadata"]["uid"]
            if uid not in self._bodies or _version(body) > _version(self._bodies[uid]):
                self._bodies[uid] = body
        self._ports.places.begin(self._bodies)
        self._leading = True
        for body in list(self._bodies.values()):
            self._feed(body)

    async def follow(self) -> None:
        """Ends all loops; runs go on, and the next leader adopts them."""
        self._leading = False
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for uid in list(self._loops):
            self._ports.telemetry.gone(uid)
            self._ports.places.gone(uid)
        self._loops.clear()
        self._tasks.clear()
        self._namespaces.clear()

    async def _until_listed(self) -> list[Mapping[str, Any]]:
        while True:
            try:
                return await self._ports.cluster.environments()
            except ClusterError as error:
                _log.warning("waiting for the list of environments", why=str(error))
                await asyncio.sleep(_ASK_AGAIN_SECONDS)

    def _feed(self, body: Mapping[str, Any]) -> None:
        uid = body["metadata"]["uid"]
        if loop := self._loops.get(uid):
            loop.notice(body)
            return
        loop = Loop(body, self._ports, self._settings)
        self._loops[uid] = loop
        self._namespaces[uid] = body["metadata"]["namespace"]
        self._tasks[uid] = asyncio.create_task(loop.run(), name=f"reconcile {uid}")

    def gone(self, body: Mapping[str, Any]) -> None:
        """A resource is no more; whoever waited for its claim may go on."""
        uid = body["metadata"]["uid"]
        self._bodies.pop(uid, None)
        if task := self._tasks.pop(uid, None):
            task.cancel()
        self._loops.pop(uid, None)
        self._namespaces.pop(uid, None)
        self._ports.telemetry.gone(uid)
        self._ports.places.gone(uid)
        self.wake()

    def wake(self) -> None:
        """Something changed that may matter to every loop."""
        for loop in self._loops.values():
            loop.wake()

    def knows(self, uid: str) -> bool:
        """Whether a loop of this resource goes on, or would go on if this operator led."""
        if not self._leading:
            return uid in self._bodies
        return uid in self._tasks and not self._tasks[uid].done()

    def secret_changed(self, namespace: str, name: str) -> None:
        """A Secret changed; only those that refer to it care."""
        self._ports.cluster.secret_changed(namespace, name)
        for uid, loop in self._loops.items():
            if self._namespaces[uid] == namespace and name in loop.watches:
                loop.notice_secret()


def _version(body: Mapping[str, Any]) -> int:
    """Resource versions of one kind grow; Kubernetes says so since 1.35, and every API server has kept to it."""
    return int(body["metadata"].get("resourceVersion") or 0)
