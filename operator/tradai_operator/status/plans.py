"""Plans in the status: that a preview runs, what it found, what waits for approval, and what was approved.

Pure. Must never say of a plan that it was approved: who decides knows.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final

from tradai_operator.model import LayerPlan, LayerStatus, PlannedLayer, PlanStatus, Resources
from tradai_operator.model.times import moment
from tradai_operator.status.phases import Checked
from tradai_runner.contract import DESTRUCTIVE_SHOWN, RunResult

#: How long a plan can be acted upon; a day later the world is another one, and it is looked at again.
LIFETIME: Final = timedelta(hours=24)
_SPELLED_OUT: Final = 3
_VERBS: Final = ("create", "update", "replace", "delete")


def planned(layer: LayerStatus, result: RunResult) -> LayerStatus:
    """A preview ended well; failures in a row go on counting, since a plan is no success yet."""
    found = result.plan
    before = layer.plan or LayerPlan()
    plan = LayerPlan(
        purpose=before.purpose,
        inputs_digest=before.inputs_digest,
        run_id=result.run_id,
        planned_at=moment(result.finished_at),
    )
    return layer.model_copy(
        update={
            "state": "Pending",
            "failure": None,
            "next_retry_at": None,
            "resources": Resources(total=result.resources.total, done=result.resources.done),
            "plan": plan.model_copy(update=found.model_dump()) if found else plan,
        }
    )


def attempted(layer: LayerStatus) -> str:
    """The digest of the inputs that the present or last run was given, be it a preview or not."""
    return layer.plan.inputs_digest if layer.operation == "preview" and layer.plan else layer.attempted_digest


def asked(
    before: PlanStatus,
    plans: Mapping[str, LayerPlan],
    unknown: Sequence[str],
    digest: str,
    foreseen: Mapping[str, LayerPlan] | None = None,
) -> PlanStatus:
    """A new question: the plans of the layers that wait, and the layers of which little or nothing is known yet.

    It ends with the first of all that it names, foreseen or not.
    """
    named = (*plans.values(), *(foreseen or {}).values())
    destructive = [f"{name}: {text}" for name, plan in plans.items() for text in plan.destructive]
    ends = [plan.planned_at + LIFETIME for plan in named if plan.planned_at]
    return PlanStatus(
        number=before.number + 1,
        digest=digest,
        layers=(
            *(_share(name, plan) for name, plan in plans.items()),
            *(_unknown(name, (foreseen or {}).get(name)) for name in unknown),
        ),
        destructive=tuple(sorted(destructive, key=_data_last)[:DESTRUCTIVE_SHOWN]),
        destructive_total=sum(plan.destructive_total for plan in plans.values()),
        data=tuple(name for plan in plans.values() for name in plan.data)[:DESTRUCTIVE_SHOWN],
        expires_at=min(ends, default=None),
        used_digest=before.used_digest,
        approved_by=before.approved_by,
    )


def closed(plan: PlanStatus | None) -> PlanStatus | None:
    """Nothing waits any more; what was approved last stays to be read."""
    if plan is None:
        return None
    return PlanStatus(number=plan.number, used_digest=plan.used_digest, approved_by=plan.approved_by)


def used(plan: PlanStatus, by: str) -> PlanStatus:
    """The question was answered, and what it asked about begins."""
    return PlanStatus(number=plan.number, used_digest=plan.digest, approved_by=by)


def allowed(layer: LayerStatus, granted: Collection[str]) -> LayerStatus:
    """The layer, with its plan approved where it is among those; the run that it permits may begin later."""
    if layer.name not in granted or layer.plan is None:
        return layer
    return layer.model_copy(update={"plan": layer.plan.model_copy(update={"approved": True})})


def approval_check(plan: PlanStatus | None) -> Checked | None:
    """How the ApprovalRequired condition reads, None where there never was a question."""
    if plan is None:
        return None
    if not plan.digest:
        return Checked("False", "NothingToApprove", "no plan waits for approval")
    return Checked("True", "PlanWaits", f"{summary(plan)}; approve {plan.digest}")


def summary(plan: PlanStatus) -> str:
    """`2 to create, 1 to delete in persistent; it deletes aws:...`, in a sentence without an end."""
    waiting = [layer for layer in plan.layers if not layer.unknown]
    counts = {verb: sum(getattr(layer, verb) for layer in waiting) for verb in _VERBS}
    told = ", ".join(f"{count} to {verb}" for verb, count in counts.items() if count)
    touched = [layer.name for layer in waiting if any(getattr(layer, verb) for verb in _VERBS)]
    rest = [layer.name for layer in waiting if layer.name not in touched]
    later = "".join(f", {layer.create} to create later in {layer.name}" for layer in _forecast(plan))
    parts = [f"{told} in {', '.join(touched)}{later}"] if touched else []
    parts += [f"nothing to delete in {', '.join(rest)}, because {stateless(rest)}"] if rest else []
    lost = "; ".join(plan.destructive[:_SPELLED_OUT])
    more = plan.destructive_total - _SPELLED_OUT
    return "; ".join(parts) + (f": {lost}{f' and {more} more' if more > 0 else ''}" if lost else "")


def stateless(layers: Sequence[str]) -> str:
    """Why a deletion takes nothing of those layers; a change that touches nothing is never asked about."""
    return "its state is missing or empty" if len(layers) == 1 else "their states are missing or empty"


def _forecast(plan: PlanStatus) -> list[PlannedLayer]:
    return [layer for layer in plan.layers if layer.unknown and layer.create]


def _share(name: str, plan: LayerPlan) -> PlannedLayer:
    return PlannedLayer(name=name, create=plan.create, update=plan.update, replace=plan.replace, delete=plan.delete)


def _unknown(name: str, foreseen: LayerPlan | None) -> PlannedLayer:
    """What is foreseen of it creates: nothing of such a layer stands."""
    return PlannedLayer(name=name, unknown=True, create=foreseen.create if foreseen else 0)


def _data_last(text: str) -> bool:
    return "with its data" not in text
