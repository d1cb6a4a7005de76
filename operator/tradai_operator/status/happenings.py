"""What happened to an environment's runs between two statuses, and what it waits for: the words of metrics and logs.

Pure. Must never say the same thing twice: equal statuses, nothing happened.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tradai_iac.failure import FailureClass
from tradai_operator.model import EnvironmentStatus, LayerStatus
from tradai_operator.model.drift_status import LayerDrift, LookRun
from tradai_operator.status.drift import drift_of

#: What a look for drift is called where operations are told.
LOOK: Final = "drift"

Outcome = Literal["succeeded", "failed", "cancelled"]

#: Classes of failures that AWS or the way to it made, unlike those of a program or a spec.
AWS_CLASSES: Final[frozenset[FailureClass]] = frozenset(
    {"Throttled", "Credentials", "Account", "Quota", "Conflict", "Images", "Network", "Provider", "Backend"}
)


@dataclass(frozen=True)
class RunBegan:
    """A run is named in the status."""

    layer: str
    operation: str
    run: str


@dataclass(frozen=True)
class RunEnded:
    """A run is over; `seconds` from its start to its end, `failure` only where it failed."""

    layer: str
    operation: str
    run: str
    outcome: Outcome
    seconds: float
    failure: FailureClass | None = None
    request_id: str = ""


Happening = RunBegan | RunEnded


def happenings(before: EnvironmentStatus, after: EnvironmentStatus) -> tuple[Happening, ...]:
    """What happened to each layer's run, ends before beginnings."""
    found = [item for layer in after.layers for item in _of(before.layer(layer.name), layer)]
    found += [
        item for layer in after.layers for item in _of_look(drift_of(before, layer.name), drift_of(after, layer.name))
    ]
    return tuple(sorted(found, key=lambda item: isinstance(item, RunBegan)))


def _of(before: LayerStatus, after: LayerStatus) -> Iterator[Happening]:
    old, new = before.run, after.run
    if old and not new:
        yield _ended(before, after, old.id)
    if new and (old is None or old.id != new.id):
        yield RunBegan(after.name, after.operation or "", new.id)


def _of_look(before: LayerDrift, after: LayerDrift) -> Iterator[Happening]:
    """A look for drift is a run of its own kind beside the layer's."""
    old, new = before.run, after.run
    if old and not new:
        yield _look_ended(before, after, old)
    if new and (old is None or old.id != new.id):
        yield RunBegan(after.name, LOOK, new.id)


def _look_ended(before: LayerDrift, after: LayerDrift, run: LookRun) -> RunEnded:
    answered = after.tried_at is not None and after.tried_at != before.tried_at
    failed = answered and after.finding == "Unknown"
    span = after.tried_at - run.started_at if answered and after.tried_at and run.started_at else None
    return RunEnded(
        layer=after.name,
        operation=LOOK,
        run=run.id,
        outcome="failed" if failed else "succeeded" if answered else "cancelled",
        seconds=max(0.0, span.total_seconds()) if span else 0.0,
        failure=after.kind if failed else None,
    )


def _ended(before: LayerStatus, after: LayerStatus, run: str) -> RunEnded:
    outcome: Outcome = _OUTCOMES.get(after.state, "succeeded")
    failure = after.failure if outcome == "failed" else None
    span = after.finished_at - before.started_at if after.finished_at and before.started_at else None
    return RunEnded(
        layer=after.name,
        operation=before.operation or "",
        run=run,
        outcome=outcome,
        seconds=max(0.0, span.total_seconds()) if span else 0.0,
        failure=failure.kind if failure else None,
        request_id=failure.request_id if failure else "",
    )


_OUTCOMES: Final[Mapping[str, Outcome]] = {"Failed": "failed", "Cancelled": "cancelled"}

#: Phase → what such an environment waits for; those that are missing go on by themselves.
REASONS: Final[Mapping[str, str]] = {
    "WaitingForImages": "images",
    "WaitingForApproval": "approval",
    "WaitingForWindow": "window",
    "Blocked": "secret",
    "Retrying": "retry",
    "Failed": "person",
    "DeleteRetrying": "retry",
    "DeleteFailed": "person",
    "Cancelled": "person",
    "Invalid": "spec",
    "Conflict": "claim",
    "Suspended": "suspend",
}
#: Phases that wait for nothing.
MOVING: Final = frozenset({"Pending", "Building", "Ready", "Deleting"})


def waits_for(status: EnvironmentStatus) -> str | None:
    """One word for what the environment waits for; a lock that somebody holds is told from other retries."""
    reason = REASONS.get(status.phase)
    locked = any(layer.state == "Failed" and layer.failure and layer.failure.kind == "Lock" for layer in status.layers)
    return "lock" if reason == "retry" and locked else reason


def failed_layers(layers: Sequence[LayerStatus]) -> Counter[tuple[str, ...]]:
    """(layer, class) → layers that stand on a failure: the state that retries are counted for."""
    stuck = [layer for layer in layers if layer.state == "Failed" and layer.failure and not layer.run]
    return Counter((layer.name, layer.failure.kind or "Unknown") for layer in stuck if layer.failure)
