"""The status as a decision tells it. Pure: (resource, status, decision, time) → status."""

from tradai_operator.decide import adoption
from tradai_operator.decide.decision import CancelRun, Decision
from tradai_operator.model import Environment, EnvironmentStatus, Metadata
from tradai_operator.plan.dag import Dag
from tradai_operator.status.called_off import asked_to_stop
from tradai_operator.status.compose import compose


def new_status(env: Environment, status: EnvironmentStatus, decision: Decision, now: float) -> EnvironmentStatus:
    """The status with phase, conditions and notes; its layers in the order that they are built in."""
    stops = {action.handle for action in decision.actions if isinstance(action, CancelRun)}
    status = asked_to_stop(status, stops, now) if stops else status
    return compose(
        status,
        generation=env.generation,
        layers=Dag.of(env.spec.declaration).build_order(),
        phase=decision.phase,
        reason=decision.reason,
        message=decision.message,
        notes=decision.notes,
        retry_seen=decision.retry_seen,
        now=now,
        preflight=decision.preflight,
        plan=decision.plan,
        update=decision.update,
        granted=decision.granted,
        watched=env.spec.drift.enabled,
        kept=adoption.check(status),
    )


def status_of_invalid(meta: Metadata, status: EnvironmentStatus, decision: Decision, now: float) -> EnvironmentStatus:
    """The status of a resource whose spec cannot be read: its layers stay as they were last seen."""
    return compose(
        status,
        generation=meta.generation,
        layers=tuple(layer.name for layer in status.layers),
        phase=decision.phase,
        reason=decision.reason,
        message=decision.message,
        notes=decision.notes,
        retry_seen=decision.retry_seen,
        now=now,
    )
