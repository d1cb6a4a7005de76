"""Keeping an environment as declared: which layers run now, which wait, and for what.

Pure. A layer goes when everything that it reads is Ready with up-to-date inputs; independent branches go on when
another fails. Must never start a second run on one layer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradai_iac.blueprint import Layer
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus
from tradai_operator.model.times import epoch
from tradai_operator.plan.dag import Dag
from tradai_operator.plan.digest import inputs_digest
from tradai_operator.reconcile.decision import Action, CancelRun, Decision, StartRun
from tradai_operator.reconcile.facts import Facts
from tradai_operator.status.outcomes import log_command
from tradai_operator.status.phases import LayerNote, Phase


@dataclass(frozen=True)
class Step:
    """What one layer does next: `ready` for those who read it, an action, a note, or a time to look again."""

    phase: Phase
    ready: bool = False
    action: Action | None = None
    note: LayerNote | None = None
    wake_at: float | None = None
    blocked_by: str | None = None


def decide_layers(env: Environment, status: EnvironmentStatus, facts: Facts) -> Decision:
    """One step for every layer, and the environment's phase from all of them."""
    steps: dict[str, Step] = {}
    for name in Dag.of(facts.blueprint).build_order():
        steps[name] = _step(env, status, facts, facts.blueprint.layer(name), steps)
    return _summary(env, status, steps)


def _step(env: Environment, status: EnvironmentStatus, facts: Facts, layer: Layer, steps: Mapping[str, Step]) -> Step:
    current = status.layer(layer.name)
    if current.run:
        return _running(env, current)
    if not env.spec.layer(layer.name).enabled:
        return _disabled(status, current)
    if blocked := _blocked_by(layer, steps):
        return Step(
            Phase.BUILDING if steps[blocked].phase in _MOVING else steps[blocked].phase,
            note=LayerNote("Blocked", f"waits for {blocked}"),
            blocked_by=steps[blocked].blocked_by or blocked,
        )
    desired = desired_digest(env, status, facts, layer)
    if current.inputs_digest == desired:
        return Step(Phase.READY, ready=True, note=LayerNote("Ready"))
    return _due(env, status, facts.now, current, desired)


_MOVING = frozenset({Phase.BUILDING, Phase.READY})


def _running(env: Environment, current: LayerStatus) -> Step:
    run = current.run
    if run and run.id in env.annotations.cancelled_runs:
        return Step(Phase.BUILDING, action=CancelRun(current.name, run.handle))
    return Step(Phase.BUILDING)


def _disabled(status: EnvironmentStatus, current: LayerStatus) -> Step:
    built = current.name in status.outputs
    return Step(Phase.READY, ready=built, note=LayerNote("Disabled", "disabled in the spec; left as it is"))


def _blocked_by(layer: Layer, steps: Mapping[str, Step]) -> str | None:
    return next((upstream for upstream in layer.reads if not steps[upstream].ready), None)


def desired_digest(env: Environment, status: EnvironmentStatus, facts: Facts, layer: Layer) -> str:
    """The digest of what a run of this layer would be given now."""
    return inputs_digest(
        layer=layer.name,
        identity=identity(env, facts),
        program_version=facts.program_version,
        config=env.spec.layer(layer.name).overrides,
        upstream={name: consumed(status, name, outputs) for name, outputs in layer.reads.items()},
        secrets=facts.secrets.layers.get(layer.name, {}),
    )


def identity(env: Environment, facts: Facts) -> dict[str, Any]:
    """Where a run happens; a change of any of it is a change for every layer."""
    return {
        "environment": env.spec.environment,
        "aws": env.spec.aws.model_dump(mode="json"),
        "backend": env.spec.state.backend_url,
        "state": facts.secrets.state,
    }


def consumed(status: EnvironmentStatus, upstream: str, names: tuple[str, ...]) -> dict[str, Any]:
    """The outputs of an upstream layer that are read; absent ones are None."""
    outputs = status.outputs.get(upstream, {})
    return {name: outputs.get(name) for name in names}


def _due(env: Environment, status: EnvironmentStatus, now: float, current: LayerStatus, desired: str) -> Step:
    start = StartRun(current.name, "up", desired)
    tried = current.attempted_digest == desired and current.state in {"Failed", "Cancelled"}
    again = env.annotations.retry not in {None, status.observed_retry}
    if env.spec.suspend:
        return Step(Phase.SUSPENDED, note=LayerNote("Pending", "the environment is suspended"))
    if not tried or again:
        return Step(Phase.BUILDING, action=start)
    if current.state == "Cancelled":
        return Step(Phase.CANCELLED)
    if current.next_retry_at is None:
        return Step(Phase.FAILED)
    due = epoch(current.next_retry_at)
    if now >= due:
        return Step(Phase.RETRYING, action=start)
    return Step(Phase.RETRYING, wake_at=due)


#: The phase of the whole is the first of these that any layer is in.
_PRECEDENCE = (
    Phase.FAILED,
    Phase.CANCELLED,
    Phase.RETRYING,
    Phase.BUILDING,
    Phase.SUSPENDED,
    Phase.READY,
)


def _summary(env: Environment, status: EnvironmentStatus, steps: Mapping[str, Step]) -> Decision:
    busy = any(step.action or status.layer(name).run for name, step in steps.items())
    phases = {step.phase for step in steps.values()}
    phase = next(found for found in _PRECEDENCE if found in phases)
    if busy and phase in {Phase.FAILED, Phase.CANCELLED}:
        phase = Phase.BUILDING
    reason, message = _words(env.name, phase, status, steps)
    return Decision(
        phase,
        reason,
        message,
        actions=tuple(step.action for step in steps.values() if step.action),
        notes={name: step.note for name, step in steps.items() if step.note},
        wake_at=min((step.wake_at for step in steps.values() if step.wake_at), default=None),
        retry_seen=env.annotations.retry or "",
    )


def _words(env: str, phase: Phase, status: EnvironmentStatus, steps: Mapping[str, Step]) -> tuple[str, str]:
    active = [name for name, step in steps.items() if step.action or status.layer(name).run]
    if phase is Phase.READY:
        return "AllLayersReady", "all layers are as declared"
    if phase is Phase.BUILDING:
        return "LayersRunning", f"building {', '.join(active)}" if active else "waiting for layers"
    if phase is Phase.SUSPENDED:
        return "Suspended", "changes wait until spec.suspend is false"
    culprit = next(name for name, step in steps.items() if step.phase is phase and step.blocked_by is None)
    layer = status.layer(culprit)
    if phase is Phase.CANCELLED:
        return "Cancelled", f"{culprit} was cancelled; `tradai retry` or a change of the spec starts it again"
    kind = (layer.failure.kind if layer.failure else None) or "Failed"
    error = layer.failure.error if layer.failure else "failed"
    hint = f" {layer.failure.hint}" if layer.failure and layer.failure.hint else ""
    return kind, f"{culprit} failed: {error[:600]}.{hint} Whole log: {log_command(env, culprit)}"
