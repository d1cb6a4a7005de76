"""Maintenance windows: whether a change of a standing environment may begin now.

Pure. Must never hold back a first creation, a deletion, or a run that goes on already.
"""

from typing import Final

from tradai_operator.decide.decision import StartPlan, StartUpdate
from tradai_operator.decide.steps import Step
from tradai_operator.model import Environment, EnvironmentStatus
from tradai_operator.model.maintenance import OVERRIDE
from tradai_operator.model.records import WindowStatus
from tradai_operator.model.times import epoch, moment
from tradai_operator.status.phases import LayerNote, Phase
from tradai_operator.status.plans import LIFETIME

#: A plan for the window is made so long before it that people can approve it, and not so long that it has expired.
AHEAD: Final = LIFETIME / 2


def opens_at(env: Environment, status: EnvironmentStatus, now: float) -> float | None:
    """When changes may begin next, seconds since the epoch; None where they may now.

    An environment that has never been Ready is still being created.
    """
    if env.spec.maintenance is None or not status.revision or overridden(env, now):
        return None
    return env.spec.maintenance.opens(now)


def overridden(env: Environment, now: float) -> WindowStatus | None:
    """Who lets changes begin now although no window is open, and until when; None where nobody does."""
    by, said = env.annotations.opened_by, env.annotations.open_window
    try:
        since = epoch(said or "")
    except ValueError:
        return None
    until = since + OVERRIDE.total_seconds()
    return WindowStatus(opened_by=by, opened_until=moment(until)) if by and since <= now < until else None


def outside(env: Environment, status: EnvironmentStatus, now: float, start: StartUpdate | StartPlan) -> Step | None:
    """What a layer does where its run has to wait for a window; None where that may begin."""
    opens = opens_at(env, status, now)
    if opens is None:
        return None
    begins = opens - (AHEAD.total_seconds() if isinstance(start, StartPlan) else 0.0)
    if begins <= now:
        return None
    text = f"changes wait for the maintenance window that opens at {moment(opens):%Y-%m-%d %H:%M} UTC"
    return Step(
        Phase.WINDOW,
        note=LayerNote("Pending", "waits for a maintenance window"),
        wake_at=begins,
        says=("OutsideWindow", f"{text}; an approver can override this with `tradai open-window {env.name}`"),
    )
