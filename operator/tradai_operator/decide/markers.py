"""What the state bucket is told of the guards in force, and which of them it knows better than the status does.

A resource may go at any time, and its status may be an old one that was put back: the markers of its stacks outlive
both. Pure. Must never weaken a marker on the word of a status alone, nor let a guard go with its resource.
"""

from collections.abc import Collection, Mapping

from tradai_operator.decide.adoption import ours, seen_by
from tradai_operator.decide.durability import remembered, so_far, worded
from tradai_operator.decide.facts import StackSeen
from tradai_operator.model import Environment, EnvironmentStatus, GuardStatus
from tradai_operator.model.in_force import (
    DEFAULTS,
    LATER,
    Guards,
    completed,
    guards_of,
    lowered,
    strictest,
    weaker,
    word,
)
from tradai_runner.contract import Owner


def marking_due(env: Environment, status: EnvironmentStatus) -> bool:
    """Whether the state bucket has other guards than those in force; never while a run may be marking its stack."""
    return _noted(status) != guards_of(env.spec) and not any(layer.run for layer in status.layers)


def untold(env: Environment, status: EnvironmentStatus) -> dict[str, str]:
    """The guards in force that would go with the resource, since the markers of what it has touched say less."""
    if not seen_by(env, status):
        return {}
    now, known = guards_of(env.spec), _noted(status)
    said = {**DEFAULTS, **known}
    names = [name for name in DEFAULTS if name in known or name not in LATER]  # what nobody ever told was free
    return {name: now[name] for name in names if not known or weaker(name, said[name], now[name])}


def recalled(
    env: Environment, status: EnvironmentStatus, found: Mapping[str, StackSeen], mine: Owner
) -> EnvironmentStatus:
    """The status under what its own markers know better, guard by guard; raises ValueError for a marker of none.

    What the bucket was told last is in the status of whoever told it: where a marker of its own says something else,
    that was told later. Whoever stood before it has told nothing that this status knows of.
    """
    guards = status.guards
    owners = [seen.owner for seen in found.values() if seen.owner and ours(env, seen.owner, mine.cluster)]
    if guards is None or not owners:
        return status
    now = guards_of(worded(env, remembered(guards)).spec)
    before = so_far(now, guards)
    was = strictest((*(_floor(owner, mine, before, guards) for owner in owners), before))
    names = {**guards.kept, **lowered(now, was)}
    if not lowered(before, was):
        return status
    told = guards.owner or f"{owners[0].resource} (uid {owners[0].uid})"
    changes = {"kept": {name: was[name] for name in names if name in was}, "owner": told}
    return status.model_copy(update={"guards": guards.model_copy(update=changes)})


def _floor(owner: Owner, mine: Owner, before: Guards, guards: GuardStatus) -> dict[str, str]:
    """What a marker binds to; of its own, the news."""
    if owner.uid != mine.uid:
        return completed(owner.guards, before)
    said = {name: value for name, value in (owner.guards or {}).items() if guards.noted.get(name) != value}
    return completed({**before, **said})


def marked(seen: Owner | None, mine: Owner, *, sure: bool = True, permitted: Collection[str] = ()) -> Owner | None:
    """The marker with the guards of now, None where there is nothing to write: the resource's own runs claim it.

    One that stood before this resource keeps whatever is stricter, but what somebody permits to be just that; its own
    keeps it where nobody is `sure` that what is weaker now was written by somebody who may: the spec of now is invalid.
    """
    if seen is None or (seen.cluster, seen.resource) != (mine.cluster, mine.resource):
        return None
    guards = mine.guards
    if not (sure and seen.uid == mine.uid):
        now = completed(guards)
        allowed = {name: now[name] for name in DEFAULTS if sure and word(name, now[name]) in permitted}
        guards = {**strictest((completed(seen.guards, now), now)), **allowed}
    after = seen.model_copy(update={"guards": guards})
    return after if after != seen else None


def noted(env: Environment, status: EnvironmentStatus) -> EnvironmentStatus:
    """The status after the state bucket has been told of the guards in force."""
    guards = status.guards or GuardStatus()
    return status.model_copy(update={"guards": guards.model_copy(update={"noted": guards_of(env.spec)})})


def _noted(status: EnvironmentStatus) -> Mapping[str, str]:
    return status.guards.noted if status.guards else {}
