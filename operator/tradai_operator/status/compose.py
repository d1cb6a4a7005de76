"""Composes the status that people read: phase, conditions, layers, endpoint.

The only writer of these fields. Pure; equal inputs give an equal status, so that nothing is written twice. Must never
put a time or a progress count into a message.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from tradai_operator.model import Condition, EnvironmentStatus, LayerStatus, PlanStatus, Resources
from tradai_operator.model.times import moment
from tradai_operator.plan.digest import digest
from tradai_operator.status.drift import drift_check, settled
from tradai_operator.status.phases import READINGS, Checked, LayerNote, Phase
from tradai_operator.status.plans import allowed, approval_check, closed

_MAX_MESSAGE = 1024


def compose(
    status: EnvironmentStatus,
    *,
    generation: int,
    layers: tuple[str, ...],
    phase: Phase,
    reason: str,
    message: str,
    notes: Mapping[str, LayerNote],
    retry_seen: str,
    now: float,
    preflight: Checked | None = None,
    plan: PlanStatus | None = None,
    update: Checked | None = None,
    granted: Collection[str] = (),
    watched: bool = True,
    kept: Checked | None = None,
) -> EnvironmentStatus:
    """The status for this moment.

    `layers` are the blueprint's layers in build order; without `preflight` its condition stays as it was; without
    `plan` nothing waits for approval, without `update` no newer program does; the plans of the layers in `granted`
    have been approved. Unless it is `watched`, nothing is known of drift. `kept` says which guards the spec lowers.
    """
    plan = plan or closed(status.plan)
    message = message[:_MAX_MESSAGE]
    noted = tuple(allowed(_noted(status.layer(name), notes.get(name)), granted) for name in layers)
    drift = settled(status.drift, noted, enabled=watched)
    checked = {
        "Preflight": preflight,
        "ApprovalRequired": approval_check(plan),
        "UpdateAvailable": update,
        "Drifted": drift_check(drift, noted),
        "GuardsKept": kept,
    }
    return status.model_copy(
        update={
            "observed_generation": generation,
            "phase": phase.value,
            "message": message,
            "endpoint": _endpoint(status),
            "revision": _revision(noted) if phase is Phase.READY else status.revision,
            "layers": noted,
            "layers_text": _layers_text(noted),
            "conditions": _conditions(status, generation, _checks(phase, reason, message, checked), now),
            "plan": plan,
            "drift": drift,
            "observed_retry": retry_seen or status.observed_retry,
        }
    )


def calm(status: EnvironmentStatus) -> EnvironmentStatus:
    """The status without mere progress: what may change every moment of a run."""
    still = {"resources": Resources(), "current": ""}
    layers = tuple(layer.model_copy(update=still) if layer.run else layer for layer in status.layers)
    return status.model_copy(update={"layers": layers})


def _noted(layer: LayerStatus, note: LayerNote | None) -> LayerStatus:
    if layer.run:
        return layer
    if note is None:
        return layer.model_copy(update={"message": ""}) if layer.message else layer
    settled = {**_SETTLED, **({"plan": layer.plan} if note.keeps_plan else {})} if note.state == "Ready" else {}
    return layer.model_copy(update={"state": note.state, "message": note.message, **settled})


#: A layer that is as declared has nothing planned and nothing that went wrong, however it came to be so.
_SETTLED: Final[Mapping[str, Any]] = {
    "plan": None,
    "failure": None,
    "attempts": 0,
    "attempts_by_kind": {},
    "failing_since": None,
    "attempted_images": None,
    "cancelled_generation": 0,
    "next_retry_at": None,
}


def _endpoint(status: EnvironmentStatus) -> str:
    """The first output of that name of any layer: blueprints agree on what people call it."""
    found = (outputs.get("api_gateway_endpoint") for outputs in status.outputs.values())
    return next((str(endpoint) for endpoint in found if endpoint), "")


def _revision(layers: tuple[LayerStatus, ...]) -> str:
    """Short, and equal for equal inputs: twelve characters of the digest over the layers' digests."""
    return digest({layer.name: layer.inputs_digest for layer in layers}).removeprefix("sha256:")[:12]


def _layers_text(layers: tuple[LayerStatus, ...]) -> str:
    counted = [layer for layer in layers if layer.state != "Disabled"]
    return f"{sum(layer.state == 'Ready' for layer in counted)}/{len(counted)}"


def _checks(phase: Phase, reason: str, message: str, others: Mapping[str, Checked | None]) -> dict[str, Checked]:
    """Condition → how it reads now."""
    reading = READINGS[phase]
    values = {"Ready": reading.ready, "Reconciling": reading.reconciling, "Stalled": reading.stalled}
    checks = {name: Checked("True" if value else "False", reason, message) for name, value in values.items()}
    return checks | {name: check for name, check in others.items() if check}


def _conditions(
    status: EnvironmentStatus, generation: int, checks: Mapping[str, Checked], now: float
) -> tuple[Condition, ...]:
    before = {condition.type: condition for condition in status.conditions}
    made = {name: old for name, old in before.items() if name == "Preflight"}
    for name, check in checks.items():
        old = before.get(name)
        made[name] = Condition(
            type=name,
            status=check.status,
            reason=check.reason,
            message=check.message[:_MAX_MESSAGE],
            observed_generation=generation,
            last_transition_time=old.last_transition_time if old and old.status == check.status else moment(now),
        )
    return tuple(made[name] for name in sorted(made))
