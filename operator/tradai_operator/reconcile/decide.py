"""What to do next for one environment. Pure: (resource, status, facts) → decision.

Called again after everything that happens, so it never plans further than the next step of each layer. Must never
look at anything but its arguments.
"""

from tradai_operator.model import Environment, EnvironmentStatus
from tradai_operator.model.times import epoch
from tradai_operator.reconcile.decision import AddFinalizer, Decision, Expire
from tradai_operator.reconcile.facts import Facts
from tradai_operator.reconcile.keep import decide_layers
from tradai_operator.reconcile.remove import decide_deletion
from tradai_operator.status.phases import Phase


def decide(env: Environment, status: EnvironmentStatus, facts: Facts) -> Decision:
    """The next step of an environment that is a valid one."""
    if env.deleting:
        return decide_deletion(env, status, facts)
    if facts.rival:
        return _conflict(env, facts.rival)
    if _expired(env, facts.now):
        return Decision(Phase.DELETING, "Expired", f"its ttl of {env.spec.ttl} is over", actions=(Expire(),))
    if facts.refused:
        return Decision(Phase.INVALID, "NotPermitted", facts.refused, wake_at=_expiry(env))
    if not env.held:
        return Decision(Phase.BUILDING, "Adopting", "taking charge of the resource", actions=(AddFinalizer(),))
    if facts.secrets.missing:
        return Decision(Phase.WAITING, "SecretMissing", "; ".join(facts.secrets.missing), wake_at=_expiry(env))
    return _sooner(decide_layers(env, status, facts), _expiry(env))


def _conflict(env: Environment, rival: str) -> Decision:
    return Decision(
        Phase.CONFLICT,
        "AlreadyClaimed",
        f"{rival} claimed environment {env.spec.environment} of account {env.spec.aws.account_id} in "
        f"{env.spec.aws.region} first; delete this resource (nothing will be destroyed) or that one",
    )


def _expiry(env: Environment) -> float | None:
    return epoch(env.expires) if env.expires else None


def _expired(env: Environment, now: float) -> bool:
    expiry = _expiry(env)
    return expiry is not None and now >= expiry


def _sooner(decision: Decision, at: float | None) -> Decision:
    times = [time for time in (decision.wake_at, at) if time is not None]
    return Decision(**{**vars(decision), "wake_at": min(times, default=None)})
