"""What to do about a resource whose spec is none to act upon: it is said, and one that has made nothing may go.

Pure. Must never let go of what may have made something, nor while anything runs for it.
"""

from dataclasses import dataclass

from tradai_operator.decide.decision import Action, CancelRun, Decision, Release
from tradai_operator.decide.existing import remembers
from tradai_operator.model import EnvironmentStatus, Metadata
from tradai_operator.status.drift import looks
from tradai_operator.status.phases import Phase


@dataclass(frozen=True)
class Invalid:
    """A resource whose spec cannot be read: who it is, and everything that is wrong in sentences.

    `kept`: it goes, and something was kept for its destroy, because an `up` was about to begin.
    """

    meta: Metadata
    why: str
    kept: bool = False


def decide_invalid(found: Invalid, status: EnvironmentStatus) -> Decision:
    """The next step of an invalid resource."""
    meta, actions = found.meta, tuple[Action, ...]()
    if meta.deleting and meta.held and _made_nothing(found, status):
        actions = _stops(status) or (Release(),)
    return Decision(Phase.INVALID, "InvalidSpec", found.why, actions=actions)


def _made_nothing(found: Invalid, status: EnvironmentStatus) -> bool:
    """Whether nothing can stand; of one whose status was lost nobody knows."""
    forgotten = found.kept and not remembers(status)
    return not forgotten and not any(layer.touched for layer in status.layers)


def _stops(status: EnvironmentStatus) -> tuple[CancelRun, ...]:
    stops = [CancelRun(layer.name, layer.run.handle) for layer in status.layers if layer.run]
    stops += [CancelRun(look.name, look.run.handle) for look in looks(status) if look.run]
    return tuple(sorted(stops, key=lambda stop: stop.handle))
