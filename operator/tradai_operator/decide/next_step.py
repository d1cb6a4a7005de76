"""What to do next for one environment. Pure: (resource, status, facts) → decision.

Called again after everything that happens, so it never plans further than the next step of each layer. Must never
look at anything but its arguments.
"""

from dataclasses import replace

from tradai_operator.decide.adoption import AGAIN_SECONDS, UNKNOWN
from tradai_operator.decide.annotations import warning_at
from tradai_operator.decide.converge import decide_layers
from tradai_operator.decide.decision import AddFinalizer, Decision, Expire
from tradai_operator.decide.drift import with_looks, without_looks
from tradai_operator.decide.existing import made_nothing
from tradai_operator.decide.facts import Facts
from tradai_operator.decide.stops import with_stops
from tradai_operator.decide.teardown import decide_deletion
from tradai_operator.model import Environment, EnvironmentStatus
from tradai_operator.model.times import epoch
from tradai_operator.status.phases import Phase


def decide(env: Environment, status: EnvironmentStatus, facts: Facts) -> Decision:
    """The next step of an environment that is a valid one, with the stops that nothing else speaks against."""
    return with_stops(env, status, _decided(env, status, facts), facts.now)


def _decided(env: Environment, status: EnvironmentStatus, facts: Facts) -> Decision:
    if env.deleting:
        return without_looks(status, decide_deletion(env, status, facts))
    if facts.rival:
        return _conflict(env, facts.rival)
    if expired(env, facts.now) and not env.spec.suspend and _in_force(status, facts):
        if not env.held:  # the API server would let it go with all that stands
            return _held_first()
        return Decision(Phase.DELETING, "Expired", f"its ttl of {env.spec.ttl} is over", actions=(Expire(),))
    if facts.refused:
        return Decision(Phase.INVALID, "NotPermitted", facts.refused, wake_at=_expiry(env, facts.now))
    if not env.held:
        return _held_first()
    if facts.unknown:
        return Decision(
            Phase.RETRYING, UNKNOWN, f"nothing can start yet: {facts.unknown}", wake_at=facts.now + AGAIN_SECONDS
        )
    if facts.secrets.missing:
        return Decision(
            Phase.WAITING, "SecretMissing", "; ".join(facts.secrets.missing), wake_at=_next_moment(env, facts.now)
        )
    kept = with_looks(env, status, facts, decide_layers(env, status, facts))
    return _sooner(_ending(env, kept), _next_moment(env, facts.now))


def _held_first() -> Decision:
    message = "adding the operator's finalizer to the resource"
    return Decision(Phase.BUILDING, "Adopting", message, actions=(AddFinalizer(),))


def _conflict(env: Environment, rival: str) -> Decision:
    return Decision(
        Phase.CONFLICT,
        "AlreadyClaimed",
        f"{rival} claimed environment {env.spec.environment} of account {env.spec.aws.account_id} in "
        f"{env.spec.aws.region} first; delete this resource (nothing will be destroyed) or that one",
    )


def _expiry(env: Environment, now: float) -> float | None:
    """When it ends, None where it does not or has."""
    at = epoch(env.expires) if env.expires else None
    return at if at is not None and at > now else None


def _next_moment(env: Environment, now: float) -> float | None:
    """When its end is to be warned of, or the end itself."""
    moments = [at for at in (warning_at(env), _expiry(env, now)) if at is not None and at > now]
    return min(moments, default=None)


def _ending(env: Environment, decision: Decision) -> Decision:
    """A Ready environment that ends soon says so."""
    if decision.phase is not Phase.READY or env.expires is None:
        return decision
    at = f"{env.expires:%Y-%m-%d %H:%M} UTC"
    if env.spec.suspend:
        text = f"its ttl ends at {at}, but it is kept for as long as it is suspended"
    else:
        text = f"it will be deleted with all its data at {at}"
    return replace(decision, message=f"{decision.message}; {text}")


def expired(env: Environment, now: float) -> bool:
    """Whether its ttl is over."""
    return env.expires is not None and now >= epoch(env.expires)


def _in_force(status: EnvironmentStatus, facts: Facts) -> bool:
    """Whether its ttl is: what stands may be of one without, and nobody has seen it yet.

    Where nobody ever will, the bucket being refused or none, it still ends a resource that has made nothing.
    """
    if facts.unknown or status.guards is not None:
        return not facts.unknown
    return bool(facts.refused or facts.no_bucket) and made_nothing(status, facts)


def _sooner(decision: Decision, at: float | None) -> Decision:
    times = [time for time in (decision.wake_at, at) if time is not None]
    return Decision(**{**vars(decision), "wake_at": min(times, default=None)})
