"""What of an environment under deletion stands, and is its own: as its status knows, and as the state bucket says.

Pure. Must never take a status without memory, or a bucket that gave no answer, for "nothing stands": what is not known
is neither destroyed nor let go, and only `tradai.io/abandon` goes past it. Nor must it call a layer another's on less
than the owner marker's own word.
"""

from typing import Final

from tradai_iac.failure import Failure
from tradai_operator.decide.adoption import AGAIN_SECONDS, UNKNOWN, look_due, named, ours, used
from tradai_operator.decide.decision import Decision, Release, StartRun
from tradai_operator.decide.facts import Facts, StackSeen
from tradai_operator.decide.markers import untold
from tradai_operator.decide.teardown_approval import of_teardown
from tradai_operator.model import Environment, EnvironmentStatus, LayerStatus, keys
from tradai_operator.model.in_force import Guards, sentence
from tradai_operator.status.phases import Phase

#: For how long an answer holds before anything is begun or let go on it, and when one that helps nobody is asked again.
LIFETIME_SECONDS: Final = 60.0


def standing(env: Environment, status: EnvironmentStatus, facts: Facts) -> tuple[str, ...]:
    """The layers of which something may be in AWS that is this resource's to destroy."""
    names = dict.fromkeys((*facts.blueprint.layer_names, *(layer.name for layer in status.layers)))
    return tuple(name for name in names if _stands(env, status, facts, name))


def anothers(env: Environment, layer: LayerStatus) -> bool:
    """Whether the last plan of its destroy, or the destroy, was refused since the stack belongs to another resource."""
    if layer.run or layer.failure is None or layer.failure.kind != "Owner":
        return False
    return layer.operation == "destroy" or (layer.operation == "preview" and of_teardown(env, layer))


def strangers(env: Environment, status: EnvironmentStatus, facts: Facts) -> tuple[str, ...]:
    """Layers that stand and that nobody has made in the name of any resource: by hand, for instance."""
    known = standing(env, status, facts)
    seen = facts.stacks.seen if facts.stacks else {}
    return tuple(name for name in seen if name not in known and _found(status, facts, name) and not seen[name].owner)


def doubt(env: Environment, status: EnvironmentStatus, facts: Facts) -> Decision | None:
    """Why nothing may be destroyed or let go yet; None where what stands is known."""
    if facts.refused:
        return _unasked(env, status, facts)
    if facts.unknown:
        again = facts.now + AGAIN_SECONDS
        return Decision(Phase.DELETE_RETRYING, UNKNOWN, _unknown(env, facts.unknown), wake_at=again, plan=status.plan)
    stacks = facts.stacks
    if stacks is None:
        return asking(status)
    if (words := _words(env, status, facts)) is None:
        return None
    again, seen = stacks.looked_at + LIFETIME_SECONDS, env.annotations.retry or ""
    if facts.now >= again:
        return asking(status)
    phase = Phase.DELETE_RETRYING if words[0] == UNKNOWN else Phase.DELETE_FAILED
    return Decision(phase, *words, wake_at=again, retry_seen=seen, plan=status.plan)


def unasked(env: Environment, status: EnvironmentStatus, facts: Facts) -> str:
    """Why it is not known what stands of a resource that may go all the same; empty where it is."""
    if not facts.refused or not look_due(env, status, facts.place):
        return ""
    return f"the state bucket was never read, because {facts.refused}"


def asking(status: EnvironmentStatus) -> Decision:
    """The bucket is to be asked first; what waits for approval waits on."""
    return Decision(Phase.DELETING, "Looking", "reading from the state bucket what exists", plan=status.plan, asks=True)


def is_old(facts: Facts, decision: Decision) -> bool:
    """Whether a decision begins or lets go something on an answer of long ago."""
    acts = any(isinstance(action, StartRun | Release) for action in decision.actions)
    return acts and facts.stacks is not None and facts.now >= facts.stacks.looked_at + LIFETIME_SECONDS


def remembers(status: EnvironmentStatus) -> bool:
    """Whether a status knows of any run: one that was lost, or was never written, does not."""
    return any(layer.run or layer.attempted_digest or layer.state == "Destroyed" for layer in status.layers)


def _stands(env: Environment, status: EnvironmentStatus, facts: Facts, name: str) -> bool:
    layer = status.layer(name)
    if layer.run is not None:
        return True
    told = layer.touched or (_found(status, facts, name) and _ours(env, status, facts, name))
    return told and not anothers(env, layer)


def _words(env: Environment, status: EnvironmentStatus, facts: Facts) -> tuple[str, str] | None:
    """Reason and message of what keeps the resource."""
    if unfit := _unfit(env, status, facts):
        name, failure = unfit
        then = f"It is not tried again until that is fixed; {_give_up(env)}"
        return failure.kind, f"{name}: {failure.error[:600]}. {failure.hint[:700]} {then}"
    stacks = facts.stacks
    if stacks and stacks.failure and not _never_began(status, facts):
        return UNKNOWN, _unknown(env, stacks.failure)
    return None


def _unasked(env: Environment, status: EnvironmentStatus, facts: Facts) -> Decision | None:
    """Where the bucket may not be asked: an empty status is believed only of a resource that never began anything.

    Nor may it be told there, and no guard goes with its resource.
    """
    if facts.began and not remembers(status):
        return Decision(Phase.DELETE_FAILED, "NotPermitted", _unknown(env, facts.refused), plan=status.plan)
    if kept := untold(env, status):
        return Decision(Phase.DELETE_FAILED, "NotPermitted", _untold(env, facts.refused, kept), plan=status.plan)
    return None


def made_nothing(status: EnvironmentStatus, facts: Facts) -> bool:
    """Whether no run of a resource that goes can have left anything; of one whose status was lost nobody knows."""
    forgotten = facts.began and not remembers(status)
    return not forgotten and not any(layer.touched or layer.run for layer in status.layers)


def _never_began(status: EnvironmentStatus, facts: Facts) -> bool:
    """A bucket that S3 does not know has nothing of a resource that never touched anything; others may have lost it."""
    return made_nothing(status, facts) and facts.stacks is not None and facts.stacks.no_bucket


def _unfit(env: Environment, status: EnvironmentStatus, facts: Facts) -> tuple[str, Failure] | None:
    """The first layer whose state is none to work on, and why; what is another's is no matter of ours."""
    for name, seen in (facts.stacks.seen if facts.stacks else {}).items():
        theirs = seen.owner is not None and not _ours(env, status, facts, name)
        if seen.failure and status.layer(name).state != "Destroyed" and not status.layer(name).run and not theirs:
            return name, seen.failure
    return None


def _found(status: EnvironmentStatus, facts: Facts, name: str) -> bool:
    return _seen(facts, name).stands and status.layer(name).state != "Destroyed"


def _ours(env: Environment, status: EnvironmentStatus, facts: Facts, name: str) -> bool:
    """By its marker; a handover that was used makes nothing the resource's own again."""
    owner = _seen(facts, name).owner
    if owner is None:
        return False
    return named(env, owner, facts.cluster) if used(status.layer(name)) else ours(env, owner, facts.cluster)


def _seen(facts: Facts, name: str) -> StackSeen:
    return facts.stacks.seen.get(name, StackSeen()) if facts.stacks else StackSeen()


def _unknown(env: Environment, why: str) -> str:
    return (
        f"it is not known what exists of this environment: {why[:600]}. Nothing is destroyed or released until it is; "
        f"the state bucket is asked again automatically; {_give_up(env)}"
    )


def _untold(env: Environment, why: str, kept: Guards) -> str:
    return (
        f"{why[:600]}. The state bucket does not have these guards yet, and they would be lost with this resource: "
        f"{sentence(kept)}. Point the resource back to its bucket; {_give_up(env)}"
    )


def _give_up(env: Environment) -> str:
    return f"to give up and leave everything in AWS, set the annotation {keys.ABANDON}={env.spec.environment}"
