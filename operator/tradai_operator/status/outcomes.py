"""Takes what was observed of runs into the status of their layers.

Pure: (layer, observation, time) → layer. Must never start, stop or wait for anything.
"""

from collections.abc import Mapping
from typing import Any, Final

from tradai_iac.failure import Failure
from tradai_operator.model import EnvironmentStatus, LayerFailure, LayerPreflight, LayerStatus, Resources
from tradai_operator.model.times import moment
from tradai_operator.plan.digest import digest
from tradai_operator.plan.retry import stalled_after, wait_after
from tradai_operator.status.migrations import spent
from tradai_operator.status.plans import planned
from tradai_operator.status.repairs import audited
from tradai_runner.contract import RunResult
from tradai_runner.journal.progress import short_name

_LOST = Failure(
    kind="Lost",
    error="the run ended without a result",
    hint="It was killed, or its host went away; it is tried again by itself.",
)

#: Another's stack, another's account: looked at before anything else; and what never began.
_BEFOREHAND: Final = frozenset({"Owner", "Account", "NotStarted"})
#: These leave the marker of whose a stack is as they found it, also where they fail half-way.
_CLAIMS_NOTHING: Final = frozenset({"preview", "destroy"})


def log_command(env: str, layer: str) -> str:
    """What a person types to read the whole log of a layer's last run."""
    return f"tradai logs {env} {layer}"


def with_layer(status: EnvironmentStatus, layer: LayerStatus) -> EnvironmentStatus:
    """The status with one layer replaced, or added at the end."""
    known = {found.name for found in status.layers}
    layers = tuple(layer if found.name == layer.name else found for found in status.layers)
    return status.model_copy(update={"layers": layers if layer.name in known else (*layers, layer)})


def stood(status: EnvironmentStatus, name: str) -> bool:
    """Whether the layer's stack was made as far as the status knows, and not destroyed since."""
    layer = status.layer(name)
    if layer.state == "Destroyed":
        return False
    made = layer.operation == "up" and layer.resources.created > 0
    ran = any(name in entry.layers.split(", ") for entry in status.history)
    return bool(layer.outputs_digest or layer.inputs_digest or name in status.outputs or made or ran)


def progressed(layer: LayerStatus, resources: Mapping[str, Any], current: str) -> LayerStatus:
    """The run got further."""
    return layer.model_copy(update={"resources": _resources(resources), "current": current})


def finished(
    status: EnvironmentStatus, layer: LayerStatus, result: RunResult, log: str, now: float
) -> EnvironmentStatus:
    """The run ended; its outputs go into the status, or out of it when the layer is gone.

    What is due later counts from `now`: the clock of the run's host may be another, and no end lies in the future.
    """
    result = dated(result, now)
    status = audited(status, layer.name, result.repairs)
    status = spent(status, layer, result.migrated, well=result.outcome == "succeeded")
    ended = layer.model_copy(
        update={
            "run": None,
            "current": "",
            "resources": _resources(result.resources.model_dump()),
            "finished_at": moment(result.finished_at),
            "log": log,
            "untouched": layer.untouched and (result.operation == "preview" or left_nothing(result)),
            "adopted": layer.as_adopted and (result.operation in _CLAIMS_NOTHING or left_nothing(result)),
            **({"survey": LayerPreflight(**result.survey.model_dump())} if result.survey else {}),
        }
    )
    if result.outcome == "failed" and result.failure:
        return with_layer(status, failed(ended, result.failure, now))
    if result.outcome == "cancelled":
        return with_layer(status, ended.model_copy(update={"state": "Cancelled", "failure": None}))
    if result.operation == "preview":
        return with_layer(status, planned(ended, result))
    return _succeeded(status, ended, result, layer.run.reconcile if layer.run else "")


def dated(result: RunResult, now: float) -> RunResult:
    """The result, which did not end later than now."""
    return result.model_copy(update={"finished_at": min(result.finished_at, now)})


def lost(status: EnvironmentStatus, layer: LayerStatus, now: float, why: Failure | None = None) -> EnvironmentStatus:
    """The run is gone without a result; `why` where more is known than that."""
    ended = layer.model_copy(update={"run": None, "current": "", "finished_at": moment(now)})
    cause = why or _LOST
    early = layer.operation == "preview" or cause.kind in _BEFOREHAND
    kept = {
        "untouched": layer.untouched and early,
        "adopted": layer.as_adopted and (early or layer.operation in _CLAIMS_NOTHING),
    }
    return with_layer(spent(status, layer, None), failed(ended.model_copy(update=kept), cause, now))


def not_started(error: str) -> Failure:
    """Why a run did not begin: nothing of it has touched anything."""
    return Failure(kind="NotStarted", error=error, hint="Nothing was touched; it is tried again by itself.")


def failed(layer: LayerStatus, failure: Failure, now: float) -> LayerStatus:
    """The run failed; when the next attempt is due depends on the kind of failure."""
    alike = layer.attempts_of(failure.kind) + 1
    before = {layer.failure.kind: layer.attempts} if layer.failure and layer.failure.kind else {}
    wait = wait_after(failure.kind, alike)
    return layer.model_copy(
        update={
            "state": "Failed",
            "attempts": layer.attempts + 1,
            "attempts_by_kind": {**(layer.attempts_by_kind or before), failure.kind: alike},
            "failing_since": layer.failing_since or moment(now),
            "failure": LayerFailure(
                kind=failure.kind,
                error=failure.error,
                urn=failure.urn,
                request_id=failure.request_id,
                hint=failure.hint,
                state=failure.state,
            ),
            "next_retry_at": None if wait is None else moment(now + wait),
        }
    )


def stands_still(layer: LayerStatus) -> bool:
    """Whether it was tried often enough, be it tried again seldom or not at all."""
    kind = layer.failure.kind if layer.failure else None
    return layer.next_retry_at is None or (kind is not None and stalled_after(kind, layer.attempts_of(kind)))


def told(failure: Failure | LayerFailure | None, limit: int = 600) -> tuple[str, str]:
    """` at <resource>: <error>` and ` <hint>`, of what is known of a failure."""
    if failure is None:
        return "", ""
    resource = short_name(failure.urn)[:120]
    where = f" at {resource}" if resource else ""
    return f"{where}: {failure.error[:limit]}", f" {failure.hint}" if failure.hint else ""


def left_nothing(result: RunResult) -> bool:
    """Whether the run ended before it could leave anything anywhere; two kinds say so whatever runner says it."""
    return result.untouched or (result.failure is not None and result.failure.kind in _BEFOREHAND)


def _succeeded(status: EnvironmentStatus, layer: LayerStatus, result: RunResult, answered: str) -> EnvironmentStatus:
    destroyed = result.operation == "destroy"
    outputs = {name: values for name, values in status.outputs.items() if name != layer.name}
    if not destroyed:
        outputs[layer.name] = result.outputs
    calm = layer.model_copy(
        update={
            "state": "Destroyed" if destroyed else "Ready",
            "plan": None,
            "images": layer.latest_images,
            "attempted_images": None,
            "adopted": False,
            "inputs_digest": "" if destroyed else layer.attempted_digest,
            "attempted_digest": "" if destroyed else layer.attempted_digest,
            "outputs_digest": "" if destroyed else digest(result.outputs),
            "reconcile": "" if destroyed or layer.reconcile == answered else layer.reconcile,
            "attempts": 0,
            "attempts_by_kind": {},
            "failing_since": None,
            "failure": None,
            "message": "",
            "next_retry_at": None,
        }
    )
    return with_layer(status.model_copy(update={"outputs": outputs}), calm)


def _resources(counts: Mapping[str, Any]) -> Resources:
    return Resources(**{name: counts[name] for name in Resources.model_fields if name in counts})
