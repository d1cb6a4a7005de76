"""The loop of one environment: turns whenever something may have changed, until the resource is gone.

One task per resource uid; level-triggered, so a lost wake-up costs time and nothing else. Must never hold a decision
longer than one turn.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import structlog

from tradai_operator.decide.settings import Settings
from tradai_operator.ports import ClusterError, ConflictError, Ref, RefusedError
from tradai_operator.reconcile import backoff
from tradai_operator.reconcile.bodies import Kept, retry_of
from tradai_operator.reconcile.memory import Memory
from tradai_operator.reconcile.observe import runs_of
from tradai_operator.reconcile.pipeline import Pipeline
from tradai_operator.reconcile.shared import Ports
from tradai_operator.reconcile.write import StatusWriter
from tradai_operator.status.turn_failed import Trouble, refused, unexpected

_log = structlog.get_logger()
#: So many times in a row whoever runs live with may not answer before anybody is told.
_PASSING: Final = 3


class Loop:
    """Reconciles one resource; `notice` feeds it bodies, `run` ends when the resource is released."""

    def __init__(self, body: Mapping[str, Any], ports: Ports, settings: Settings) -> None:
        metadata = body["metadata"]
        self._ref = Ref(metadata["namespace"], metadata["name"], metadata["uid"])
        self._kept = Kept.of(body)
        self._retry = retry_of(body)
        self._ports = ports
        self._woken = asyncio.Event()
        self._writer = StatusWriter(ports.cluster, ports.clock, Memory.of(body))
        self._pipeline = Pipeline(ports, settings, self._writer, self.wake)

    @property
    def watches(self) -> frozenset[str]:
        """The names of the Secrets that the spec refers to, in the resource's namespace."""
        return self._writer.memory.watches

    def notice(self, body: Mapping[str, Any]) -> None:
        """The resource changed."""
        if (retry := retry_of(body)) != self._retry:
            self._pipeline.look_anew()
        self._kept, self._retry = Kept.of(body), retry
        self._writer.saw(body)
        self._woken.set()

    def notice_secret(self) -> None:
        """A Secret that the spec refers to changed."""
        self._pipeline.secret_changed()
        self._woken.set()

    def wake(self) -> None:
        """Something else changed that may matter: another resource is gone, for instance."""
        self._woken.set()

    async def run(self) -> None:
        """Turns until cancelled; an error costs a growing wait and never the loop."""
        structlog.contextvars.bind_contextvars(namespace=self._ref.namespace, environment=self._ref.name)
        try:
            await self._turns()
        finally:
            self._pipeline.close()

    async def _turns(self) -> None:
        while True:
            self._woken.clear()
            await self._rest(await self._guarded_turn())

    async def _guarded_turn(self) -> float | None:
        """One turn that never raises; returns when to look again."""
        try:
            with self._ports.telemetry.turn(self._ref):
                wake_at = await self._turn()
        except Exception as error:  # one resource's trouble is not the operator's end
            return await self._failed(error)
        self._writer.note(failures=0, trouble="")
        return wake_at

    async def _turn(self) -> float | None:
        return await self._pipeline.turn(self._kept.body())

    async def _failed(self, error: Exception) -> float:
        """After a turn that failed; returns when to try again."""
        await self._tell(error)
        failures = self._writer.memory.failures
        self._writer.note(failures=failures + 1)
        return self._ports.clock.now() + backoff.backoff(failures, error)

    async def _tell(self, error: Exception) -> None:
        if isinstance(error, ConflictError):
            _log.info("superseded", why=str(error))
            return
        _log.error("turn failed", error=str(error), exc_info=not isinstance(error, ClusterError | OSError))
        if told := self._trouble(error):
            await self._writer.tell_trouble(self._ref, self._kept.body(), told)

    def _trouble(self, error: Exception) -> Trouble | None:
        """What of it a person has to know: not what passes by itself, such as a server that does not answer."""
        if isinstance(error, RefusedError):
            return refused(error)
        passing = isinstance(error, OSError) and self._writer.memory.failures < _PASSING
        if passing or isinstance(error, ClusterError):
            return None
        return unexpected(error, deleting=bool(self._kept.body()["metadata"].get("deletionTimestamp")))

    async def _rest(self, wake_at: float | None) -> None:
        """Waits a moment, then for a notice, the end of a run, or the time.

        The end of a run that the next turn does not take in would make every wait an empty one: after an error, and
        where runs are not looked at, none is waited for.
        """
        await asyncio.sleep(backoff.FLOOR_SECONDS)
        memory = self._writer.memory
        handles = sorted(runs_of(memory.status)) if memory.follows and not memory.failures else []
        waiters: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._woken.wait())]
        if handles:
            waiters.append(asyncio.ensure_future(self._ports.executor.changed(handles)))
        timeout = None if wake_at is None else max(0.0, wake_at - self._ports.clock.now())
        try:
            await asyncio.wait(waiters, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()
