"""Approval: whether a layer's next run is a preview, the update itself, or waits until a person has seen its plan.

Pure. An approval names one question, which is the content of all plans that wait and a number that is used once: it
can be given for nothing else, not twice, and not for what has changed since. Must never let a destructive run begin
whose plan nobody has seen, unless the policy says Never.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from tradai_operator.decide.decision import StartPlan, StartUpdate
from tradai_operator.model import Approval, Environment, EnvironmentStatus, LayerPlan, LayerStatus, PlanStatus
from tradai_operator.model.times import epoch
from tradai_operator.plan.dag import Dag
from tradai_operator.plan.digest import digest
from tradai_operator.status.plans import LIFETIME, asked, closed
from tradai_runner.contract import PlanRef


def next_run(
    policy: Approval, current: LayerStatus, up: StartUpdate, now: float, *, granted: bool, again: bool = False
) -> StartUpdate | StartPlan | None:
    """What brings a layer nearer to `up`; None where its plan waits for approval.

    A first creation destroys nothing: it runs unplanned, and its runner refuses where the state says that it is none.
    `again`: a person asks to look once more, so that what waits is planned anew.
    """
    if policy == "Never":
        return up
    if policy == "OnDestructive" and current.attempted_digest == "":
        return replace(up, only_if_new=True)
    plan = current.plan
    if plan is None or not _holds(plan, up.inputs_digest, now):
        return StartPlan.of(up)
    if granted or not _needs_approval(policy, plan):
        return replace(up, plan=PlanRef(run_id=plan.run_id, digest=plan.digest))
    return StartPlan.of(up) if again else None


def ends(plan: LayerPlan) -> float:
    """Until when a plan can be acted upon, seconds since the epoch."""
    return epoch(plan.planned_at + LIFETIME) if plan.planned_at else 0.0


def _holds(plan: LayerPlan, inputs_digest: str, now: float) -> bool:
    return bool(plan.digest) and plan.serves("Update", inputs_digest) and now < ends(plan)


def _needs_approval(policy: Approval, plan: LayerPlan) -> bool:
    if policy == "OnDestructive":
        return plan.destructive_total > 0
    return any((plan.create, plan.update, plan.replace, plan.delete))


@dataclass(frozen=True)
class Question:
    """What the environment's status says of approval now, and whether it has been given for just that."""

    plan: PlanStatus | None
    granted: bool = False


def pose(
    env: Environment,
    status: EnvironmentStatus,
    waiting: Collection[str],
    *,
    planning: bool,
    below: bool = True,
    foreseen: Mapping[str, LayerPlan] | None = None,
) -> Question:
    """The question about the layers that wait; while others are still `planning`, no new one is asked.

    `below`: what reads from those layers changes with them, and is not known yet; `foreseen` is what is said of such
    layers all the same, and is approved along with the rest.
    """
    if not waiting:
        return Question(closed(status.plan))
    before = status.plan or PlanStatus()
    plans = {name: plan for name in waiting if (plan := status.layer(name).plan)}
    foreseen = foreseen or {}
    if before.digest == _name_of({**plans, **foreseen}, before.number):
        given = env.annotations.approve == before.digest and bool(env.annotations.approved_by)
        return Question(before, granted=given)
    if planning:
        return Question(closed(status.plan))
    unknown = _downstream(env, waiting) if below else ()
    return Question(asked(before, plans, unknown, _name_of({**plans, **foreseen}, before.number + 1), foreseen))


def _name_of(plans: Mapping[str, LayerPlan], number: int) -> str:
    content = {name: [plan.inputs_digest, plan.digest] for name, plan in plans.items()}
    return digest({"question": number, "plans": content})


def _downstream(env: Environment, waiting: Collection[str]) -> tuple[str, ...]:
    dag = Dag.of(env.spec.declaration)
    below = dag.all_downstream(waiting)
    return tuple(name for name in dag.build_order() if name in below and env.spec.layer(name).enabled)
