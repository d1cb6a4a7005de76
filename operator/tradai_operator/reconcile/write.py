"""Writes the status of one environment, tells what of it is news as events, and remembers both.

The only caller of `write_status`. Must never write what the API server has already, nor mere progress too often.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from tradai_operator.model import EnvironmentStatus, InvalidResource, Metadata
from tradai_operator.ports import Clock, Cluster, ClusterError, EventText, Ref
from tradai_operator.reconcile.act import ref_of
from tradai_operator.reconcile.memory import Memory
from tradai_operator.status.announce import PHASE_TYPES, announcements
from tradai_operator.status.turn_failed import Trouble, failed_status

_log = structlog.get_logger()


class StatusWriter:
    """One environment's; `memory` is what is known of it between two turns."""

    def __init__(self, cluster: Cluster, clock: Clock, memory: Memory) -> None:
        self._cluster = cluster
        self._clock = clock
        self.memory = memory

    def note(self, **changes: Any) -> None:
        """Remembers something else than the status."""
        self.memory = replace(self.memory, **changes)

    async def write(self, meta: Metadata, status: EnvironmentStatus) -> None:
        """Writes it where it has news, and remembers it; raises ClusterError, and then what was known stays known."""
        before, now = self.memory, self._clock.now()
        if before.holds_back(status, now):
            self.memory = before.knowing(status)
            return
        await self._cluster.write_status(ref_of(meta), status.dump())
        self.memory = before.having_written(status, now)
        for said in announcements(before.written, status):
            await self._emit(ref_of(meta), EventText(said.type, said.reason, said.message))

    async def tell_trouble(self, ref: Ref, body: Mapping[str, Any], told: Trouble) -> None:
        """Why a turn failed: in the status, and by an event once, which some phases bring by themselves."""
        said = told.phase.value in PHASE_TYPES
        try:
            meta = Metadata.parse(body)
            await self.write(meta, failed_status(self.memory.status, meta, told, self._clock.now()))
        except (ClusterError, InvalidResource) as error:
            said = False
            _log.warning("a failed turn is not told in the status", why=str(error))
        if not said and told.message != self.memory.trouble:
            await self._emit(ref, EventText("Warning", told.reason, told.message))
        self.note(trouble=told.message)

    async def _emit(self, ref: Ref, event: EventText) -> None:
        try:
            await self._cluster.emit(ref, event)
        except ClusterError as error:
            _log.warning("event lost", reason=event.reason, why=str(error))
