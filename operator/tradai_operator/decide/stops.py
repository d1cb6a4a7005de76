"""Which runs are asked to stop whatever else is decided: those that people have called off, and those that never end.

One place for every branch of a decision: a Secret that is missing, a deletion, a refused aim take nobody's word away.
Pure. Must never stop a run that nobody called off and whose time is not over.
"""

from collections.abc import Iterator
from dataclasses import replace

from tradai_operator.decide.decision import CancelRun, Decision
from tradai_operator.model import EnvironmentStatus, Metadata
from tradai_operator.status.called_off import overdue_at
from tradai_operator.status.drift import looks


def with_stops(meta: Metadata, status: EnvironmentStatus, decision: Decision, now: float) -> Decision:
    """The decision with the stops of such runs, and no later than the time of the next is over."""
    known = {action.handle for action in decision.actions if isinstance(action, CancelRun)}
    due: list[CancelRun] = []
    ends = [] if decision.wake_at is None else [decision.wake_at]
    for stop, run, end in _live(status):
        if run in meta.annotations.cancelled_runs or (end is not None and end <= now):
            due.append(stop)
        elif end is not None:
            ends.append(end)
    actions = (*decision.actions, *(stop for stop in due if stop.handle not in known))
    return replace(decision, actions=actions, wake_at=min(ends, default=None))


def _live(status: EnvironmentStatus) -> Iterator[tuple[CancelRun, str, float | None]]:
    """What stops it, its id, and when its time is over: of every run and look."""
    for layer in status.layers:
        if layer.run:
            yield CancelRun(layer.name, layer.run.handle), layer.run.id, overdue_at(layer)
    for look in looks(status):
        if look.run:
            yield CancelRun(look.name, look.run.handle), look.run.id, overdue_at(look)
