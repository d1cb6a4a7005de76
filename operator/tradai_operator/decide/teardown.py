"""Taking an environment down: what the deletion policy takes, in reverse order, and when the resource may go.

Pure. Must never destroy what another resource owns, what the policy keeps, or a layer that still has readers, nor let
go of anything while a run of it goes on. That a resource can be given up all the same is the matter of `abandon`.
"""

from collections.abc import Sequence
from dataclasses import replace

from tradai_operator.decide.decision import Action, CancelRun, Decision, Release, StartDestroy
from tradai_operator.decide.existing import anothers, asking, doubt, is_old, standing, strangers, unasked
from tradai_operator.decide.facts import Facts
from tradai_operator.decide.teardown_approval import destroy_digest, needed, planning_teardown, teardown_approval
from tradai_operator.decide.teardown_messages import NEVER, teardown_decision
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus
from tradai_operator.model.times import epoch
from tradai_operator.plan.dag import Dag
from tradai_operator.status.phases import LayerNote, Phase
from tradai_runner.contract import PlanRef


def decide_deletion(env: Environment, status: EnvironmentStatus, facts: Facts) -> Decision:
    """The next step of an environment under deletion."""
    decision = _next(env, status, facts)
    return asking(status) if is_old(facts, decision) else decision


def _next(env: Environment, status: EnvironmentStatus, facts: Facts) -> Decision:
    if not env.held:
        return Decision(Phase.DELETING, "Released", "released")
    known = standing(env, status, facts)
    doomed = [name for name in _doomed(env, facts) if name in known]
    if strays := _strays(env, status, doomed):
        return _interrupt(strays)
    if unknown := doubt(env, status, facts):
        return unknown
    if not doomed:
        return _released(env, status, facts, known)
    if refusal := _refusal(env, facts):
        return Decision(Phase.DELETE_FAILED, *refusal)
    agreed = teardown_approval(env, status, doomed, facts)
    if agreed.decision:
        return agreed.decision
    decision = _destroy(env, status, facts, doomed, bound=needed(env))
    return replace(decision, plan=agreed.plan, granted=agreed.granted)


def _strays(env: Environment, status: EnvironmentStatus, doomed: Sequence[str]) -> list[LayerStatus]:
    """Runs that are no part of this deletion, or not any more: of what the policy keeps now, and those called off."""
    return [
        layer
        for layer in status.layers
        if layer.run
        and (
            layer.name not in doomed
            or layer.run.id in env.annotations.cancelled_runs
            or not (layer.operation == "destroy" or planning_teardown(env, layer))
        )
    ]


def _interrupt(layers: list[LayerStatus]) -> Decision:
    return Decision(
        Phase.DELETING,
        "StoppingRuns",
        f"stopping what runs for {', '.join(layer.name for layer in layers)} first",
        actions=tuple(CancelRun(layer.name, layer.run.handle) for layer in layers if layer.run),
    )


def _released(env: Environment, status: EnvironmentStatus, facts: Facts, known: tuple[str, ...]) -> Decision:
    """Nothing is left to destroy and nothing runs."""
    others = tuple(layer.name for layer in status.layers if layer.touched and anothers(env, layer))
    if facts.rival and not known:
        return Decision(Phase.DELETING, "NotOurs", f"{facts.rival} owns it", actions=(Release((), others),))
    left = f"; {', '.join(others)} belongs to another resource and was left alone" if others else ""
    action = Release(known + strangers(env, status, facts), others, unasked(env, status, facts))
    return Decision(Phase.DELETING, "Released", f"released{left}", actions=(action,))


def _doomed(env: Environment, facts: Facts) -> list[str]:
    taken = facts.blueprint.teardown[env.spec.deletion_policy]
    return [name for name in Dag.of(facts.blueprint).destroy_order() if name in taken]


def _refusal(env: Environment, facts: Facts) -> tuple[str, str] | None:
    environment = env.spec.environment
    way_out = f"or set the annotation tradai.io/abandon={environment} to give up and leave everything in AWS"
    if facts.refused:
        return "NotPermitted", f"{facts.refused}, {way_out}"
    if facts.secrets.state is None:
        return "PassphraseMissing", f"{'; '.join(facts.secrets.missing)}; create it again, {way_out}"
    if env.spec.deletion_policy == "Everything" and not env.all_data_confirmed and not needed(env):
        return (
            "ConfirmationMissing",
            "deletionPolicy Everything destroys buckets, tables, images and users: confirm that with the annotation "
            f"tradai.io/confirm-destroy={environment}, or choose a narrower deletionPolicy",
        )
    return None


def _destroy(env: Environment, status: EnvironmentStatus, facts: Facts, doomed: list[str], *, bound: bool) -> Decision:
    """Every layer that nothing reads any more; `bound`: each takes only what its approved plan has."""
    dag, known = Dag.of(facts.blueprint), standing(env, status, facts)
    actions: list[Action] = []
    notes: dict[str, LayerNote] = {}
    due: dict[str, float] = {}
    for name in doomed:
        layer = status.layer(name)
        readers = [reader for reader in dag.downstream(name) if reader in known]
        if layer.run:
            continue
        if readers:
            notes[name] = LayerNote(layer.state, f"waits until {', '.join(sorted(readers))} is gone")
        elif (wait := _wait(env, status, layer, facts)) is None or wait <= facts.now:
            actions.append(_start(env, facts, layer, bound=bound))
        else:
            due[name] = wait
    return teardown_decision(env, status, doomed, tuple(actions), notes, due, tried=facts.secrets.tried)


def _start(env: Environment, facts: Facts, layer: LayerStatus, *, bound: bool) -> StartDestroy:
    return StartDestroy(
        layer.name,
        destroy_digest(env, layer.name, facts),
        plan=_plan(layer) if bound else None,
        owned_only=facts.rival is not None,
    )


def _plan(layer: LayerStatus) -> PlanRef | None:
    return PlanRef(run_id=layer.plan.run_id, digest=layer.plan.digest) if layer.plan else None


def _wait(env: Environment, status: EnvironmentStatus, layer: LayerStatus, facts: Facts) -> float | None:
    """When a failed destroy is due again, None for now; what cannot help by itself waits for a person."""
    if layer.operation != "destroy" or layer.state not in {"Failed", "Cancelled"}:
        return None
    if env.annotations.retries(layer.name, status.observed_retry):
        return None
    if layer.attempted_digest != destroy_digest(env, layer.name, facts):
        return None
    return NEVER if layer.next_retry_at is None else epoch(layer.next_retry_at)
