"""The environment's phase, and its words, from the steps of all its layers.

Pure. Must never decide what a layer does.
"""

from collections.abc import Mapping
from typing import Final

from tradai_operator.decide import preflight
from tradai_operator.decide.decision import Decision
from tradai_operator.decide.steps import Step
from tradai_operator.model import Environment, EnvironmentStatus
from tradai_operator.status.outcomes import log_command, told
from tradai_operator.status.phases import LAST_WORD, Checked, Phase

#: The phase of the whole is the first of these that any layer is in.
_PRECEDENCE: Final = (
    Phase.FAILED,
    Phase.CANCELLED,
    Phase.RETRYING,
    Phase.BUILDING,
    Phase.APPROVAL,
    Phase.IMAGES,
    Phase.WAITING,
    Phase.WINDOW,
    Phase.SUSPENDED,
    Phase.READY,
)


def summarised(env: Environment, status: EnvironmentStatus, steps: Mapping[str, Step]) -> Decision:
    """Every layer's action, and what the whole of them says."""
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
        looks=tuple(step.look for step in steps.values() if step.look),
        preflight=_worst(
            [step.checked for step in steps.values() if step.checked] + preflight.checks(map(status.layer, steps))
        ),
    )


def _worst(checks: list[Checked]) -> Checked | None:
    """What is wrong before what is not known, that before the last word (None: as it was), that before what is well."""
    rank = ("False", "Unknown", "True")
    worst = min(checks, key=lambda check: (rank.index(check.status), check is LAST_WORD), default=LAST_WORD)
    return None if worst is LAST_WORD else worst


def _words(env: str, phase: Phase, status: EnvironmentStatus, steps: Mapping[str, Step]) -> tuple[str, str]:
    active = [name for name, step in steps.items() if step.action or status.layer(name).run]
    if phase is Phase.READY:
        return "AllLayersReady", "all layers are as declared"
    if phase is Phase.BUILDING:
        return "LayersRunning", f"building {', '.join(active)}" if active else "waiting for layers"
    if phase is Phase.SUSPENDED:
        return "Suspended", "changes wait until spec.suspend is false"
    culprit = next(name for name, step in steps.items() if step.phase is phase and step.blocked_by is None)
    if says := steps[culprit].says:
        return says
    layer = status.layer(culprit)
    if phase is Phase.CANCELLED:
        return "Cancelled", f"{culprit} was cancelled; `tradai retry {env}` or a change of the spec starts it again"
    kind = (layer.failure.kind if layer.failure else None) or "Failed"
    error, hint = told(layer.failure)
    return kind, f"{culprit} failed{error}.{hint} Whole log: {log_command(env, culprit)}"
