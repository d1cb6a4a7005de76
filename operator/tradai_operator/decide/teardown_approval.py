"""Whether people have agreed to what a deletion takes: its plan is made, asked about, and approved as a whole.

Pure. Deleting the resource asks for it; unless the policy says Never, or a ttl has said so since the creation, nothing
is destroyed before somebody has approved the plan of all layers that go, and confirmed by name what goes with its data.
Must never take a word that was given for another plan.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tradai_operator.decide.approval import ends, pose
from tradai_operator.decide.decision import Decision, StartTeardownPlan
from tradai_operator.decide.facts import Facts
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus, PlanStatus, keys
from tradai_operator.model.times import epoch
from tradai_operator.plan.digest import digest
from tradai_operator.status.outcomes import stands_still, told
from tradai_operator.status.phases import Phase
from tradai_operator.status.plans import attempted, closed, summary, used


@dataclass(frozen=True)
class TeardownApproval:
    """Either `decision`, which is to be done before anything is destroyed, or leave to destroy.

    `granted` are the layers whose plans this very turn finds approved; `plan` is what the status says of approval.
    """

    decision: Decision | None = None
    plan: PlanStatus | None = None
    granted: tuple[str, ...] = ()


def teardown_approval(
    env: Environment, status: EnvironmentStatus, doomed: Sequence[str], facts: Facts
) -> TeardownApproval:
    """What stands between an environment under deletion and the destruction of the layers that go."""
    if not needed(env):
        return TeardownApproval()
    waiting = tuple(name for name in doomed if not _settled(env, status.layer(name)))
    if not waiting:
        return TeardownApproval(plan=closed(status.plan))
    if decision := _planning(env, status, waiting, facts):
        return TeardownApproval(decision)
    question = pose(env, status, waiting, planning=False, below=False)
    if not question.plan or not question.granted:
        return TeardownApproval(_waits(env, status, waiting, question.plan or PlanStatus()))
    if missing := missing_names(env, question.plan):
        return TeardownApproval(_unconfirmed(env, missing, question.plan))
    return TeardownApproval(plan=used(question.plan, env.annotations.approved_by or ""), granted=waiting)


def needed(env: Environment) -> bool:
    """Whether a deletion of this environment waits for an approval: a ttl was one, given at the creation."""
    return env.spec.approval != "Never" and env.spec.ttl is None


def teardown_digest(env: Environment, layer: str) -> str:
    """What the plan of a layer's destroy is made from, beside the state: also where, and in whose name."""
    place = {"aws": env.spec.aws.model_dump(mode="json"), "backend": env.spec.state.backend_url}
    return digest({"teardown": layer, "environment": env.spec.environment} | place)


def destroy_digest(env: Environment, layer: str, facts: Facts) -> str:
    """What a destroy depends on; it differs from every digest of an `up`, and whenever another word is given.

    A changed Secret of the passphrase is one.
    """
    asked = {"destroy": layer, "environment": env.spec.environment, "confirmed": sorted(env.confirmations)}
    return digest(asked | {"states": sorted(facts.secrets.all_states)})


def planning_teardown(env: Environment, layer: LayerStatus) -> bool:
    """Whether a preview of this layer's destroy is under way."""
    return layer.run is not None and layer.operation == "preview" and of_teardown(env, layer)


def of_teardown(env: Environment, layer: LayerStatus) -> bool:
    """Whether the layer's plan, made or in the making, is one of its destroy as it would be asked now."""
    return layer.plan is not None and layer.plan.serves("Teardown", teardown_digest(env, layer.name))


def missing_names(env: Environment, plan: PlanStatus) -> tuple[str, ...]:
    """What of the plan's data nobody has confirmed by name."""
    return () if env.all_data_confirmed else tuple(name for name in plan.data if name not in env.confirmations)


def _settled(env: Environment, layer: LayerStatus) -> bool:
    """Whether the layer's destroy was approved, or goes on already; a plan that no longer fits has to be made anew."""
    if layer.run and layer.operation == "destroy":
        return True
    plan = layer.plan
    return bool(plan and plan.approved and of_teardown(env, layer)) and _fits(layer)


def _fits(layer: LayerStatus) -> bool:
    return not (layer.failure and layer.failure.kind == "Plan")


def _planned(env: Environment, layer: LayerStatus, now: float) -> bool:
    plan = layer.plan
    made = plan is not None and bool(plan.digest) and of_teardown(env, layer)
    return made and plan is not None and now < ends(plan) and not plan.approved and _fits(layer)


def _planning(env: Environment, status: EnvironmentStatus, waiting: Sequence[str], facts: Facts) -> Decision | None:
    """Previews for what has none that holds; None once every layer has its plan."""
    now = facts.now
    again = {name for name in waiting if env.annotations.retries(name, status.observed_retry)}
    layers = [status.layer(name) for name in waiting]
    running = [layer for layer in layers if layer.run]
    lacking = [layer for layer in layers if not layer.run and (layer.name in again or not _planned(env, layer, now))]
    if not running and not lacking:
        return None
    due = {layer.name: 0.0 if layer.name in again else _due(env, layer, facts) for layer in lacking}
    owned = facts.rival is not None
    starts = [StartTeardownPlan(name, teardown_digest(env, name), owned) for name, at in due.items() if at <= now]
    wake = min((at for at in due.values() if now < at < float("inf")), default=None)
    seen, plan = env.annotations.retry or "", closed(status.plan)
    if not (starts or running):
        failed = [layer for layer in layers if layer.name in due]
        stuck = next((layer for layer in failed if stands_still(layer)), None)
        phase = Phase.DELETE_FAILED if stuck else Phase.DELETE_RETRYING
        words = _failed(env, stuck or failed[0], waiting)
        return Decision(phase, *words, wake_at=wake, retry_seen=seen, plan=plan)
    message = f"planning what the deletion takes from {', '.join(waiting)}"
    return Decision(Phase.DELETING, "Planning", message, tuple(starts), wake_at=wake, retry_seen=seen, plan=plan)


def _due(env: Environment, layer: LayerStatus, facts: Facts) -> float:
    """When its preview may begin, seconds since the epoch; infinity where only a person can help."""
    mine = {teardown_digest(env, layer.name), destroy_digest(env, layer.name, facts)}
    if layer.state not in {"Failed", "Cancelled"} or attempted(layer) not in mine:
        return 0.0
    return float("inf") if layer.next_retry_at is None else epoch(layer.next_retry_at)


def _failed(env: Environment, layer: LayerStatus, waiting: Sequence[str]) -> tuple[str, str]:
    error, hint = told(layer.failure, 350) if layer.failure else (": it was stopped", "")
    return "PlanFailed", (
        f"the deletion of {layer.name} could not be planned{error}.{hint[:200]} Still there: "
        f"{', '.join(waiting)}. `tradai retry {env.name}` plans it again; to give up and leave everything in AWS, set "
        f"the annotation {keys.ABANDON}={env.spec.environment}"
    )


def _waits(env: Environment, status: EnvironmentStatus, waiting: Sequence[str], plan: PlanStatus) -> Decision:
    look, approve = f"`tradai diff {env.name}`", f"`tradai approve {env.name} {plan.digest}`"
    missing = missing_names(env, plan)
    confirm = f" and confirm the loss of data with {_annotation(env, missing)}" if missing else ""
    message = f"the deletion waits for approval: {summary(plan)}. Look with {look}, approve with {approve}{confirm}"
    times = [ends(found) for name in waiting if (found := status.layer(name).plan)]
    return Decision(Phase.APPROVAL, "ApprovalRequired", message, wake_at=min(times, default=None), plan=plan)


def _unconfirmed(env: Environment, missing: Sequence[str], plan: PlanStatus) -> Decision:
    message = (
        f"the deletion is approved, but it destroys data: confirm that with the annotation "
        f"{_annotation(env, missing)}, or choose a narrower deletionPolicy"
    )
    return Decision(Phase.DELETE_FAILED, "ConfirmationMissing", message, plan=plan)


def _annotation(env: Environment, missing: Sequence[str]) -> str:
    """Everything is confirmed by the environment's name; what a narrower policy takes along, by its own."""
    names = env.spec.environment if env.spec.deletion_policy == "Everything" else ",".join(missing)
    return f"{keys.CONFIRM_DESTROY}={names}"
