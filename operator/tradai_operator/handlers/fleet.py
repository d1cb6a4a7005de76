"""All loops of one operator, by the uid of their resource: they run while it leads, else it only watches.

Must never share state between loops but through wake-ups and places for runs.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from tradai_operator.decide.settings import Settings
from tradai_operator.lead.ending import ended
from tradai_operator.ports import ClusterError, RefusedError
from tradai_operator.reconcile.loop import Loop
from tradai_operator.reconcile.shared import Ports

_log = structlog.get_logger("tradai_operator")
_ASK_AGAIN_SECONDS = 0.5
#: Whoever has no list by then leaves it to another operator.
_LIST_SECONDS = 60.0
#: A turn that is cancelled ends at its next wait.
_STOP_SECONDS = 10.0
_BEGIN_AGAIN_SECONDS = 5.0


class Fleet:
    """Starts a loop for each resource that is seen, feeds it, and ends it when the resource is gone."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self._ports = ports
        self._settings = settings
        self._versions: dict[str, int] = {}
        self._arriving: dict[str, Mapping[str, Any] | None] | None = None  # None: it went
        self._leading = False
        self._loops: dict[str, Loop] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._namespaces: dict[str, str] = {}

    def seen(self, body: Mapping[str, Any]) -> None:
        """A resource exists in this shape, unless a newer one is known: what a watch tells may be late."""
        uid, version = body["metadata"]["uid"], _version(body)
        before = self._versions.get(uid)
        if before and version and version < before:
            return
        self._versions[uid] = version
        if self._arriving is not None:
            self._arriving[uid] = body
        elif self._leading and (before != version or uid not in self._loops or before == 0):
            self._feed(body)  # what is known in this version was told by the list that a leader begins with

    async def lead(self) -> None:
        """Begins to reconcile what the API server has now: what was watched until now may be a moment old.

        Raises RefusedError where it may not ask, and TimeoutError where it has no answer in time.
        """
        self._arriving = {}
        try:
            async with asyncio.timeout(_LIST_SECONDS):
                bodies = {body["metadata"]["uid"]: body for body in await self._until_listed()}
            for uid, newer in self._arriving.items():
                if newer is None:
                    bodies.pop(uid, None)
                elif uid not in bodies or _version(newer) > _version(bodies[uid]):
                    bodies[uid] = newer
        finally:
            self._arriving = None
        self._ports.places.begin(bodies)
        self._leading = True
        for uid in list(bodies):
            body = bodies.pop(uid)  # what a loop keeps of it takes the room that it leaves
            self._versions[uid] = _version(body)
            self._feed(body)

    async def follow(self) -> None:
        """Ends all loops; runs go on, and the next leader adopts them. Raises StuckError where a loop goes on too."""
        self._leading = False
        await ended(list(self._tasks.values()), _STOP_SECONDS)
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
            except RefusedError:
                raise
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
        self._tasks[uid] = asyncio.create_task(self._keep(loop), name=f"reconcile {uid}")

    async def _keep(self, loop: Loop) -> None:
        """Until it is cancelled: a bug beside its turns costs a resource a few seconds, and never its loop."""
        while True:
            try:
                await loop.run()
            except Exception:
                _log.exception("a loop has ended, and begins again")
            await asyncio.sleep(_BEGIN_AGAIN_SECONDS)

    def gone(self, body: Mapping[str, Any]) -> None:
        """A resource is no more; whoever waited for its claim may go on."""
        uid = body["metadata"]["uid"]
        self._versions.pop(uid, None)
        if self._arriving is not None:
            self._arriving[uid] = None
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
            return uid in self._versions
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
