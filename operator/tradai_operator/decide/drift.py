"""When a layer is looked at for drift, when a look has to make way, and when what drifted is put back.

Pure. Only a layer that is as declared and idle is looked at, one of an environment at a time, and never beside a run
of its stack. Must never start anything that changes AWS: a correction is the layer's next run, decided like any other.
"""

from dataclasses import replace
from typing import Final

from tradai_operator.decide.decision import Action, CancelRun, Decision, StartDriftCheck
from tradai_operator.decide.facts import Facts
from tradai_operator.decide.images import share
from tradai_operator.decide.program import stays_behind
from tradai_operator.model import Environment, EnvironmentStatus, Run
from tradai_operator.model.cron import next_after
from tradai_operator.model.drift_status import LayerDrift, LookRun
from tradai_operator.model.times import epoch, moment
from tradai_operator.plan.digest import digest
from tradai_operator.status.drift import correction_due, drift_of, looks
from tradai_operator.status.phases import Phase
from tradai_runner.contract.drift import DriftLook

#: Environments with one schedule spread over this, or over a quarter of the time until the next look.
SPREAD_SECONDS: Final = 900.0
_SHARE_OF_INTERVAL: Final = 0.25


def rules_digest(env: Environment) -> str:
    """Names the ignore rules."""
    return digest([rule.model_dump() for rule in env.spec.drift.ignore])


def correction(env: Environment, status: EnvironmentStatus, layer: str) -> float | None:
    """When the layer is to be put back as declared; None where it is not."""
    if not env.spec.drift.corrects or env.spec.suspend:
        return None
    return correction_due(drift_of(status, layer))


def rereads(env: Environment, status: EnvironmentStatus, layer: str) -> bool:
    """Whether the layer's next run reads the real state first, so that what drifted is put back with it."""
    return env.spec.drift.corrects and drift_of(status, layer).finding == "Drifted"


def make_way(status: EnvironmentStatus, layer: str, *, as_declared: bool) -> CancelRun | None:
    """A look at a layer that has something to do, or whose upstream has, is stopped before anything else begins."""
    run = drift_of(status, layer).run
    return CancelRun(layer, run.handle) if run and not as_declared else None


def without_looks(status: EnvironmentStatus, decision: Decision) -> Decision:
    """Nothing is destroyed or let go while somebody looks."""
    stops = tuple(CancelRun(found.name, found.run.handle) for found in looks(status) if found.run)
    if not stops:
        return decision
    return replace(
        decision, phase=Phase.DELETING, reason="StoppingRuns", message="stopping looks for drift", actions=stops
    )


def with_looks(env: Environment, status: EnvironmentStatus, facts: Facts, decision: Decision) -> Decision:
    """The decision with the look that is due now, or with when the next one is."""
    live = looks(status)
    if not env.spec.drift.enabled:
        return replace(decision, actions=(*decision.actions, *_stops(live, decision.actions)))
    if live or stays_behind(env, facts):  # another program's differences are no drift
        return decision
    idle = [name for name, note in decision.notes.items() if note.state == "Ready" and not status.layer(name).run]
    times = {name: due_at(env, status, facts, name) for name in idle}
    first = min(times, key=lambda name: times[name], default=None)
    if first is None:
        return decision
    if times[first] <= facts.now:
        return replace(decision, actions=(*decision.actions, _look(env, status, first)))
    return replace(decision, wake_at=min(times[first], decision.wake_at or times[first]))


def _stops(live: tuple[LayerDrift, ...], actions: tuple[Action, ...]) -> tuple[CancelRun, ...]:
    known = [action.handle for action in actions if isinstance(action, CancelRun)]
    return tuple(
        CancelRun(found.name, found.run.handle) for found in live if found.run and found.run.handle not in known
    )


def _look(env: Environment, status: EnvironmentStatus, layer: str) -> StartDriftCheck:
    look = DriftLook(ignore=tuple(rule.for_runner for rule in env.spec.drift.ignore))
    return StartDriftCheck(layer, status.layer(layer).images, look)


def look_run(env: Environment, run: Run, now: float) -> LookRun:
    """The look as the status names it, with what it will have answered."""
    return LookRun(
        **run.model_dump(by_alias=False),
        started_at=moment(now),
        rules=rules_digest(env),
        request=env.annotations.drift or "",
    )


def due_at(env: Environment, status: EnvironmentStatus, facts: Facts, layer: str) -> float:
    """When the layer is to be looked at, seconds since the epoch."""
    found = drift_of(status, layer)
    if env.annotations.drift not in {None, found.request}:
        return 0.0
    if found.cancelled_at and found.rules == rules_digest(env):
        return _scheduled(env, status, facts, found)
    if found.next_look_at:
        return epoch(found.next_look_at)
    if _is_stale(env, found):
        return 0.0
    return _scheduled(env, status, facts, found)


def _is_stale(env: Environment, found: LayerDrift) -> bool:
    """Whether the last answer is none any more: other rules, or the layer has run since it was found drifted."""
    return found.stale or (found.tried_at is not None and found.rules != rules_digest(env))


def _scheduled(env: Environment, status: EnvironmentStatus, facts: Facts, found: LayerDrift) -> float:
    """The schedule's next moment after the last look, and a delay that is the environment's own.

    What an operator finds overdue when it starts is delayed likewise, so that it does not look at everything at once.
    """
    schedule = env.spec.drift.schedule
    before = found.cancelled_at or found.tried_at or status.layer(found.name).finished_at
    tick = next_after(schedule, epoch(before) if before else facts.since)
    interval = next_after(schedule, tick) - tick
    return max(tick, facts.since) + min(SPREAD_SECONDS, _SHARE_OF_INTERVAL * interval) * share(env.uid)
