"""The loop of one environment: observe, gather facts, decide, write the intent, act — until the resource is gone.

One task per resource uid; level-triggered, so a lost wake-up costs time and nothing else. Must never hold a decision
longer than one turn, and is the only caller of `write_status`.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog

from tradai_operator.decide import adoption
from tradai_operator.decide.again import heard
from tradai_operator.decide.decision import (
    AddFinalizer,
    CancelRun,
    Decision,
    Expire,
    Release,
    StartRun,
)
from tradai_operator.decide.settings import Settings
from tradai_operator.decide.standing import remembers
from tradai_operator.decide.telling import telling
from tradai_operator.model import Environment, EnvironmentStatus, InvalidResource, Metadata
from tradai_operator.ports import ClusterError, ConflictError, EventText, Ref, RefusedError
from tradai_operator.reconcile.abandon import Abandon, given_up
from tradai_operator.reconcile.act import Actor, ref_of
from tradai_operator.reconcile.backoff import Backoff
from tradai_operator.reconcile.bodies import retry_of, slim
from tradai_operator.reconcile.history import History
from tradai_operator.reconcile.judge import Judge
from tradai_operator.reconcile.notifications import Notifications
from tradai_operator.reconcile.observe import never_began, observe, publish_secrets, runs_of
from tradai_operator.reconcile.secret_cache import SecretCache
from tradai_operator.reconcile.secrets import SecretValues, referenced_names
from tradai_operator.reconcile.shared import Ports
from tradai_operator.status.announce import announcements
from tradai_operator.status.compose import calm
from tradai_operator.status.drift import look_handles
from tradai_operator.status.history import AGAIN, waits
from tradai_operator.status.invalid import settle_invalid
from tradai_operator.status.write_refused import REASON, settle_refused
from tradai_runner.contract import RunRequest

_log = structlog.get_logger()

_PROGRESS_SECONDS = 1.0


class Loop:
    """Reconciles one resource; `notice` feeds it bodies, `run` ends when the resource is released."""

    def __init__(self, body: Mapping[str, Any], ports: Ports, settings: Settings) -> None:
        self._body = slim(body)
        self._ports = ports
        self._settings = settings
        self._actor = Actor(ports, settings)
        self._abandon = Abandon(ports, self._actor)
        self._woken = asyncio.Event()
        self._written = EnvironmentStatus.parse(body.get("status"))
        self._status = self._written
        self._written_at = 0.0
        self._secret_cache = SecretCache(ports.cluster, settings)
        self._backoff = Backoff()
        self._refusal_told = ""
        self._judge = Judge(ports, settings, self._secret_cache, self.wake)
        self._notifications = Notifications(ports.notifier, ports.cluster, ports.clock, ports.allowlist, self.wake)
        self._history = History(ports.archive, settings)
        self.watches: frozenset[str] = frozenset()

    def notice(self, body: Mapping[str, Any]) -> None:
        """The resource changed."""
        if retry_of(body) != retry_of(self._body):
            self._judge.forget()
        self._body = slim(body)
        self._woken.set()

    def notice_secret(self) -> None:
        """A Secret that the spec refers to changed."""
        self._secret_cache.forget()
        self._woken.set()

    def wake(self) -> None:
        """Something else changed that may matter: another resource is gone, for instance."""
        self._woken.set()

    async def run(self) -> None:
        """Turns until cancelled; an error costs a growing wait and never the loop."""
        who = self._ref
        structlog.contextvars.bind_contextvars(namespace=who.namespace, environment=who.name)
        try:
            await self._turns()
        finally:
            self._judge.close()
            self._notifications.close()

    async def _turns(self) -> None:
        while True:
            self._woken.clear()
            wake_at = await self._guarded_turn()
            await self._rest(wake_at, watch_runs=self._backoff.calm)

    async def _guarded_turn(self) -> float | None:
        """One turn that never raises; returns when to look again."""
        try:
            with self._ports.telemetry.turn(self._ref):
                wake_at = await self._turn()
        except Exception as error:  # one resource's trouble is not the operator's end
            await self._note(error)
            return self._ports.clock.now() + self._backoff.wait(error)
        self._backoff.restore()
        return wake_at

    async def _note(self, error: Exception) -> None:
        if isinstance(error, ConflictError):
            _log.info("superseded", why=str(error))
            return
        _log.error("turn failed", error=str(error), exc_info=not isinstance(error, ClusterError | OSError))
        if isinstance(error, RefusedError):
            await self._tell_refused(str(error))

    async def _tell_refused(self, why: str) -> None:
        """In the status; where that is refused too, by an event once."""
        try:
            meta = Metadata.parse(self._body)
            await self._write(meta, settle_refused(self._status, meta, why, self._ports.clock.now()))
        except (ClusterError, InvalidResource) as error:
            _log.warning("refusal not told in the status", why=str(error))
            if why != self._refusal_told:
                await self._emit(self._ref, EventText("Warning", REASON, why))
        self._refusal_told = why

    @property
    def _ref(self) -> Ref:
        metadata = self._body["metadata"]
        return Ref(metadata["namespace"], metadata["name"], metadata["uid"])

    async def _rest(self, wake_at: float | None, *, watch_runs: bool) -> None:
        """Waits for a notice, the end of a run, or the time.

        After an error it watches no runs: one that has ended already would make every wait an empty one.
        """
        handles = [layer.run.handle for layer in self._status.layers if layer.run and watch_runs]
        handles += look_handles(self._status) if watch_runs else []
        waiters: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._woken.wait())]
        if handles:
            waiters.append(asyncio.ensure_future(self._ports.executor.changed(handles)))
        timeout = None if wake_at is None else max(0.0, wake_at - self._ports.clock.now())
        try:
            await asyncio.wait(waiters, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()

    async def _turn(self) -> float | None:
        """One turn; returns when to look again."""
        meta = Metadata.parse(self._body)
        if given_up(meta, self._body):
            return await self._give_up(meta)
        try:
            env, self._applied = await self._secret_cache.environment(self._body), self._body
        except InvalidResource as error:
            return await self._turn_invalid(meta, error)
        status, results = await observe(env.name, self._status, self._ports.executor, self._ports.clock.now())
        status = await self._judge.settle(declared := env, status)
        env = adoption.held(env, status)
        status = self._notifications.take(env, heard(env, status, self._ports.clock.now()))
        self.watches = referenced_names(env)
        secrets = await self._secret_cache.read(env)
        if results:
            await self._secret_cache.learn(env, results.values())
            status = await publish_secrets(
                env, status, results, await self._secret_cache.passphrases(env, secrets), self._ports.cluster
            )
        with self._ports.telemetry.deciding():
            decision = await self._judge.decide(env, status, secrets)
            if self._judge.guesses(decision):
                status = await self._judge.settle(declared, status, fresh=True)
                env = adoption.held(declared, status)
                decision = await self._judge.decide(env, status, secrets)
        decision = adoption.told(status, decision)
        decision = self._ports.places.settle(env, status, decision, self._ports.clock.now(), self.wake)
        await self._apply(env, status, secrets, decision)
        told = self._notifications.look(env, self._status, secrets, self._settings.endpoint_url)
        return _sooner(self._next_look(decision), told, self._judge.again_at)

    async def _give_up(self, meta: Metadata) -> float | None:
        status, goes = await self._abandon.step(meta, self._status)
        with suppress(RefusedError):
            self._status = await self._write(meta, status)
        if not goes:
            return self._ports.clock.now() + _PROGRESS_SECONDS
        await self._abandon.release(meta, self._body.get("spec"), status)
        return None

    async def _turn_invalid(self, meta: Metadata, error: InvalidResource) -> float | None:
        """A body that is none is said in the status; one that has touched nothing goes when nothing runs any more."""
        self._ports.places.gone(meta.uid)
        before, status, now = self._written, self._status, self._ports.clock.now()
        if meta.deleting:
            status, _ = await observe(meta.name, status, self._ports.executor, now)
        over = runs_of(self._status) - runs_of(status)
        status = settle_invalid(status, meta, error, now)
        self._status = await self._write(meta, status)
        self._ports.telemetry.saw(ref_of(meta), (before, status))
        for handle in sorted(over):
            await self._ports.executor.finish(handle)
        if not (meta.deleting and meta.held) or any(layer.touched for layer in status.layers):
            return None
        # its status was lost, and something may stand
        if not remembers(status) and await self._secret_cache.kept(meta):
            return None
        if not (runs := runs_of(status)):
            await self._actor.let_go(meta)
            return None
        for handle in sorted(runs):
            await self._ports.executor.cancel(handle)
        return now + _PROGRESS_SECONDS

    async def _apply(
        self, env: Environment, status: EnvironmentStatus, secrets: SecretValues, decision: Decision
    ) -> None:
        before, observed, over = self._written, status, runs_of(self._status) - runs_of(status)
        if before.observed_generation not in {0, env.generation}:
            await self._secret_cache.harden(env)
        starts = [action for action in decision.actions if isinstance(action, StartRun)]
        status, requests = self._actor.prepare(env, status, starts)
        if ups := [request.run_id for request in requests.values() if request.operation == "up"]:
            await self._secret_cache.keep(env, secrets, ups)
        status = telling(env, status, decision, self._ports.clock.now())
        if any(isinstance(action, AddFinalizer) for action in decision.actions):
            await self._actor.hold(env)
            return
        status = await self._history.kept(env, self._applied, before, status, self._ports.clock.now())
        self._status = await self._write(env, status)
        self._ports.telemetry.saw(ref_of(env), (before, observed, status))
        for handle in sorted(over):  # nothing else may end this loop before: what a run left has no other to clear it
            await self._ports.executor.finish(handle)
        await self._take(env, requests, await self._actor.start(requests, secrets, self._status))
        for action in decision.actions:
            if isinstance(action, CancelRun):
                await self._actor.cancel(action)
            elif isinstance(action, Expire):
                await self._actor.expire(env, action)
            elif isinstance(action, Release):
                await self._actor.release(env, action)

    async def _take(self, env: Environment, asked: Mapping[str, RunRequest], status: EnvironmentStatus) -> None:
        """Tells of runs that did not begin, and decides at once what to do about them."""
        if status is not self._status:
            came_to_nothing = runs_of(self._status) - runs_of(status)
            self._ports.telemetry.saw(ref_of(env), (self._status, status))
            self._status = await self._write(env, status)
            self.wake()
            await self._secret_cache.learn(env, [never_began(asked[handle]) for handle in sorted(came_to_nothing)])

    async def _write(self, env: Metadata, status: EnvironmentStatus) -> EnvironmentStatus:
        """Writes what changed, mere progress at most once a second; gives what is known now, in memory once."""
        before, now = self._written, self._ports.clock.now()
        if status == before:
            return before
        if calm(status) == calm(before) and now - self._written_at < _PROGRESS_SECONDS:
            return status
        await self._ports.cluster.write_status(ref_of(env), status.dump())
        self._written, self._written_at, self._status = status, now, status
        for said in announcements(before, status):
            await self._emit(ref_of(env), EventText(said.type, said.reason, said.message))
        return status

    async def _emit(self, ref: Ref, event: EventText) -> None:
        try:
            await self._ports.cluster.emit(ref, event)
        except ClusterError as error:
            _log.warning("event lost", reason=event.reason, why=str(error))

    def _next_look(self, decision: Decision) -> float | None:
        now = self._ports.clock.now()
        running = any(layer.run for layer in self._status.layers) or _stopped(decision)
        times = [decision.wake_at] if decision.wake_at is not None else []
        if waits(self._status):
            times.append(now + AGAIN.total_seconds())
        if running:
            times.append(now + _PROGRESS_SECONDS)
        return min(times, default=None)


def _sooner(*times: float | None) -> float | None:
    return min((time for time in times if time is not None), default=None)


def _stopped(decision: Decision) -> bool:
    """Whether a run was asked to stop, which is asked again with more force."""
    return any(isinstance(action, CancelRun) for action in decision.actions)
