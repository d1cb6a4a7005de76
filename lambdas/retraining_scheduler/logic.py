"""Which model is trained anew, and what the message says. Must never call AWS or read the clock.

A model is due where its drift is significant, was seen so after its last run, and that run is long enough ago.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from shared import clock
from shared.base import Frozen
from shared.drift import ASKED_BY_DRIFT, Drift, Verdict
from shared.retraining import Outcome, Retraining
from shared.shapes import day, last_day

#: A training takes hours and has just shown what it can do; one that failed may be tried again earlier.
PAUSE: Final = timedelta(days=7)
PAUSE_AFTER_FAILURE: Final = timedelta(days=1)


class Call(Frozen):
    """EventBridge's event, or an empty one by hand."""

    id: str = ""


class Decision(Frozen):
    """Whether a model is due, and why or why not."""

    due: bool
    why: str


def decide(drift: Drift, found: Retraining | None, at: datetime) -> Decision:
    """Whether the model of a drift is due at that time."""
    verdict = drift.verdict_at(at)
    if verdict is not Verdict.SIGNIFICANT:
        return Decision(due=False, why=f"its drift is {verdict.value}")
    if found is None or not found.request:
        return Decision(
            due=False, why="nobody has trained it yet, so that there is no request to repeat: send a first one"
        )
    if found.running(at):
        return Decision(due=False, why=f"run {found.run_id} has it until {found.running_until}")
    if (over := _over(found)) is None:
        return Decision(due=True, why="significant drift, and no run that has ended")
    if clock.parsed(drift.checked_at) <= over:
        return Decision(due=False, why="nobody has looked at its drift since its last run")
    if at < over + (pause := PAUSE_AFTER_FAILURE if found.outcome is Outcome.FAILED else PAUSE):
        return Decision(due=False, why=f"its last run ended less than {pause.days} days ago")
    return Decision(due=True, why=f"significant drift since {drift.since}")


def _over(found: Retraining) -> datetime | None:
    """When the last run ended, or its time passed."""
    said = found.running_until or found.ended_at
    return clock.parsed(said) if said else None


def job_id(drift: Drift) -> str:
    """The run's id: the same for one look at one version, however often it is asked for."""
    seen = "\n".join((drift.model_name, drift.finding.model_version, drift.checked_at))
    return ASKED_BY_DRIFT + hashlib.sha256(seen.encode()).hexdigest()[:32]


def moved(timerange: str, today: date) -> str:
    """A range of as many days that ends today."""
    length = last_day(timerange) - day(timerange.partition("-")[0])
    return f"{today - length:%Y%m%d}-{today:%Y%m%d}"


def message(drift: Drift, last: Mapping[str, str], at: datetime) -> dict[str, str]:
    """The message's body: the rest of the request is as the last time."""
    return {
        "model_name": drift.model_name,
        "job_id": job_id(drift),
        "timerange": moved(last["timerange"], at.date()),
        "reason": f"significant drift of version {drift.finding.model_version} since {drift.since}",
    }
