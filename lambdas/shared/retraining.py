"""The one run that a model may have at a time, in retraining-state: who has it, until when, and how the last one ended.

A run holds its model by `running_until`: it gives it back by `release`, or the time passes. What a run is of stays as
`request`, so that a later message need name the model alone. Must never let two runs have one model, nor let a run
that has been here before begin again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from boto3.dynamodb.conditions import Attr

from shared import clock
from shared.base import Frozen
from shared.tables import Table, expires

#: How long a model stays known after its last change.
KEPT: Final = timedelta(days=400)
#: How many runs are remembered by their id: more than messages of one model can wait in the queues (18 days).
REMEMBERED: Final = 100


class Outcome(StrEnum):
    """How a run of the retraining ended."""

    PROMOTED = "promoted"
    KEPT = "kept"  # the champion stays: it was not beaten, there was not enough evidence, or no need
    FAILED = "failed"
    LAPSED = "lapsed"  # nobody said how it ended, and its time passed


class Standing(StrEnum):
    """What a run finds when it wants a model."""

    FREE = "free"
    OURS = "ours"  # it has the model already: the same message again
    BUSY = "busy"  # another run has it
    OVER = "over"  # it has had it, and is done


class Retraining(Frozen):
    """One item of retraining-state; attributes that others add are left as they are.

    `run_id` is the run that has the model where `running_until` is set, else the last one that had it.
    """

    model_name: str
    version: int = 0
    run_id: str | None = None
    running_until: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    request: Mapping[str, str] = {}
    execution_arn: str | None = None
    task_arn: str | None = None
    recent: tuple[str, ...] = ()
    #: How many starts AWS has refused for good, and which of them it has been asked for without an answer.
    launches: int = 0
    asked: int | None = None

    def running(self, at: datetime) -> bool:
        """Whether a run has the model at that time."""
        return self.running_until is not None and clock.parsed(self.running_until) > at

    @property
    def started(self) -> dict[str, str]:
        """What runs for the run, where it is known."""
        said = {"execution_arn": self.execution_arn, "task_arn": self.task_arn}
        return {name: arn for name, arn in said.items() if arn}

    def has(self, run_id: str) -> bool:
        """Whether the model is still that run's."""
        return self.run_id == run_id and self.running_until is not None


def standing(found: Retraining | None, run_id: str, at: datetime) -> Standing:
    """What a run finds."""
    if found is None:
        return Standing.FREE
    if found.has(run_id):
        return Standing.OURS
    if run_id in found.recent:
        return Standing.OVER
    return Standing.BUSY if found.running(at) else Standing.FREE


def begun(
    found: Retraining | None, run_id: str, request: Mapping[str, str], at: datetime, lease: timedelta
) -> dict[str, Any]:
    """What an item becomes where a run takes its model."""
    before = found.recent if found else ()
    return {
        "run_id": run_id,
        "running_until": clock.text(at + lease),
        "started_at": clock.text(at),
        "ended_at": None,
        "outcome": None,
        "reason": None,
        "execution_arn": None,
        "task_arn": None,
        "launches": 0,
        "asked": None,
        "request": dict(request),
        "recent": [*before, run_id][-REMEMBERED:],
    }


class Retrainings:
    """The table retraining-state."""

    def __init__(self, table: str, now: clock.Clock = clock.now) -> None:
        self.table = Table("retraining-state", table)
        self._now = now

    def get(self, model_name: str) -> Retraining | None:
        """The model's item as it is now."""
        found = self.table.get(model_name)
        return Retraining.model_validate(found) if found else None

    def take(self, model_name: str, run_id: str, request: Mapping[str, str], lease: timedelta) -> Standing:
        """Give the model to a run for so long: FREE where it has it from now on, else what it found."""
        found_is = Standing.FREE

        def decide(found: Retraining | None, at: datetime) -> dict[str, Any] | None:
            nonlocal found_is
            found_is = standing(found, run_id, at)
            return begun(found, run_id, request, at, lease) if found_is is Standing.FREE else None

        self._change(model_name, decide)
        return found_is

    def note(self, model_name: str, run_id: str, **changes: Any) -> bool:
        """Write down more of a run (`execution_arn`, `task_arn`); False where the model is not its any more."""
        return self._change(model_name, lambda found, _: changes if found and found.has(run_id) else None)

    def release(self, model_name: str, run_id: str, outcome: Outcome, reason: str | None = None) -> bool:
        """Give the model back with how the run ended; False, and nothing changed, where it is not that run's."""

        def decide(found: Retraining | None, at: datetime) -> dict[str, Any] | None:
            if found is None or not found.has(run_id):
                return None
            return {"running_until": None, "ended_at": clock.text(at), "outcome": outcome.value, "reason": reason}

        return self._change(model_name, decide)

    def _change(
        self, model_name: str, decide: Callable[[Retraining | None, datetime], Mapping[str, Any] | None]
    ) -> bool:
        """Write what is decided on the item as it is; decide again where it has changed meanwhile."""
        while True:
            at = self._now()
            found = self.get(model_name)
            changes = decide(found, at)
            if changes is None:
                return False
            version = found.version if found else 0
            kept = {"version": version + 1, "updated_at": clock.text(at), **expires("retraining-state", at, KEPT)}
            expected = Attr("version").eq(version) if version else Attr("version").not_exists()
            if self.table.update((model_name,), {**changes, **kept}, expected):
                return True
