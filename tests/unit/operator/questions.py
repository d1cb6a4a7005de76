"""An environment whose layers have plans that destroy something, and the question that is asked about them."""

from typing import Any

from tests.fakes.bodies import annotated, body
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_operator.decide.decision import Decision, StartRun
from tradai_operator.decide.desired import desired_digest
from tradai_operator.decide.facts import Facts, SecretFacts, StackFacts
from tradai_operator.decide.next_step import decide
from tradai_operator.model import Environment, EnvironmentStatus, LayerPlan, LayerStatus
from tradai_operator.model.times import moment
from tradai_operator.status.outcomes import with_layer
from tradai_operator.status.plans import LIFETIME

NOW = 1_800_000_000.0
DAY = LIFETIME.total_seconds()
LOST = "deletes aws:ecr/repository:Repository momentum"


def plan(**changes: Any) -> LayerPlan:
    """What a preview found, by now: nothing, unless `changes` say so."""
    base: dict[str, Any] = {
        "inputs_digest": "sha256:new",
        "run_id": "r1",
        "digest": "sha256:p",
        "planned_at": moment(NOW),
    }
    return LayerPlan(**(base | changes))


#: Whatever the time is, the state bucket was asked just now.
FACTS = Facts(NOW, TRADAI, "1", SecretFacts(state="print"), since=NOW, stacks=StackFacts(float("inf")))
OFF: dict[str, Any] = {name: {"enabled": False} for name in ("compute", "edge")}


def env(approve: str = "", by: str = "jane", policy: str = "OnDestructive", **spec: Any) -> Environment:
    """An environment of persistent and foundation, with somebody's approval where there is one."""
    whole = body(**({"approval": policy, "layers": OFF} | spec))
    return Environment.parse(annotated(whole, approve=approve, approved_by=by) if approve else whole)


def waiting(*layers: str, before: EnvironmentStatus | None = None, **changes: Any) -> EnvironmentStatus:
    """A status in which those layers have a plan that destroys something, and the other one is up to date."""
    status = before or EnvironmentStatus()
    for name in ("persistent", "foundation"):
        wanted = desired_digest(env(), status, FACTS, TRADAI.layer(name), {})
        layer = LayerStatus(name=name, state="Ready", attempted_digest="sha256:old", inputs_digest=wanted)
        if name in layers:
            found = plan(inputs_digest=wanted, delete=1, destructive=(LOST,), destructive_total=1, **changes)
            layer = layer.model_copy(update={"inputs_digest": "sha256:old", "plan": found})
        status = with_layer(status, layer)
    return status


def after(decision: Decision, status: EnvironmentStatus) -> EnvironmentStatus:
    """The status as the next decision finds it."""
    return status.model_copy(update={"plan": decision.plan})


def starts(decision: Decision) -> list[tuple[str, str]]:
    """Operation and layer of each run that it starts."""
    return [(action.operation, action.layer) for action in decision.actions if isinstance(action, StartRun)]


def question(status: EnvironmentStatus, **more: Any) -> tuple[str, EnvironmentStatus]:
    """The digest of what is asked in that status, and the status in which it is open."""
    decision = decide(env(**more), status, FACTS)
    assert decision.plan is not None
    assert decision.plan.digest
    return decision.plan.digest, after(decision, status)


def asked_of(*layers: str) -> tuple[str, EnvironmentStatus]:
    """The digest of the question about those layers, and the status in which it is open."""
    return question(waiting(*layers))
