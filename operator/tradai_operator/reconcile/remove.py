"""Taking an environment down: what the deletion policy takes, in reverse order, and when the resource may go.

Pure. Must never destroy what another resource owns, what the policy keeps, or a layer that still has readers, and must
never leave a resource that cannot be released: `tradai.io/abandon` always can.
"""

from dataclasses import replace

from tradai_iac.runner.contract import PlanRef
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus, keys
from tradai_operator.model.times import epoch
from tradai_operator.plan.dag import Dag
from tradai_operator.reconcile.adoption import AGAIN_SECONDS, UNKNOWN
from tradai_operator.reconcile.consent import consent, destroy_digest, needed, planning_teardown
from tradai_operator.reconcile.decision import Action, CancelRun, Decision, Release, StartRun
from tradai_operator.reconcile.facts import Facts
from tradai_operator.reconcile.farewell import NEVER, farewell
from tradai_operator.status.phases import LayerNote, Phase


def decide_deletion(env: Environment, status: EnvironmentStatus, facts: Facts) -> Decision:
    """The next step of an environment under deletion."""
    standing = tuple(layer.name for layer in status.layers if _stands(layer))
    live = [layer for layer in status.layers if layer.run]
    if not env.held:
        return Decision(Phase.DELETING, "Released", "released")
    if env.abandoned:
        return _abandon(live, standing)
    if facts.rival:
        return Decision(Phase.DELETING, "NotOurs", f"{facts.rival} owns it", actions=(Release(),))
    if ups := [layer for layer in live if layer.operation != "destroy" and not planning_teardown(env, layer)]:
        return _interrupt(ups)
    if facts.unknown:
        return _unknown(env, facts)
    doomed = [name for name in _doomed(env, facts) if name in standing]
    if not doomed:
        return Decision(Phase.DELETING, "Released", "released", actions=(Release(standing),))
    if refusal := _refusal(env, facts):
        return Decision(Phase.DELETE_FAILED, *refusal)
    agreed = consent(env, status, doomed, facts.now)
    if agreed.decision:
        return agreed.decision
    decision = _destroy(env, status, facts, doomed, bound=needed(env))
    return replace(decision, plan=agreed.plan, granted=agreed.granted)


def _stands(layer: LayerStatus) -> bool:
    """Whether anything of the layer may be in AWS: a run has touched it, and no destroy has ended well since."""
    return layer.run is not None or layer.attempted_digest != ""


def _abandon(live: list[LayerStatus], standing: tuple[str, ...]) -> Decision:
    cancels = tuple(CancelRun(layer.name, layer.run.handle) for layer in live if layer.run)
    return Decision(
        Phase.DELETING,
        "Abandoned",
        f"abandoned; still in AWS: {', '.join(standing) or 'nothing'}",
        actions=cancels or (Release(standing, abandoned=True),),
    )


def _interrupt(layers: list[LayerStatus]) -> Decision:
    return Decision(
        Phase.DELETING,
        "StoppingRuns",
        f"stopping {', '.join(layer.name for layer in layers)} before anything is destroyed",
        actions=tuple(CancelRun(layer.name, layer.run.handle) for layer in layers if layer.run),
    )


def _unknown(env: Environment, facts: Facts) -> Decision:
    """Nothing is destroyed, and nothing released, on what nobody knows."""
    way_out = f"give everything up with the annotation {keys.ABANDON}={env.spec.environment}"
    message = f"{facts.unknown}; it is asked again by itself, or {way_out}"
    return Decision(Phase.DELETE_FAILED, UNKNOWN, message, wake_at=facts.now + AGAIN_SECONDS)


def _doomed(env: Environment, facts: Facts) -> list[str]:
    taken = facts.blueprint.teardown[env.spec.deletion_policy]
    return [name for name in Dag.of(facts.blueprint).destroy_order() if name in taken]


def _refusal(env: Environment, facts: Facts) -> tuple[str, str] | None:
    environment = env.spec.environment
    way_out = f"or give everything up with the annotation tradai.io/abandon={environment}"
    if facts.refused:
        return "NotPermitted", f"{facts.refused}, {way_out}"
    if facts.secrets.state is None:
        return "PassphraseMissing", f"{'; '.join(facts.secrets.missing)}; create it again, {way_out}"
    if env.spec.deletion_policy == "Everything" and not env.all_data_confirmed and not needed(env):
        return (
            "ConfirmationMissing",
            "deletionPolicy Everything destroys buckets, tables, images and users: confirm with the annotation "
            f"tradai.io/confirm-destroy={environment}, or choose a narrower policy",
        )
    return None


def _destroy(env: Environment, status: EnvironmentStatus, facts: Facts, doomed: list[str], *, bound: bool) -> Decision:
    """Every layer that nothing reads any more; `bound`: each takes only what its approved plan has."""
    dag = Dag.of(facts.blueprint)
    actions: list[Action] = []
    notes: dict[str, LayerNote] = {}
    due: dict[str, float] = {}
    for name in doomed:
        layer = status.layer(name)
        readers = [reader for reader in dag.downstream(name) if _stands(status.layer(reader))]
        if layer.run:
            continue
        if readers:
            notes[name] = LayerNote(layer.state, f"waits until {', '.join(sorted(readers))} is gone")
        elif (wait := _wait(env, status, layer)) is None or wait <= facts.now:
            actions.append(StartRun(name, "destroy", destroy_digest(env, name), plan=_plan(layer) if bound else None))
        else:
            due[name] = wait
    return farewell(env, status, doomed, tuple(actions), notes, due)


def _plan(layer: LayerStatus) -> PlanRef | None:
    return PlanRef(run_id=layer.plan.run_id, digest=layer.plan.digest) if layer.plan else None


def _wait(env: Environment, status: EnvironmentStatus, layer: LayerStatus) -> float | None:
    """When a failed destroy is due again, None for now; what cannot help by itself waits for a person."""
    if layer.operation != "destroy" or layer.state not in {"Failed", "Cancelled"}:
        return None
    if env.annotations.retries(layer.name, status.observed_retry):
        return None
    if layer.attempted_digest != destroy_digest(env, layer.name):
        return None
    return NEVER if layer.next_retry_at is None else epoch(layer.next_retry_at)
