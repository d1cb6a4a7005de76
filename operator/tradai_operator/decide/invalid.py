"""What to do about a resource whose spec is none to act upon: it is said, and one that has made nothing may go.

Its runs go on and are followed; who cancels one is obeyed. Pure. Must never begin anything, let go of what may have
made something, nor let go while anything runs for it.
"""

from dataclasses import dataclass

from tradai_operator.decide.adoption import AGAIN_SECONDS
from tradai_operator.decide.decision import Action, CancelRun, Decision, Release
from tradai_operator.decide.existing import remembers
from tradai_operator.decide.stops import with_stops
from tradai_operator.model import Environment, EnvironmentStatus, Metadata
from tradai_operator.model.times import epoch
from tradai_operator.status.drift import looks
from tradai_operator.status.phases import Phase


@dataclass(frozen=True)
class Invalid:
    """A resource whose spec cannot be read: who it is, and everything that is wrong in sentences.

    `kept`: something was kept for its destroy, because an `up` was about to begin. `ending` is its last valid spec
    under the guards of both, by which its ttl ends it; None where nothing was kept, or its end is put off.
    """

    meta: Metadata
    why: str
    kept: bool = False
    ending: Environment | None = None


def decide_invalid(found: Invalid, status: EnvironmentStatus, now: float) -> Decision:
    """The next step of an invalid resource."""
    meta, actions = found.meta, tuple[Action, ...]()
    if meta.deleting and meta.held and _made_nothing(found, status):
        actions = _stops(status) or (Release(),)
    decision = Decision(Phase.INVALID, "InvalidSpec", found.why, actions=actions, wake_at=_end(found, now))
    return with_stops(meta, status, decision, now)


def _end(found: Invalid, now: float) -> float | None:
    """When its ttl is over, or is to be asked for again where it could not end it yet; None where it has none."""
    if found.ending is None or found.ending.expires is None:
        return None
    at = epoch(found.ending.expires)
    return at if at > now else now + AGAIN_SECONDS


def _made_nothing(found: Invalid, status: EnvironmentStatus) -> bool:
    """Whether nothing can stand; of one whose status was lost nobody knows."""
    forgotten = found.kept and not remembers(status)
    return not forgotten and not any(layer.touched for layer in status.layers)


def _stops(status: EnvironmentStatus) -> tuple[CancelRun, ...]:
    """For all of its runs and looks."""
    runs = [(layer.name, layer.run.handle) for layer in status.layers if layer.run]
    runs += [(look.name, look.run.handle) for look in looks(status) if look.run]
    return tuple(CancelRun(name, handle) for name, handle in sorted(runs, key=lambda run: run[1]))
