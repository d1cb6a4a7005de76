"""All loops of one operator, by the uid of their resource.

Must never share state between loops but through wake-ups.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from tradai_operator.reconcile.loop import Loop
from tradai_operator.reconcile.ports import Ports
from tradai_operator.reconcile.settings import Settings


class Fleet:
    """Starts a loop for each resource that is seen, feeds it, and ends it when the resource is gone."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self._ports = ports
        self._settings = settings
        self._loops: dict[str, Loop] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._namespaces: dict[str, str] = {}

    def seen(self, body: Mapping[str, Any]) -> None:
        """A resource exists in this shape."""
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
        if task := self._tasks.pop(uid, None):
            task.cancel()
        self._loops.pop(uid, None)
        self._namespaces.pop(uid, None)
        self._ports.telemetry.gone(uid)
        self.wake()

    def wake(self) -> None:
        """Something changed that may matter to every loop."""
        for loop in self._loops.values():
            loop.wake()

    def knows(self, uid: str) -> bool:
        """Whether a loop of this resource goes on."""
        return uid in self._tasks and not self._tasks[uid].done()

    def secret_changed(self, namespace: str, name: str) -> None:
        """A Secret changed; only those that refer to it care."""
        self._ports.cluster.secret_changed(namespace, name)
        for uid, loop in self._loops.items():
            if self._namespaces[uid] == namespace and name in loop.watches:
                loop.notice_secret()

    async def close(self) -> None:
        """Ends all loops; runs go on and are adopted by the next operator."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
