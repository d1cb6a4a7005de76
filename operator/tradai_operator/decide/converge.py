"""Keeping an environment as declared: which layers run now, which wait, and for what.

Pure. A layer goes when everything that it reads is Ready with up-to-date inputs; independent branches go on when
another fails. Must never start a second run on one layer.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from tradai_iac.blueprint import Layer
from tradai_operator.decide import surveys
from tradai_operator.decide.approval import ends, next_run, pose
from tradai_operator.decide.decision import CancelRun, Decision, Look, StartPlan, StartRun, StartUpdate
from tradai_operator.decide.desired import desired_digest, identity
from tradai_operator.decide.drift import correction, make_way, rereads
from tradai_operator.decide.facts import Facts
from tradai_operator.decide.forecast import creation_of, forecasts, preview_of
from tradai_operator.decide.preflight import Preflight, preflight, unknown_sentence
from tradai_operator.decide.program import refused, shown, stays_behind, update_check
from tradai_operator.decide.steps import Step
from tradai_operator.decide.summary import summarised
from tradai_operator.decide.windows import within
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus, PlanStatus
from tradai_operator.model.times import epoch
from tradai_operator.plan.dag import Dag
from tradai_operator.plan.digest import digest
from tradai_operator.plan.retry import stalled_after
from tradai_operator.status.phases import Checked, LayerNote, Phase
from tradai_operator.status.plans import attempted, summary, used

_MOVING: Final = frozenset({Phase.BUILDING, Phase.READY})


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
    standing = [facts.blueprint.layer(name) for name, step in steps.items() if step.ready]
    digests = {
        layer.name: desired_digest(env, status, facts, layer, _known(env, status, facts, layer), facts.program_version)
        for layer in standing
        if env.spec.layer(layer.name).enabled
    }
    return update_check(env, status, facts, digests)


def _known(env: Environment, status: EnvironmentStatus, facts: Facts, layer: Layer) -> Mapping[str, str]:
    return preflight(env, facts, layer, status.layer(layer.name)).digests


def _steps(env: Environment, status: EnvironmentStatus, facts: Facts, *, granted: bool) -> dict[str, Step]:
    """One step a layer; `granted` says whether the plans that wait are approved."""
    steps: dict[str, Step] = {}
    for name in Dag.of(facts.blueprint).build_order():
        step = _step(env, status, facts, facts.blueprint.layer(name), steps, granted=granted)
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


def _step(
    env: Environment,
    status: EnvironmentStatus,
    facts: Facts,
    layer: Layer,
    steps: Mapping[str, Step],
    *,
    granted: bool,
) -> Step:
    current = status.layer(layer.name)
    if current.run:
        return _running(env, status, facts, layer, current)
    if not env.spec.layer(layer.name).enabled:
        return _disabled(status, current)
    if blocked := _blocked_by(layer, steps):
        missing = tuple(name for name in layer.reads if not steps[name].ready)
        return Step(
            Phase.BUILDING if steps[blocked].phase in _MOVING else steps[blocked].phase,
            action=preview_of(env, facts, layer, current, missing),
            note=LayerNote("Blocked", f"waits for {blocked}"),
            blocked_by=steps[blocked].blocked_by or blocked,
        )
    return _unblocked(env, status, facts, layer, granted=granted)


def _unblocked(env: Environment, status: EnvironmentStatus, facts: Facts, layer: Layer, *, granted: bool) -> Step:
    """The step of a layer that everything it reads is there for."""
    current = status.layer(layer.name)
    images = preflight(env, facts, layer, current)
    up = _whole_run(env, status, facts, layer, images.digests)
    again, behind = _asked_again(env, status, layer.name), stays_behind(env, facts)
    mends_at = None if behind else correction(env, status, layer.name)
    as_declared = current.inputs_digest == up.inputs_digest and not current.reconcile
    if as_declared and (mends_at is None or facts.now < mends_at):
        step = Step(Phase.READY, ready=True, note=LayerNote("Ready"), wake_at=mends_at)
        if behind:
            newer = desired_digest(env, status, facts, layer, images.digests, facts.program_version)
            may_look = images.ready and not env.spec.suspend
            step = shown(current, step, replace(up, inputs_digest=newer), may_look=may_look, again=again)
    elif behind:
        step = refused(env, facts)
    else:
        start = creation_of(env, facts, layer, current, up) or next_run(
            env.spec.approval, current, up, facts.now, granted=granted, again=again
        )
        step = within(env, status, facts.now, _due(env, status, facts.now, current, start))
    return _with_images(env, layer.name, step, images, facts.now)


def _whole_run(
    env: Environment, status: EnvironmentStatus, facts: Facts, layer: Layer, images: Mapping[str, str]
) -> StartUpdate:
    """The `up` that would make the layer as declared; `images` maps component → digest."""
    current = status.layer(layer.name)
    return StartUpdate(
        layer.name,
        desired_digest(env, status, facts, layer, images),
        images,
        reconcile=current.reconcile,
        refresh=rereads(env, status, layer.name),
        survey=surveys.due(current, digest(identity(env, facts))),
    )


def _running(env: Environment, status: EnvironmentStatus, facts: Facts, layer: Layer, current: LayerStatus) -> Step:
    run = current.run
    if run and run.id in env.annotations.cancelled_runs:
        return Step(Phase.BUILDING, action=CancelRun(current.name, run.handle))
    if current.state == "Ready" and not current.reconcile:  # a look aside, which the layer does not wait for
        desired = desired_digest(env, status, facts, layer, _known(env, status, facts, layer))
        if current.inputs_digest == desired:
            return Step(Phase.READY, ready=True)
    return Step(Phase.BUILDING)


def _disabled(status: EnvironmentStatus, current: LayerStatus) -> Step:
    built = current.name in status.outputs
    return Step(Phase.READY, ready=built, note=LayerNote("Disabled", "disabled in the spec; left as it is"))


def _blocked_by(layer: Layer, steps: Mapping[str, Step]) -> str | None:
    return next((upstream for upstream in layer.reads if not steps[upstream].ready), None)


def _due(
    env: Environment, status: EnvironmentStatus, now: float, current: LayerStatus, start: StartUpdate | StartPlan | None
) -> Step:
    if env.spec.suspend:
        return Step(Phase.SUSPENDED, note=LayerNote("Pending", "the environment is suspended"))
    if start is None:
        note = LayerNote("Pending", "its plan waits for approval")
        return Step(Phase.APPROVAL, note=note, asks=True, wake_at=ends(current.plan) if current.plan else None)
    tried = attempted(current) == start.inputs_digest and current.state in {"Failed", "Cancelled"}
    if not tried or _asked_again(env, status, current.name):
        return Step(Phase.BUILDING, action=start)
    if current.state == "Cancelled":
        return Step(Phase.CANCELLED)
    if current.next_retry_at is None:
        return Step(Phase.FAILED)
    due = epoch(current.next_retry_at)
    if now >= due:
        return Step(Phase.RETRYING, action=start)
    return Step(Phase.FAILED if _stalled(current) else Phase.RETRYING, wake_at=due)


def _stalled(current: LayerStatus) -> bool:
    kind = current.failure.kind if current.failure else None
    return kind is not None and stalled_after(kind, current.attempts)


def _asked_again(env: Environment, status: EnvironmentStatus, layer: str) -> bool:
    return env.annotations.retries(layer, status.observed_retry)


def _with_images(env: Environment, layer: str, step: Step, images: Preflight, now: float) -> Step:
    """The step as far as the images allow it; where nothing is to be done, now and then a look for new ones."""
    if not images.wanted or env.spec.suspend:
        return step
    step = replace(step, checked=images.checked(layer))
    look = Look(layer, images.wanted)
    if step.action is None:
        return replace(step, look=look) if now >= images.idle_at else _waking(step, images.idle_at)
    if images.ready:
        return step
    waiting = replace(_waiting(layer, images), checked=step.checked)
    return _waking(waiting, images.again_at) if images.fresh else replace(waiting, look=look)


def _waking(step: Step, at: float) -> Step:
    return replace(step, wake_at=at if step.wake_at is None else min(step.wake_at, at))


def _waiting(layer: str, images: Preflight) -> Step:
    """Why a layer with something to do does not start; in the words of the last look, also while the next goes on."""
    seen = images.seen
    if images.missing:
        says = ("ImagesMissing", f"{layer} waits: {images.missing}")
        return Step(Phase.IMAGES, note=LayerNote("Blocked", images.missing), says=says)
    text = unknown_sentence(seen)
    if seen and seen.failure:
        return Step(Phase.RETRYING, note=LayerNote("Pending", text), says=("ImagesUnknown", f"{layer} waits: {text}"))
    return Step(Phase.BUILDING, note=LayerNote("Pending", text))
