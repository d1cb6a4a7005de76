"""Which `state.durability` an environment has whose spec does not say: what it had before, and Group where it is new.

Pure. Must never take an environment for new of which anything says that it ran or stands, nor silence for a word.
"""

from collections.abc import Mapping
from typing import Final

from tradai_operator.decide.facts import StackSeen
from tradai_operator.model import Environment, EnvironmentStatus, GuardStatus
from tradai_operator.model.in_force import DURABILITY, Guards, durability_in
from tradai_operator.status.outcomes import stood
from tradai_runner.contract import Durability, Owner

#: What stands without a word: every version before did just this.
SYNC: Final[Durability] = "Sync"
#: What an environment begins with.
GROUP: Final[Durability] = "Group"


def begun(env: Environment, status: EnvironmentStatus, found: Mapping[str, StackSeen], mine: Owner) -> Durability:
    """What silence means once somebody has looked at what stands.

    A marker of its own says nothing beside a status, which has what is in force now.
    """
    before = status.guards
    known = [seen for seen in found.values() if seen.may_stand or seen.owner]
    others = [seen.owner for seen in known if not (before and seen.owner and seen.owner.uid == mine.uid)]
    said = [durability_in(owner.guards if owner else None) for owner in others]
    if before or _ran(env, status):
        said.append(remembered(before))
    return GROUP if all(each == GROUP for each in said) else SYNC


def remembered(guards: GuardStatus | None) -> Durability:
    """What silence means by the status; a version that knew of no choice had none but this."""
    return (guards.durability if guards else None) or SYNC


def worded(env: Environment, durability: str) -> Environment:
    """The environment with a word where it says nothing."""
    if env.spec.state.durability:
        return env
    state = env.spec.state.model_copy(update={"durability": durability})
    return env.model_copy(update={"spec": env.spec.model_copy(update={"state": state})})


def so_far(now: Guards, guards: GuardStatus) -> dict[str, str]:
    """The guards that a status knows to be in force under a spec whose changes the API server has guarded.

    No policy of that server has guarded a durability that no status has ever had.
    """
    return {**now, **guards.kept, **({} if guards.durability else {DURABILITY: SYNC})}


def _ran(env: Environment, status: EnvironmentStatus) -> bool:
    return any(layer.run or layer.touched for layer in status.layers) or any(
        stood(status, name) for name in env.spec.declaration.layer_names
    )
