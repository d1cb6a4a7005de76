"""Keeping an environment as declared: which layers run now, which wait, and for what.

Pure. A layer goes when everything that it reads is Ready with up-to-date inputs; independent branches go on when
another fails. Must never start a second run on one layer.
"""

from collections.abc import Mapping
from dataclasses import replace

from tradai_operator.decide.approval import ends, pose
from tradai_operator.decide.candidate import Candidate
from tradai_operator.decide.decision import Decision, StartRun
from tradai_operator.decide.drift import make_way
from tradai_operator.decide.facts import Facts
from tradai_operator.decide.forecast import forecasts
from tradai_operator.decide.gates import step_of
from tradai_operator.decide.program import stays_behind, update_check
from tradai_operator.decide.steps import Step
from tradai_operator.decide.summary import summarised
from tradai_operator.model import Environment, EnvironmentStatus, PlanStatus
from tradai_operator.plan.dag import Dag
from tradai_operator.status.phases import Checked, LayerNote, Phase
from tradai_operator.status.plans import summary, used


def decide_layers(env: Environment, status: EnvironmentStatus, facts: Facts) -> Decision:
    """One step for every layer, and the environment's phase from all of them."""
    steps = _steps(env, status, facts, granted=False)
    waiting = tuple(name for name, step in steps.items() if step.asks)
    below = forecasts(env, status, facts)
    question = pose(env, status, waiting, planning=_planning(status, steps), foreseen=below)
    plan, granted = question.plan, tuple[str, ...]()
    steps |= {
        name: replace(steps[name], wake_at=ends(found)) for name, found in below.items() if steps[name].blocked_by
    }
    if question.granted and plan:
        steps = _steps(env, status, facts, granted=True)
        if held := [name for name in waiting if not isinstance(steps[name].action, StartRun)]:
            steps |= {name: _together(steps[name], held) for name in waiting if name not in held}
        else:
            plan, granted = used(plan, env.annotations.approved_by or ""), tuple(below)
    elif plan and plan.digest:
        steps |= {name: replace(steps[name], says=_asking(env, plan)) for name in waiting}
    update = _update(env, status, facts, steps)
    return replace(summarised(env, status, steps), plan=plan, granted=granted, update=update)


def _update(env: Environment, status: EnvironmentStatus, facts: Facts, steps: Mapping[str, Step]) -> Checked | None:
    """What the operator's version would change of the layers that stand."""
    if not stays_behind(env, facts):
        return None
    standing = [name for name, step in steps.items() if step.ready and env.spec.layer(name).enabled]
    digests = {name: Candidate(env, status, facts, facts.blueprint.layer(name), steps).newer for name in standing}
    return update_check(env, status, facts, digests)


def _steps(env: Environment, status: EnvironmentStatus, facts: Facts, *, granted: bool) -> dict[str, Step]:
    """One step a layer; `granted` says whether the plans that wait are approved."""
    steps: dict[str, Step] = {}
    for name in Dag.of(facts.blueprint).build_order():
        step = step_of(Candidate(env, status, facts, facts.blueprint.layer(name), steps, granted=granted))
        stop = make_way(status, name, as_declared=step.note is not None and step.note.state == "Ready")
        steps[name] = replace(step, action=stop) if stop else step
    return steps


def _planning(status: EnvironmentStatus, steps: Mapping[str, Step]) -> bool:
    """Whether a preview runs or is about to."""
    layers = map(status.layer, steps)
    starts = [step.action for step in steps.values() if isinstance(step.action, StartRun)]
    return any(layer.run and layer.operation == "preview" for layer in layers) or any(
        start.operation == "preview" for start in starts
    )


def _together(step: Step, held: list[str]) -> Step:
    """What was approved as one begins as one, so that none of it has to be approved again."""
    return replace(step, action=None, phase=Phase.BUILDING, note=LayerNote("Pending", f"starts with {held[0]}"))


def _asking(env: Environment, plan: PlanStatus) -> tuple[str, str]:
    look, approve = f"`tradai diff {env.name}`", f"`tradai approve {env.name} {plan.digest}`"
    return "ApprovalRequired", f"{summary(plan)}. Look with {look}, approve with {approve}"
