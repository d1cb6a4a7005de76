"""The Lease over Kubernetes' API, and who this operator is among all others.

Connections of its own with short timeouts, so that a busy or frozen one never delays a renewal. Must never write on top
of a version that it has not read.
"""

import asyncio
import os
import socket
from datetime import UTC, datetime
from typing import Final

import httpx2
from lightkube import AsyncClient
from lightkube.models.coordination_v1 import LeaseSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.coordination_v1 import Lease

from tradai_operator.adapters.kubernetes.cluster import MANAGER, explained
from tradai_operator.lead.lease import LeaseRecord, Timing
from tradai_runner.lock.registry import place
from tradai_runner.process.alive import process_start
from tradai_runner.process.writes import point

NAME: Final = "tradai-operator"


def identity() -> str:
    """`host/place/pid/start`: this process and no other; the start is in clock ticks since the host's boot."""
    pid = os.getpid()
    return f"{socket.gethostname()}/{place()}/{pid}/{process_start(pid) or 0}"


class KubeLease:
    """The `LeasePort` over lightkube."""

    def __init__(self, namespace: str, client: AsyncClient | None = None, timing: Timing | None = None) -> None:
        self._seconds = (timing or Timing()).request
        self._client = client or AsyncClient(timeout=httpx2.Timeout(self._seconds), field_manager=MANAGER)
        self._namespace = namespace
        self._acquired: datetime | None = None

    async def close(self) -> None:
        """Ends the connections."""
        await self._client.close()

    async def read(self) -> LeaseRecord | None:
        """What it says now; None where there is none."""
        async with explained(f"get Lease {self._namespace}/{NAME}", ignore={404}), asyncio.timeout(self._seconds):
            return _record(await self._client.get(Lease, NAME, namespace=self._namespace))
        return None

    async def write(self, record: LeaseRecord, *, taken: bool) -> LeaseRecord:
        """Writes it on top of that version, or creates it; raises ConflictError where it is another one by now."""
        now = datetime.now(UTC)
        if taken:
            self._acquired = now
        spec = LeaseSpec(
            holderIdentity=record.holder,
            leaseTransitions=record.term,
            leaseDurationSeconds=max(1, round(record.expiry)),
            acquireTime=self._acquired,
            renewTime=now,
        )
        metadata = ObjectMeta(name=NAME, namespace=self._namespace, resourceVersion=record.version or None)
        lease = Lease(metadata=metadata, spec=spec)
        if not record.version:
            what = f"create Lease {self._namespace}/{NAME}"
            async with explained(what, creates=True), asyncio.timeout(self._seconds):
                with point("cluster.lease"):
                    return _record(await self._client.create(lease))
        async with explained(f"write Lease {self._namespace}/{NAME}"), asyncio.timeout(self._seconds):
            with point("cluster.lease"):
                return _record(await self._client.replace(lease))

    def is_dead(self, holder: str) -> bool:
        """Whether the holder was a process of this host that lives no more."""
        _, _, rest = holder.partition("/")
        parts = rest.split("/")
        if len(parts) != 3 or parts[0] != place() or not (parts[1].isdecimal() and parts[2].isdecimal()):
            return False
        return process_start(int(parts[1])) != int(parts[2])


def _record(lease: Lease) -> LeaseRecord:
    spec, metadata = lease.spec or LeaseSpec(), lease.metadata or ObjectMeta()
    return LeaseRecord(
        holder=spec.holderIdentity or "",
        term=spec.leaseTransitions or 0,
        expiry=float(spec.leaseDurationSeconds or 0),
        version=metadata.resourceVersion or "",
    )
