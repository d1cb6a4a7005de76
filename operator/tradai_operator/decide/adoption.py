"""An environment that comes to stacks which stand already: what of them is its own now, and which guards stay in force.

A resource that is deleted and made again is another one to Kubernetes, and its creation lowers nothing that the API
server could see. So the stricter of spec and owner marker holds, until somebody who may approve names the weaker
values. Pure. Must never take guards that are not known for none.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from tradai_operator.decide.decision import Decision
from tradai_operator.decide.durability import SYNC, begun, remembered, so_far, worded
from tradai_operator.decide.facts import StackSeen
from tradai_operator.model import Environment, EnvironmentStatus, GuardStatus, LayerStatus, keys
from tradai_operator.model.in_force import (
    DEFAULTS,
    DURABILITY,
    VERSION,
    Guards,
    completed,
    durability_in,
    guards_of,
    held_to,
    lowered,
    sentence,
    strictest,
    word,
)
from tradai_operator.model.status import ADOPTED
from tradai_operator.model.times import moment
from tradai_operator.status.outcomes import with_layer
from tradai_operator.status.phases import Checked, Phase
from tradai_runner.contract import Owner

#: The reason where the state bucket does not answer, and when it is asked again.
UNKNOWN: Final = "StacksUnknown"
AGAIN_SECONDS: Final = 15.0
_REASON: Final = "GuardsKept"


def look_due(env: Environment, status: EnvironmentStatus, place: str) -> bool:
    """Whether nobody has looked yet at what stands at that place, or somebody has handed it over since."""
    guards = status.guards
    if guards is None or guards.handover != (env.annotations.handover or ""):
        return True
    return _moved(env, guards, place)


def placed(env: Environment, status: EnvironmentStatus, place: str) -> EnvironmentStatus:
    """The status with the place that was asked; what versions before have noted in part was asked where it is now."""
    guards = status.guards
    if guards is None or guards.place == place or _moved(env, guards, place):
        return status
    return status.model_copy(update={"guards": guards.model_copy(update={"place": place})})


def _moved(env: Environment, guards: GuardStatus, place: str) -> bool:
    """Whether another place was asked. Versions before noted none, or left out the endpoint of the operator."""
    in_part = "" if env.spec.aws.endpoint_url else env.spec.state.backend_url
    return guards.place not in {"", in_part, place}


def strayed(
    env: Environment, status: EnvironmentStatus, found: Mapping[str, StackSeen], place: str, cluster: str
) -> str:
    """Why what is not found at another place than before is not gone; empty where its runs have left their marks there.

    Something of a layer may stand from the moment in which a run of it began, and each begins with the marker. Another
    place may have one of an earlier resource of its name, which only what was adopted goes by.
    """
    guards = status.guards
    if guards is None or not _moved(env, guards, place):
        return ""
    owners = {name: found[name].owner if name in found else None for name in seen_by(env, status)}
    lacking = ", ".join(name for name, owner in owners.items() if not _left(env, status.layer(name), owner, cluster))
    if not lacking:
        return ""
    return (
        f"runs of this resource have worked on {lacking} at {guards.place}, but {place} has no record of them: point "
        "the environment, or the operator's own endpoint, back to where it was"
    )


def _left(env: Environment, layer: LayerStatus, owner: Owner | None, cluster: str) -> bool:
    if owner is None:
        return False
    return ours(env, owner, cluster) if layer.as_adopted else owner.uid == env.uid


def adopted(
    env: Environment, status: EnvironmentStatus, found: Mapping[str, StackSeen], mine: Owner, place: str
) -> EnvironmentStatus:
    """The status with what stands; `mine` is how this resource would be marked. Raises ValueError for a marker of none.

    What is another resource's stays so: its runs are refused. Its guards hold all the same, once it is handed over.
    What is nobody's becomes its own by a run that touches it, and not before.
    """
    standing = {layer: seen for layer, seen in found.items() if seen.may_stand}
    if status.guards is None:
        status = _adopted_nothing(status)
    now = guards_of(worded(env, begun(env, status, found, mine)).spec)
    for layer, seen in standing.items():
        current, own = status.layer(layer), seen.owner is not None and ours(env, seen.owner, mine.cluster)
        if not current.touched and not current.run and (own or seen.owner is None):
            changes = {"attempted_digest": current.attempted_digest or ADOPTED, "untouched": not own, "adopted": own}
            status = with_layer(status, current.model_copy(update=changes))
        if own:
            status = with_layer(status, _due_again(status.layer(layer)))
    before, owners = status.guards, [seen.owner for seen in standing.values()]
    floors = [completed(owner.guards if owner else None, now) for owner in owners if _binds(owner, mine, before)]
    if before:  # its own runs have marked what stands by now, under guards that are kept
        floors.append(so_far(now, before))
    elif len(floors) < len(owners):  # a version before has, which guarded by the spec and knew of no durability
        floors.append({**now, DURABILITY: SYNC})
    kept = _kept(env, now, strictest(floors)) if floors else {}
    told = next((f"{owner.resource} (uid {owner.uid})" for owner in owners if owner), "")
    guards = GuardStatus(
        kept=kept,
        durability=durability_in({**now, **kept}),
        owner=before.owner if before and before.owner else told,
        handover=env.annotations.handover or "",
        place=place,
    )
    return status.model_copy(update={"guards": guards})


def _due_again(layer: LayerStatus) -> LayerStatus:
    """What was refused as another's is tried at once where it is handed over, once for each such word."""
    refused = layer.failure is not None and layer.failure.kind == "Owner" and not layer.run
    return layer.model_copy(update={"next_retry_at": moment(0.0)}) if refused else layer


def _adopted_nothing(status: EnvironmentStatus) -> EnvironmentStatus:
    """A version that noted no guards has run whatever it touched."""
    ran = {"adopted": False}
    layers = (each.model_copy(update=ran) if each.touched and each.adopted is None else each for each in status.layers)
    return status.model_copy(update={"layers": tuple(layers)})


def _kept(env: Environment, now: Guards, was: Guards) -> dict[str, str]:
    """The guards that stay in force; all of them where nobody has written what meets them, the spec being invalid."""
    return {name: was[name] for name in (*DEFAULTS, VERSION) if name in was} if env.made_whole else lowered(now, was)


def _binds(owner: Owner | None, mine: Owner, before: GuardStatus | None) -> bool:
    """Whether a marker's guards hold for this resource: its own do where its status, which had them, is gone."""
    if owner is None or owner.uid != mine.uid:
        return True
    return before is None and owner.guards is not None


def ours(env: Environment, owner: Owner, cluster: str) -> bool:
    """Whether a marker names the resource: by its name, whatever its uid was, or by a handover."""
    return owner.uid == env.annotations.handover or named(env, owner, cluster)


def named(env: Environment, owner: Owner, cluster: str) -> bool:
    """Whether a marker is the resource's by its name."""
    return (owner.cluster, owner.resource) == (cluster, env.key)


def used(layer: LayerStatus) -> bool:
    """Whether the resource has had of the layer what a handover gives: by now its giver may have taken it back."""
    return layer.touched and not layer.as_adopted


def lifted(env: Environment, status: EnvironmentStatus) -> EnvironmentStatus:
    """The status without the guards that the spec meets by now, or that somebody permits to be lowered to just that.

    What the spec meets is guarded by the API server from then on, and what was permitted stays permitted.
    """
    guards = status.guards
    if guards is None:
        return status
    now = guards_of(worded(env, remembered(guards)).spec)
    kept = lowered(now, so_far(now, guards), env.annotations.lowered)
    told = _sentence(now, kept, guards.owner) if kept else ""
    if env.made_whole:
        kept = _unmet(now, guards)
        meanwhile = f"the spec is invalid; until it is corrected these guards stay in force: {sentence(kept)}"
        told = guards.message or (meanwhile if kept else "")
    changes = {"kept": kept, "message": told, "durability": durability_in({**now, **kept})}
    return status.model_copy(update={"guards": guards.model_copy(update=changes)})


def _unmet(now: Guards, guards: GuardStatus) -> dict[str, str]:
    """What is kept under a spec that was made whole: no less than that, and no guard is met by what nobody wrote."""
    was = so_far(now, guards)
    whole = strictest((now, was))
    names = {**guards.kept, **lowered(now, was)}
    if "program.update" in names and VERSION in whole:
        names[VERSION] = whole[VERSION]
    return {name: whole[name] for name in names if name in whole}


def held(env: Environment, status: EnvironmentStatus) -> Environment:
    """The environment under the guards in force; everything is decided and done with this one."""
    if status.guards is None:
        return env
    env, kept = worded(env, remembered(status.guards)), status.guards.kept
    return env.model_copy(update={"spec": held_to(env.spec, kept)}) if kept else env


def seen_by(env: Environment, status: EnvironmentStatus) -> tuple[str, ...]:
    """The layers that this resource has touched."""
    return tuple(name for name in env.spec.declaration.layer_names if _touched(status.layer(name)))


def _touched(layer: LayerStatus) -> bool:
    return layer.run is not None or layer.touched


def check(status: EnvironmentStatus) -> Checked | None:
    """How the GuardsKept condition reads, None where the spec lowers nothing."""
    kept = status.guards is not None and bool(status.guards.kept)
    return Checked("True", _REASON, status.guards.message) if kept and status.guards else None


def with_unmet(status: EnvironmentStatus, decision: Decision) -> Decision:
    """A spec of which something is not in force is not applied: it waits for an approver, and is not Ready."""
    if decision.phase is not Phase.READY or (kept := check(status)) is None:
        return decision
    return replace(
        decision, phase=Phase.APPROVAL, reason=_REASON, message=f"all layers are as declared; {kept.message}"
    )


def _sentence(now: Guards, kept: Guards, owner: str) -> str:
    was = f"{owner} built before" if owner else "existed before, under guards that are not known"
    words = ",".join(word(name, now[name]) for name in kept if name != VERSION)
    return (
        f"the spec weakens guards of what {was}, and these stay in force: {sentence(kept)}. An approver can lower them "
        f"with the annotation {keys.LOWER_GUARDS}={words}, or you can stop weakening them in the spec"
    )
