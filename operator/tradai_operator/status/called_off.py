"""The end of a run that was asked to stop: whatever it says of itself, what a person has called off stays called off.

Pure: (status, what was known before, what was asked) → status. Must never take a success back, nor call a run called
off of which nobody said so.
"""

from collections.abc import Collection
from typing import Any, Final

from tradai_iac.failure import Failure
from tradai_operator.model import EnvironmentStatus, LayerStatus
from tradai_operator.model.drift_status import LayerDrift
from tradai_operator.model.times import epoch
from tradai_operator.status.drift import look_called_off, look_lost, look_overdue, looks
from tradai_operator.status.outcomes import failed, with_layer

#: Longer than any layer takes; what hangs shall not hang for ever.
RUN_SECONDS: Final = 6 * 3600.0
#: A look changes nothing, and nobody waits for it.
LOOK_SECONDS: Final = 3600.0
#: What the stop itself made, which says nothing of what was in the way.
_OF_THE_STOP: Final = frozenset({"Cancelled", "Lost", "NotStarted"})


def overdue_at(found: LayerStatus | LayerDrift) -> float | None:
    """When the time of its run is over, seconds since the epoch; None where nobody knows when that began."""
    if isinstance(found, LayerDrift):
        began, bound = found.run.started_at if found.run else None, LOOK_SECONDS
    else:
        began, bound = found.started_at, RUN_SECONDS
    return epoch(began) + bound if began else None


def asked_to_stop(status: EnvironmentStatus, handles: Collection[str], now: float) -> EnvironmentStatus:
    """The status before those runs are asked to stop: of which that is since their time is over."""
    for layer in status.layers:
        if layer.run and layer.run.handle in handles and _is_over(layer, now):
            run = layer.run.model_copy(update={"overdue": True})
            status = with_layer(status, layer.model_copy(update={"run": run}))
    for look in looks(status):
        if look.run and look.run.handle in handles and _is_over(look, now):
            status = look_overdue(status, look)
    return status


def ended(
    status: EnvironmentStatus, before: LayerStatus, asked: Collection[str], generation: int, now: float
) -> EnvironmentStatus:
    """The status after the end of the run of `before`; `asked` are the ids that somebody has called off."""
    after = status.layer(before.name)
    if before.run is None or after.run is not None:
        return status
    if before.run.id in asked:
        well = before.operation != "preview" and after.state in {"Ready", "Destroyed"}
        return status if well else with_layer(status, _cancelled(before, after, generation))
    if before.run.overdue and _stopped(after):
        kept: dict[str, Any] = {name: getattr(before, name) for name in ("attempts", "attempts_by_kind", "failure")}
        late = after.model_copy(update=kept)
        return with_layer(status, failed(late, _overdue(RUN_SECONDS), now))
    return status


def look_ended(
    status: EnvironmentStatus, before: LayerDrift, asked: Collection[str], now: float, *, stopped: bool
) -> EnvironmentStatus:
    """The same of a look; `stopped` says whether it came to no answer."""
    if before.run is None or not stopped:
        return status
    if before.run.id in asked:
        return look_called_off(status, before, now)
    if before.run.overdue:
        return look_lost(status, before, now, _overdue(LOOK_SECONDS))
    return status


def _is_over(found: LayerStatus | LayerDrift, now: float) -> bool:
    end = overdue_at(found)
    return end is not None and end <= now


def _cancelled(before: LayerStatus, after: LayerStatus, generation: int) -> LayerStatus:
    """What was in its way stays to be read; its failures in a row are those of before."""
    telling = after.failure is not None and after.failure.kind not in _OF_THE_STOP
    names = ("attempts", "attempts_by_kind", "failing_since", "plan")
    return after.model_copy(
        update={
            "state": "Cancelled",
            "cancelled_generation": generation,
            "next_retry_at": None,
            "failure": after.failure if telling else None,
            **{name: getattr(before, name) for name in names},
        }
    )


def _stopped(after: LayerStatus) -> bool:
    return after.state == "Cancelled" or (after.failure is not None and after.failure.kind == "Lost")


def _overdue(seconds: float) -> Failure:
    return Failure(
        kind="Cancelled",
        error=f"it did not end within {seconds / 3600:g} h and was stopped",
        hint="Its log shows what it was waiting for; `tradai retry` starts it again.",
    )
