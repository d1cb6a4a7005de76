"""The border of check-retraining-needed: an execution's input in, `{needed, reason, request}` out.

A run that does not go on gives its model back here. Must never answer no where a table could not be read.
"""

from dataclasses import dataclass
from typing import Any

from check_retraining_needed.logic import LEASE, CheckRetrainingNeeded, Need, completed, need, refused
from check_retraining_needed.settings import CheckSettings
from shared import clock
from shared.drift import Drifts, Verdict
from shared.entry import Entry
from shared.retraining import Outcome, Retrainings


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    drifts: Drifts
    runs: Retrainings

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        settings = CheckSettings.read()
        return cls(Drifts(settings.drift_state), Retrainings(settings.retraining_state))


ENTRY = Entry("check-retraining-needed", CheckRetrainingNeeded, Ground.make)


@ENTRY
def handle(ground: Ground, event: CheckRetrainingNeeded) -> dict[str, Any]:
    """The answer; raises RefusedError for a request that cannot be trained."""
    request = completed(event, clock.now().date())
    found = _need(ground, event.execution_arn, request)
    ENTRY.logger.info("need", run_id=request["run_id"], model_name=request["model_name"], **found.model_dump())
    return {**found.model_dump(), "request": request}


def _need(ground: Ground, execution_arn: str, request: dict[str, str]) -> Need:
    """Take the model, which a run that came by the queue has already, and see whether there is reason to go on."""
    model, run_id = request["model_name"], request["run_id"]
    if no := refused(ground.runs.take(model, run_id, request, LEASE)):
        return no
    ground.runs.note(model, run_id, execution_arn=execution_arn)
    drift = ground.drifts.get(model)
    found = need(run_id, drift, drift.verdict_at(clock.now()) if drift else Verdict.UNKNOWN)
    if not found.needed:
        ground.runs.release(model, run_id, Outcome.KEPT, found.reason)
    return found
