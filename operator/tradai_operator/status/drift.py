"""Drift in the status: that a look began, what it found, that a correction began, and how all of it reads.

Pure. Must never touch the Ready condition, nor a layer's own status: a look is no run of the layer.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from tradai_iac.failure import Failure
from tradai_operator.model import EnvironmentStatus, LayerStatus
from tradai_operator.model.drift_status import DriftStatus, LayerDrift, LookRun
from tradai_operator.model.times import epoch, moment
from tradai_operator.plan.retry import Retry, wait_after
from tradai_operator.status.phases import Checked
from tradai_runner.contract import RunResult

#: Who fights for a resource with somebody else does so ever more seldom.
CORRECTIONS: Final = Retry(600, 21600)
#: A look that was stopped to make way is begun again no sooner.
STOPPED_SECONDS: Final = 60.0

_LOST: Final = Failure(
    kind="Lost",
    error="the look for drift ended without a result",
    hint="It was killed, or its host went away; the next look comes automatically.",
)
KINDS: Final = ("changed", "missing", "unexpected")
_NOTHING: Final = DriftStatus()
_GONE: Final = frozenset({"Disabled", "Destroyed", "Retained"})


def drift_of(status: EnvironmentStatus, layer: str) -> LayerDrift:
    """What is known of one layer's drift."""
    return (status.drift or _NOTHING).layer(layer)


def looks(status: EnvironmentStatus) -> tuple[LayerDrift, ...]:
    """The layers that somebody looks at just now."""
    return tuple(layer for layer in (status.drift or _NOTHING).layers if layer.run)


def look_handles(status: EnvironmentStatus) -> list[str]:
    """The handles of the looks that are under way."""
    return [layer.run.handle for layer in looks(status) if layer.run]


def looking(status: EnvironmentStatus, layer: str, run: LookRun) -> EnvironmentStatus:
    """A look is about to start."""
    return _with(status, drift_of(status, layer), run=run)


def touched(status: EnvironmentStatus, layer: str, now: float, *, corrects: bool) -> EnvironmentStatus:
    """An update is about to start; `corrects` says whether it puts back what drifted."""
    found = drift_of(status, layer)
    if found.finding != "Drifted":
        return status
    row = {"corrections": found.corrections + 1, "corrected_at": moment(now)} if corrects else {}
    return _with(status, found, stale=True, **row)


def looked(status: EnvironmentStatus, found: LayerDrift, result: RunResult, now: float) -> EnvironmentStatus:
    """The look ended; what is due later counts from `now`, since the clock of its host may be another."""
    if result.outcome == "cancelled":
        return _with(status, found, run=None, next_look_at=moment(now + STOPPED_SECONDS))
    if result.outcome == "failed" or result.drift is None:
        return _failed(status, found, result.failure or _LOST, now)
    drift, at = result.drift, min(result.finished_at, now)
    return _with(
        status,
        found,
        finding="Drifted" if drift.drifted else "Clean",
        looked_at=moment(at),
        digest=drift.digest if drift.drifted else "",
        **drift.model_dump(exclude={"digest"}),
        **_answered(found, at),
        **(_settled(found, at) if not drift.drifted else {}),
        kind=None,
        message="",
        failures=0,
        failures_by_kind={},
        next_look_at=None,
    )


def look_lost(
    status: EnvironmentStatus, found: LayerDrift, now: float, why: Failure | None = None
) -> EnvironmentStatus:
    """The look is gone without a result; `why` where more is known than that."""
    return _failed(status, found, why or _LOST, now)


def look_overdue(status: EnvironmentStatus, found: LayerDrift) -> EnvironmentStatus:
    """The look is asked to stop since its time is over."""
    return _with(status, found, run=found.run.model_copy(update={"overdue": True}) if found.run else None)


def look_called_off(status: EnvironmentStatus, before: LayerDrift, now: float) -> EnvironmentStatus:
    """A person has stopped the look: what was known `before` still holds, and what asked for it is answered."""
    run = before.run or LookRun()
    return _with(
        status, before, run=None, next_look_at=None, cancelled_at=moment(now), rules=run.rules, request=run.request
    )


def correction_due(found: LayerDrift) -> float | None:
    """When what drifted is to be put back, seconds since the epoch; None where the last look found nothing to do.

    What was put back is looked at before it is put back again.
    """
    if found.finding != "Drifted" or found.stale or found.run:
        return None
    if found.corrected_at is None:
        return 0.0
    return epoch(found.corrected_at) + (CORRECTIONS.wait(found.corrections) or 0.0)


def _failed(status: EnvironmentStatus, found: LayerDrift, failure: Failure, now: float) -> EnvironmentStatus:
    alike = found.failures_of(failure.kind) + 1
    before = {found.kind: found.failures} if found.kind and found.failures else {}
    wait = wait_after(failure.kind, alike)
    return _with(
        status,
        found,
        finding="Unknown",
        **dict.fromkeys((*KINDS, "ignored"), 0),
        first=(),
        digest="",
        kind=failure.kind,
        message=f"{failure.error[:600]}. {failure.hint}".strip(),
        failures=found.failures + 1,
        failures_by_kind={**(found.failures_by_kind or before), failure.kind: alike},
        next_look_at=None if wait is None else moment(now + wait),
        **_answered(found, now),
    )


def _answered(found: LayerDrift, now: float) -> dict[str, Any]:
    run = found.run or LookRun()
    return {
        "run": None,
        "stale": False,
        "cancelled_at": None,
        "tried_at": moment(now),
        "rules": run.rules,
        "request": run.request,
    }


def _settled(found: LayerDrift, now: float) -> dict[str, Any]:
    """A correction has held for as long as the next one would have waited: the row of corrections is over."""
    if found.corrected_at is None or now < epoch(found.corrected_at) + (CORRECTIONS.wait(found.corrections) or 0.0):
        return {}
    return {"corrections": 0, "corrected_at": None}


def _with(status: EnvironmentStatus, found: LayerDrift, **changes: Any) -> EnvironmentStatus:
    drift, layer = status.drift or _NOTHING, found.model_copy(update=changes)
    others = tuple(layer if known.name == layer.name else known for known in drift.layers)
    layers = others if layer in others else (*others, layer)
    return status.model_copy(update={"drift": drift.model_copy(update={"layers": layers})})


def settled(drift: DriftStatus | None, layers: Sequence[LayerStatus], *, enabled: bool) -> DriftStatus | None:
    """The drift of the layers that stand, in their order, with what all of it amounts to.

    None where nobody looks; a look that is still under way is kept until it has ended.
    """
    standing = [layer.name for layer in layers if layer.state not in _GONE]
    known = {layer.name: layer for layer in (drift or _NOTHING).layers}
    kept = tuple(known[layer.name] for layer in layers if layer.name in known and _stays(known[layer.name], standing))
    if not kept or not (enabled or any(layer.run for layer in kept)):
        return None
    times = [layer.looked_at for layer in kept if layer.looked_at]
    found = DriftStatus(checked_at=max(times, default=None), layers=kept)
    return found.model_copy(update={"text": _text(found, standing)})


def _stays(found: LayerDrift, standing: Sequence[str]) -> bool:
    return found.name in standing or found.run is not None


def _text(drift: DriftStatus, standing: Sequence[str]) -> str:
    if counted := _counts(drift.layers):
        return counted
    return {"Clean": "none", "Unknown": "unknown"}.get(_worst(drift, standing), "looking")


def drift_check(drift: DriftStatus | None, layers: Sequence[LayerStatus]) -> Checked | None:
    """How the Drifted condition reads, None where nobody has looked."""
    if drift is None:
        return None
    standing = [layer.name for layer in layers if layer.state not in _GONE]
    drifted = [layer for layer in drift.layers if layer.finding == "Drifted"]
    if drifted:
        told = "; ".join(f"{layer.name}: {_counts([layer])}: {', '.join(layer.first)}" for layer in drifted)
        return Checked("True", "Drifted", told)
    worst = _worst(drift, standing)
    if worst == "Unknown":
        failed = next(layer for layer in drift.layers if _has_failed(layer))
        return Checked("Unknown", "LookFailed", f"{failed.name} could not be looked at: {failed.message}")
    if worst == "Clean":
        return Checked("False", "AsDeclared", "everything is as declared")
    left = [name for name in standing if drift.layer(name).looked_at is None]
    return Checked("Unknown", "Looking", f"nobody has looked at {', '.join(left)} yet")


def _has_failed(layer: LayerDrift) -> bool:
    return layer.finding == "Unknown" and layer.tried_at is not None


def _worst(drift: DriftStatus, standing: Sequence[str]) -> str:
    if any(map(_has_failed, drift.layers)):
        return "Unknown"
    return "Clean" if all(drift.layer(name).finding == "Clean" for name in standing) else "Looking"


def _counts(layers: Sequence[LayerDrift]) -> str:
    """`2 changed, 1 missing`, nothing where nothing drifted."""
    drifted = [layer for layer in layers if layer.finding == "Drifted"]
    counts = {kind: sum(getattr(layer, kind) for layer in drifted) for kind in KINDS}
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)


#: The Drifted condition → the metric's word.
_WORDS: Final = {"True": "drifted", "False": "none"}


def drift_word(status: EnvironmentStatus) -> str:
    """One word for what is known of an environment's drift."""
    return _WORDS.get(status.condition("Drifted").status, "unknown")


def drifted_resources(statuses: Sequence[EnvironmentStatus]) -> Counter[tuple[str, ...]]:
    """(layer, kind) → resources of all environments that are not as declared."""
    found: Counter[tuple[str, ...]] = Counter()
    for layer in (layer for status in statuses for layer in (status.drift or _NOTHING).layers):
        found.update({(layer.name, kind): getattr(layer, kind) for kind in KINDS})
    return found


def looks_under_way(statuses: Sequence[EnvironmentStatus]) -> Counter[tuple[str, ...]]:
    """(layer, "drift") → looks that go on now."""
    return Counter((layer.name, "drift") for status in statuses for layer in looks(status))
