"""What to do about a resource whose spec is none to act upon: it is said, and one that has made nothing may go.

Its runs go on and are followed; who cancels one is obeyed. Pure. Must never begin anything, let go of what may have
made something, nor let go while anything runs for it.
"""

from collections.abc import Collection
from dataclasses import dataclass

from tradai_operator.decide.adoption import AGAIN_SECONDS
from tradai_operator.decide.decision import Action, CancelRun, Decision, Release
from tradai_operator.decide.existing import remembers
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
    meta, actions = found.meta, tuple[Action, ...](_stops(status, found.meta.annotations.cancelled_runs))
    if meta.deleting and meta.held and _made_nothing(found, status):
        actions = _stops(status) or (Release(),)
    return Decision(Phase.INVALID, "InvalidSpec", found.why, actions=actions, wake_at=_end(found, now))


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


def _stops(status: EnvironmentStatus, called_off: Collection[str] | None = None) -> tuple[CancelRun, ...]:
    """For all of its runs, or for those whose ids are `called_off`."""
    runs = [(layer.name, layer.run.id, layer.run.handle) for layer in status.layers if layer.run]
    runs += [(look.name, look.run.id, look.run.handle) for look in looks(status) if look.run]
    stops = [CancelRun(name, handle) for name, run, handle in runs if called_off is None or run in called_off]
    return tuple(sorted(stops, key=lambda stop: stop.handle))
