"""The loop of one environment: observe, gather facts, decide, write the intent, act — until the resource is gone.

One task per resource uid; level-triggered, so a lost wake-up costs time and nothing else. Must never hold a decision
longer than one turn, and is the only caller of `write_status`.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from tradai_operator.model import Environment, EnvironmentStatus, InvalidResource, Metadata, keys
from tradai_operator.plan.dag import Dag
from tradai_operator.reconcile.act import Actor, ref_of, registry_of
from tradai_operator.reconcile.again import heard
from tradai_operator.reconcile.allowed import refused
from tradai_operator.reconcile.chronicle import Chronicle
from tradai_operator.reconcile.claims import rival_of
from tradai_operator.reconcile.decide import decide
from tradai_operator.reconcile.decision import (
    AddFinalizer,
    CancelRun,
    Decision,
    Expire,
    Release,
    StartRun,
)
from tradai_operator.reconcile.facts import Facts
from tradai_operator.reconcile.herald import Herald
from tradai_operator.reconcile.invalid import settle_invalid
from tradai_operator.reconcile.lookups import Lookups
from tradai_operator.reconcile.observe import observe, publish_secrets, runs_of
from tradai_operator.reconcile.patience import Patience
from tradai_operator.reconcile.ports import ClusterError, ConflictError, EventText, Ports, Ref, RefusedError
from tradai_operator.reconcile.refused import REASON, settle_refused
from tradai_operator.reconcile.safe import Safe
from tradai_operator.reconcile.secrets import SecretValues, referenced_names
from tradai_operator.reconcile.settings import Settings
from tradai_operator.reconcile.stacks import Stacks
from tradai_operator.status.announce import announcements
from tradai_operator.status.compose import calm, compose
from tradai_operator.status.drift import look_handles
from tradai_operator.status.history import AGAIN, waits

_log = structlog.get_logger()

_PROGRESS_SECONDS = 1.0


class Loop:
    """Reconciles one resource; `notice` feeds it bodies, `run` ends when the resource is released."""

    def __init__(self, body: Mapping[str, Any], ports: Ports, settings: Settings) -> None:
        self._body = _slim(body)
        self._ports = ports
        self._settings = settings
        self._actor = Actor(ports, settings)
        self._woken = asyncio.Event()
        self._written = EnvironmentStatus.parse(body.get("status"))
        self._status = self._written
        self._written_at = 0.0
        self._safe = Safe(ports.cluster, settings)
        self._first_claim_seen = False
        self._patience = Patience()
        self._refusal_told = ""
        self._images = Lookups(ports.images, ports.clock, self.wake)
        self._herald = Herald(ports.announcer, ports.cluster, ports.clock, ports.allowlist, self.wake)
        self._chronicle = Chronicle(ports.archive, settings)
        self._stacks = Stacks(ports.states, ports.clock, settings)
        self._since = ports.clock.now()
        self.watches: frozenset[str] = frozenset()

    def notice(self, body: Mapping[str, Any]) -> None:
        """The resource changed."""
        if _retry(body) != _retry(self._body):
            self._images.forget()
        self._body = _slim(body)
        self._woken.set()

    def notice_secret(self) -> None:
        """A Secret that the spec refers to changed."""
        self._safe.forget()
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
            self._images.close()
            self._herald.close()

    async def _turns(self) -> None:
        while True:
            self._woken.clear()
            wake_at = await self._guarded_turn()
            await self._rest(wake_at, watch_runs=self._patience.calm)

    async def _guarded_turn(self) -> float | None:
        """One turn that never raises; returns when to look again."""
        try:
            with self._ports.telemetry.turn(self._ref):
                wake_at = await self._turn()
        except Exception as error:  # one resource's trouble is not the operator's end
            await self._note(error)
            return self._ports.clock.now() + self._patience.wait(error)
        self._patience.restore()
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
        try:
            env, self._applied = Environment.parse(self._body), self._body
        except InvalidResource as error:
            return await self._turn_invalid(error)
        status, results = await observe(env.name, self._status, self._ports.executor, self._ports.clock.now())
        status = self._herald.take(env, heard(env, status, self._ports.clock.now()))
        if not refused(env, self._ports.allowlist(), self._settings):
            status = await self._stacks.mended(env, status)
        self.watches = referenced_names(env)
        secrets = await self._safe.read(env)
        if results:
            await publish_secrets(env, results, await self._safe.passphrase(env, secrets), self._ports.cluster)
        with self._ports.telemetry.deciding():
            decision = await self._decide(env, status, secrets)
        decision = self._ports.places.settle(env, status, decision, self._ports.clock.now(), self.wake)
        await self._apply(env, status, secrets, decision)
        told = self._herald.look(env, self._status, secrets, self._settings.endpoint_url)
        return _sooner(self._next_look(decision), told)

    async def _turn_invalid(self, error: InvalidResource) -> float | None:
        """A body that is none: deletion still works with what was kept, the rest is said in the status."""
        meta = Metadata.parse(self._body)
        self._ports.places.gone(meta.uid)
        kept = await self._safe.kept(meta) if meta.deleting else None
        if kept and kept.spec != self._body.get("spec"):
            self._body = {**self._body, "spec": dict(kept.spec)}
            return self._ports.clock.now()
        before, status = self._written, settle_invalid(self._status, meta, error, self._ports.clock.now())
        await self._write(meta, status)
        self._ports.telemetry.saw(ref_of(meta), (before, status))
        if meta.deleting and meta.held and not kept and not any(layer.attempted_digest for layer in status.layers):
            await self._actor.let_go(meta)
        return None

    async def _decide(self, env: Environment, status: EnvironmentStatus, secrets: SecretValues) -> Decision:
        began = env.deleting and await self._safe.kept(env) is not None
        facts = self._facts(env, secrets, began=began)
        decision = decide(env, status, facts)
        if decision.asks:
            await self._stacks.look(env, status)
            facts = self._facts(env, secrets, began=began)
            decision = decide(env, status, facts)
        if decision.looks and await self._images.look(registry_of(env, self._settings), decision.looks):
            facts = self._facts(env, secrets)
            decision = decide(env, status, facts)
        claims = any(isinstance(action, StartRun | Release) for action in decision.actions)
        if not claims or self._first_claim_seen:
            return decision
        rival = await rival_of(env, self._ports.cluster)
        self._first_claim_seen = rival is None
        return decide(env, status, Facts(**{**vars(facts), "rival": rival})) if rival else decision

    def _facts(self, env: Environment, secrets: SecretValues, *, began: bool = False) -> Facts:
        return Facts(
            now=self._ports.clock.now(),
            blueprint=env.spec.declaration,
            program_version=self._settings.program_version,
            secrets=secrets.facts(),
            images=self._images.facts,
            since=self._since,
            refused=refused(env, self._ports.allowlist(), self._settings),
            stacks=self._stacks.facts,
            cluster=self._settings.cluster,
            began=began,
        )

    async def _apply(
        self, env: Environment, status: EnvironmentStatus, secrets: SecretValues, decision: Decision
    ) -> None:
        before, observed, over = self._written, status, runs_of(self._status) - runs_of(status)
        starts = [action for action in decision.actions if isinstance(action, StartRun)]
        if any(action.operation == "up" for action in starts):
            await self._safe.keep(env, secrets)
        status, requests = self._actor.prepare(env, status, starts)
        status = self._compose(env, status, decision)
        if any(isinstance(action, AddFinalizer) for action in decision.actions):
            await self._actor.hold(env)
            return
        status = await self._chronicle.kept(env, self._applied, before, status, self._ports.clock.now())
        self._status = await self._write(env, status)
        self._ports.telemetry.saw(ref_of(env), (before, observed, status))
        for handle in sorted(over):  # nothing else may end this loop before: what a run left has no other to clear it
            await self._ports.executor.finish(handle)
        await self._actor.start(requests, secrets)
        for action in decision.actions:
            if isinstance(action, CancelRun):
                await self._actor.cancel(action)
            elif isinstance(action, Expire):
                await self._actor.expire(env, action)
            elif isinstance(action, Release):
                await self._actor.release(env, action)

    def _compose(self, env: Environment, status: EnvironmentStatus, decision: Decision) -> EnvironmentStatus:
        return compose(
            status,
            generation=env.generation,
            layers=Dag.of(env.spec.declaration).build_order(),
            phase=decision.phase,
            reason=decision.reason,
            message=decision.message,
            notes=decision.notes,
            retry_seen=decision.retry_seen,
            now=self._ports.clock.now(),
            preflight=decision.preflight,
            plan=decision.plan,
            update=decision.update,
            granted=decision.granted,
            watched=env.spec.drift.enabled,
        )

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
        times = [at for at in (decision.wake_at, self._stacks.next_look(self._status)) if at is not None]
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


def _retry(body: Mapping[str, Any]) -> Any:
    return ((body.get("metadata") or {}).get("annotations") or {}).get(keys.RETRY)


def _slim(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body without what no turn reads: the status, which is ours, and who has set which field."""
    metadata = {key: value for key, value in body["metadata"].items() if key != "managedFields"}
    return {key: value for key, value in body.items() if key != "status"} | {"metadata": metadata}
