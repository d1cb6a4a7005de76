"""Whether a run goes on, and its request with everything that later states read. Must never call AWS."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from pydantic import ValidationError

from shared.base import Frozen
from shared.deployed import DEPLOYED
from shared.drift import ASKED_BY_DRIFT, Drift, Verdict
from shared.entry import RefusedError, faults
from shared.requests import BacktestRequest, check, whole
from shared.retraining import Standing
from shared.shapes import JobId, ModelName

#: As long as the workflow may take: for a run that began without a message, and so without its model.
LEASE: Final = timedelta(seconds=DEPLOYED.workflows["retraining"].timeout_seconds)


class CheckRetrainingNeeded(Frozen):
    """The event: the execution's input, what it may leave out, and which execution it is."""

    request: Mapping[str, Any]
    defaults: Mapping[str, str]
    execution_arn: str


class Whose(Frozen):
    """The run, and the model that it is of."""

    job_id: JobId
    trace_id: str
    model_name: ModelName
    reason: str = ""


class Need(Frozen):
    """Whether the run goes on, and why or why not."""

    needed: bool
    reason: str


def completed(event: CheckRetrainingNeeded, today: date) -> dict[str, str]:
    """The whole request, every value a text; raises RefusedError, which names what is wrong with which field."""
    said = {**event.defaults, **event.request}
    try:
        whose = Whose.model_validate(said)
        request = BacktestRequest.model_validate(
            {key: said[key] for key in BacktestRequest.model_fields if key in said}
        )
    except ValidationError as error:
        raise RefusedError(f"no request of a retraining: {faults(error)}") from None
    check(request, today=today, family=event.defaults["task_definition"])
    more = {"model_name": whose.model_name, **({"reason": whose.reason} if whose.reason else {})}
    return whole(request, job_id=whose.job_id, trace_id=whose.trace_id, **more)


def refused(standing: Standing) -> Need | None:
    """Why a run that does not have its model must not go on."""
    if standing is Standing.BUSY:
        return Need(needed=False, reason="another run has the model")
    if standing is Standing.OVER:
        return Need(needed=False, reason="this run has been here before, and is over")
    return None


def need(run_id: str, drift: Drift | None, verdict: Verdict) -> Need:
    """Whether a run that has its model goes on: a person's does, one that drift asked for while there is some."""
    if not run_id.startswith(ASKED_BY_DRIFT):
        return Need(needed=True, reason="somebody asked for it")
    version = f"version {drift.finding.model_version}" if drift else "the model"
    return Need(needed=verdict is Verdict.SIGNIFICANT, reason=f"the drift of {version} is {verdict.value}")
