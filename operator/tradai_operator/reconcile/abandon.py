"""Giving up a resource: it goes, whatever else is broken, and what stands on is written down.

Needs no valid spec, no Secret, no state bucket and no answer of a run. Must never wait for anything without an end, nor
let go before its runs were asked to stop.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from tradai_operator.decide.decision import Release
from tradai_operator.decide.survivors import read, survivors
from tradai_operator.model import EnvironmentStatus, Metadata
from tradai_operator.ports import RefusedError
from tradai_operator.reconcile.act import Actor
from tradai_operator.reconcile.observe import observe, runs_of
from tradai_operator.reconcile.shared import Ports
from tradai_operator.status.compose import compose
from tradai_operator.status.phases import Phase

_log = structlog.get_logger()
#: Longer than any run takes to stop that can be stopped: a local one is killed after three minutes.
_STOPPING_SECONDS: Final = 600.0


def given_up(meta: Metadata, body: Mapping[str, Any]) -> bool:
    """Whether a resource under deletion was abandoned by the name of its environment, be its spec valid or not."""
    named = read(body.get("spec"), "environment") or meta.name
    return meta.deleting and meta.held and meta.annotations.abandon == named


@dataclass(frozen=True)
class Stopping:
    """What is known of a resource that was given up, since when its runs are asked to stop, and whether it `goes`."""

    status: EnvironmentStatus
    since: float | None
    goes: bool


class Abandon:
    """`step` until it says that nothing is waited for, then `release`."""

    def __init__(self, ports: Ports, actor: Actor) -> None:
        self._ports = ports
        self._actor = actor

    async def step(self, meta: Metadata, status: EnvironmentStatus, since: float | None) -> Stopping:
        """Runs that go on are asked to stop; what was left by those that have ended goes."""
        now, executor, before = self._ports.clock.now(), self._ports.executor, runs_of(status)
        status = await self._seen(meta, status, now)
        for handle in sorted(before - runs_of(status)):
            await _tried(executor.finish(handle), "a run could not be cleaned up")
        if not (runs := runs_of(status)):
            return Stopping(_told(status, meta, now), since, goes=True)
        since = now if since is None else since
        for handle in sorted(runs):
            await _tried(executor.cancel(handle), "a run could not be stopped")
        return Stopping(_told(status, meta, now), since, goes=now - since >= _STOPPING_SECONDS)

    async def release(self, meta: Metadata, spec: Any, status: EnvironmentStatus) -> None:
        """Lets it go; raises ClusterError where the finalizer cannot be taken off."""
        if left := _left(status):
            told = survivors(meta, spec, Release(left), "abandoned", self._ports.clock.now())
            running = [layer.name for layer in status.layers if layer.run]
            told |= {"running": ", ".join(running)} if running else {}
            await _tried(self._actor.record(meta, told), "what stands on could not be recorded", RefusedError)
        for handle in sorted(runs_of(status)):
            await _tried(self._ports.executor.finish(handle), "a run could not be cleaned up")
        await _tried(self._actor.forget(meta), "the record for the destroy stays", RefusedError)
        await self._actor.unhold(meta)

    async def _seen(self, meta: Metadata, status: EnvironmentStatus, now: float) -> EnvironmentStatus:
        try:
            seen, _ = await observe(meta, status, self._ports.executor, now)
        except Exception as error:  # whatever is wrong with a run, its resource was given up
            _log.warning("a run cannot be seen", why=str(error))
            return status
        return seen


async def _tried(doing: Awaitable[None], what: str, of: type[Exception] = Exception) -> None:
    """What nothing waits for."""
    try:
        await doing
    except of as error:
        _log.warning(what, why=str(error))


def _left(status: EnvironmentStatus) -> tuple[str, ...]:
    return tuple(layer.name for layer in status.layers if layer.touched or layer.run)


def _told(status: EnvironmentStatus, meta: Metadata, now: float) -> EnvironmentStatus:
    running = ", ".join(layer.name for layer in status.layers if layer.run)
    left = ", ".join(_left(status)) or "nothing"
    return compose(
        status,
        generation=meta.generation,
        layers=tuple(layer.name for layer in status.layers),
        phase=Phase.DELETING,
        reason="Abandoned",
        message=f"abandoned; still in AWS: {left}" + (f"; stopping {running} first" if running else ""),
        notes={},
        retry_seen="",
        now=now,
    )
