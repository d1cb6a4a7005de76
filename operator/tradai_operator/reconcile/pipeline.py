"""One turn of one environment: observe, parse, hear, decide, schedule, write, act; an invalid spec goes the same way.

Runs are observed and accounted for whatever the spec says: only deciding needs a valid one. What may wait for no step
at all, giving a resource up, is a way of its own (`abandon`). Must never act on what the status does not say yet, nor
keep a place for a run that does not begin.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tradai_operator.decide import adoption
from tradai_operator.decide.annotations import heard
from tradai_operator.decide.decision import AddFinalizer, CancelRun, Expire, StartRun
from tradai_operator.decide.invalid import Invalid, decide_invalid
from tradai_operator.decide.new_status import new_status, status_of_invalid
from tradai_operator.decide.next_step import expired
from tradai_operator.decide.queueing import held_back, live, queued, wanted
from tradai_operator.decide.settings import Settings
from tradai_operator.model import Environment, EnvironmentStatus, Metadata
from tradai_operator.ports import RefusedError
from tradai_operator.reconcile.abandon import Abandon, given_up
from tradai_operator.reconcile.act import Actor, ref_of
from tradai_operator.reconcile.history import History
from tradai_operator.reconcile.judge import Judge
from tradai_operator.reconcile.memory import PROGRESS_SECONDS
from tradai_operator.reconcile.notifications import Notifications
from tradai_operator.reconcile.observe import never_began, observe, publish_secrets, runs_of
from tradai_operator.reconcile.secret_cache import SecretCache
from tradai_operator.reconcile.secrets import SecretValues, referenced_names
from tradai_operator.reconcile.shared import Ports
from tradai_operator.reconcile.turn import Heard, Intent, Judged, Observed
from tradai_operator.reconcile.write import StatusWriter
from tradai_operator.schedule.places import Wants
from tradai_operator.status.history import AGAIN, waits


class Pipeline:
    """One environment's; `wake` asks for another turn."""

    def __init__(self, ports: Ports, settings: Settings, writer: StatusWriter, wake: Callable[[], None]) -> None:
        self._ports = ports
        self._settings = settings
        self._writer = writer
        self._wake = wake
        self._actor = Actor(ports, settings)
        self._abandon = Abandon(ports, self._actor)
        self._secret_cache = SecretCache(ports.cluster, settings)
        self._judge = Judge(ports, settings, self._secret_cache, wake)
        self._notifications = Notifications(ports.notifier, ports.cluster, ports.clock, ports.allowlist, wake)
        self._history = History(ports.archive, settings)

    def look_anew(self) -> None:
        """A person asks to try again: what was seen of images counts no longer."""
        self._judge.forget()

    def secret_changed(self) -> None:
        """A Secret that the spec refers to is another now."""
        self._secret_cache.forget()

    def close(self) -> None:
        """Waits for no answer any more."""
        self._judge.close()
        self._notifications.close()

    async def turn(self, body: Mapping[str, Any]) -> float | None:
        """One turn; returns when to look again, seconds since the epoch."""
        meta = Metadata.parse(body)
        self._writer.compare()
        try:
            return await (self._give_up(meta, body) if given_up(meta, body) else self._take(meta, body))
        except Exception:  # a run that was to begin does not
            self._account(meta, self._writer.memory.status)
            raise

    async def _take(self, meta: Metadata, body: Mapping[str, Any]) -> float | None:
        observed = await self._observe(meta)
        found = await self._secret_cache.parse(meta, body)
        judged = self._schedule(await self._decide(found, observed))
        if judged.holds:
            await self._hold(judged)
        else:
            await self._act(judged, await self._write(judged, body))
        return self._next_turn(judged)

    async def _give_up(self, meta: Metadata, body: Mapping[str, Any]) -> float | None:
        memory = self._writer.memory
        stopping = await self._abandon.step(meta, memory.status, memory.stopping_since)
        self._account(meta, stopping.status)
        self._writer.note(follows=False, stopping_since=stopping.since)
        with suppress(RefusedError):
            await self._writer.write(meta, stopping.status)
        if not stopping.goes:
            return self._ports.clock.now() + PROGRESS_SECONDS
        await self._abandon.release(meta, body.get("spec"), stopping.status)
        return None

    async def _observe(self, meta: Metadata) -> Observed:
        """The news of all runs."""
        self._writer.note(follows=True)
        status = self._writer.memory.status
        return Observed(*await observe(meta, status, self._ports.executor, self._ports.clock.now()))

    async def _hear(self, declared: Environment, observed: Observed) -> Heard:
        """What the state bucket, people and Secrets say, and what runs have said in secret; raises ClusterError."""
        status = await self._judge.consult(declared, observed.status)
        env = adoption.held(declared, status)
        status = self._notifications.take(env, heard(env, status, self._ports.clock.now()))
        self._writer.note(watches=referenced_names(env))
        secrets = await self._secret_cache.read(env)
        return Heard(declared, env, await self._publish(env, replace(observed, status=status), secrets), secrets)

    async def _publish(self, env: Metadata, observed: Observed, secrets: SecretValues) -> EnvironmentStatus:
        """The status once what runs have said in secret is where people look for it; raises ClusterError."""
        status, results = observed.status, observed.results
        if not results:
            return status
        await self._secret_cache.learn(env, results.values())
        passphrases = await self._secret_cache.passphrases(env, secrets)
        return await publish_secrets(env, status, results, passphrases, self._ports.cluster)

    async def _decide(self, found: Environment | Invalid, observed: Observed) -> Judged:
        if not isinstance(found, Invalid):
            return await self._judge.judge(await self._hear(found, observed))
        status, now = await self._publish(found.meta, observed, SecretValues()), self._ports.clock.now()
        if found.ending and expired(found.ending, now):
            judged = await self._judge.judge(await self._hear(found.ending, Observed(status)))
            if any(isinstance(action, Expire | AddFinalizer) for action in judged.decision.actions):
                return judged
        return Judged(found.meta, status, decide_invalid(found, status, now))

    def _schedule(self, judged: Judged) -> Judged:
        """What would begin and has no place yet waits for one."""
        env, status, decision = judged.env, judged.status, judged.decision
        if not isinstance(env, Environment):
            self._account(env, status)
            return judged
        now = self._ports.clock.now()
        wants = Wants(env.uid, env.spec.declaration, live(status), wanted(status, decision), queued(status))
        held = self._ports.places.ask(wants, now, self._wake)
        return replace(judged, decision=held_back(status, decision, held, now))

    def _account(self, meta: Metadata, status: EnvironmentStatus) -> None:
        """The places of runs that go on stay, all others are given back."""
        self._ports.places.account(meta.uid, live(status))

    async def _hold(self, judged: Judged) -> None:
        """The finalizer, and nothing else before the turn that it brings about."""
        await self._harden(judged)
        await self._actor.hold(judged.env)

    async def _write(self, judged: Judged, body: Mapping[str, Any]) -> Intent:
        """The status with what is about to happen; raises ClusterError, and then nothing does."""
        await self._harden(judged)
        intent = await self._intent(judged, body)
        before = self._writer.memory
        await self._writer.write(judged.env, intent.status)
        known = self._writer.memory.status  # the one that is kept: a thousand equal ones beside it would take 11 MB
        self._ports.telemetry.saw(ref_of(judged.env), (before.written, judged.status, known))
        for handle in sorted(runs_of(before.status) - runs_of(judged.status)):
            # nothing else may end this loop before: what a run left has no other to clear it
            await self._ports.executor.finish(handle)
        return intent

    async def _harden(self, judged: Judged) -> None:
        """A changed spec may have raised a guard, which holds under any later one, also one that nobody can read."""
        env, known = judged.env, self._writer.memory.written.observed_generation
        if isinstance(env, Environment) and known not in {0, env.generation}:
            await self._secret_cache.harden(env)

    async def _intent(self, judged: Judged, body: Mapping[str, Any]) -> Intent:
        """What is to be written; what a destroy will need of the runs that it names is kept by then."""
        env, decision, now = judged.env, judged.decision, self._ports.clock.now()
        if not isinstance(env, Environment):
            return Intent(status_of_invalid(env, judged.status, decision, now))
        starts = [action for action in decision.actions if isinstance(action, StartRun)]
        status, requests = self._actor.prepare(env, judged.status, starts)
        if ups := [request.run_id for request in requests.values() if request.operation == "up"]:
            await self._secret_cache.keep(env, judged.secrets, ups)
        status = new_status(env, status, decision, self._ports.clock.now())
        written = self._writer.memory.written
        status = await self._history.kept(env, body, written, status, self._ports.clock.now())
        return Intent(status, requests)

    async def _act(self, judged: Judged, intent: Intent) -> None:
        """Does what the status says by now."""
        await self._start(judged, intent)
        await self._actor.act(judged.env, judged.decision.actions)

    async def _start(self, judged: Judged, intent: Intent) -> None:
        """Starts the runs; those that do not begin are told of, and it is decided at once what to do about them."""
        env, before = judged.env, self._writer.memory.status
        status = await self._actor.start(intent.requests, judged.secrets, before)
        if status is before or not isinstance(env, Environment):
            return
        self._ports.telemetry.saw(ref_of(env), (before, status))
        await self._writer.write(env, status)
        self._wake()
        failed = sorted(runs_of(before) - runs_of(status))
        await self._secret_cache.learn(env, [never_began(intent.requests[handle]) for handle in failed])

    def _next_turn(self, judged: Judged) -> float | None:
        """When to look again, once what people are to be told is on its way."""
        now, status = self._ports.clock.now(), self._writer.memory.status
        stopping = any(isinstance(action, CancelRun) for action in judged.decision.actions)
        running = stopping or any(layer.run for layer in status.layers)
        progress = now + PROGRESS_SECONDS if running else None
        again = _first(judged.decision.wake_at, progress, self._writer.memory.put_back_at)
        if not isinstance(judged.env, Environment):
            return again
        told = self._notifications.look(judged.env, status, judged.secrets, self._settings.endpoint_url)
        return _first(
            again,
            now + AGAIN.total_seconds() if waits(status) else None,
            told,
            self._judge.again_at,
        )


def _first(*times: float | None) -> float | None:
    return min((time for time in times if time is not None), default=None)
