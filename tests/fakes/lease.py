"""A Lease in memory that several candidates share, and what may go wrong on the way to it.

Must never be cleverer than the port promises.
"""

import asyncio
from dataclasses import dataclass, field, replace

from tradai_operator.lead.lease import LeaseRecord
from tradai_operator.ports import ClusterError, ConflictError


@dataclass
class LeaseStore:
    """What the API server has; `dead` are holders that everybody knows to be dead."""

    record: LeaseRecord | None = None
    dead: set[str] = field(default_factory=set)
    takers: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class FakeLease:
    """One candidate's way to it: `cut` answers nothing, `deaf` loses the answers of writes that arrive."""

    store: LeaseStore
    cut: bool = False
    deaf: bool = False

    async def read(self) -> LeaseRecord | None:
        await asyncio.sleep(0)
        self._answer()
        return self.store.record

    async def write(self, record: LeaseRecord, *, taken: bool) -> LeaseRecord:
        await asyncio.sleep(0)
        self._answer()
        before = self.store.record
        if record.version != (before.version if before else ""):
            raise ConflictError("another version")
        self.store.record = replace(record, version=str(int(record.version or 0) + 1))
        if taken:
            self.store.takers.append((record.holder, record.term))
        if self.deaf:
            raise ClusterError("no answer")
        return self.store.record

    def is_dead(self, holder: str) -> bool:
        return holder in self.store.dead

    def _answer(self) -> None:
        if self.cut:
            raise ClusterError("the API server does not answer")
