"""What people ask for, checked here because nothing before it does: an HTTP API hands any body to the queue.

`BacktestRequest` is what a body may say; `whole` is the request of an execution, every value a text. Pure, so that
other parts have the same rules. Must never read the clock, nor repeat in a sentence what was sent.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field, ValidationError

from shared.base import Written
from shared.deployed import DEPLOYED
from shared.entry import RefusedError, faults
from shared.shapes import (
    ConfigPath,
    Experiment,
    JobId,
    ModelName,
    Pairs,
    Strategy,
    StrategyId,
    TaskDefinition,
    Timeframe,
    Timerange,
    last_day,
)

R = TypeVar("R", bound=Written)

#: What ECS takes of a task's overrides together, in characters.
OVERRIDES: Final = DEPLOYED.overrides.characters
#: A sentence about a request has room in an item, in a message's attribute and on a page.
_SENTENCE: Final = 1000


class BacktestRequest(Written):
    """The body of POST /api/v1/backtests. `strategy_id` is the strategy's name where nobody says another."""

    job_id: JobId | None = None
    strategy: Strategy
    strategy_id: StrategyId | None = None
    timeframe: Timeframe
    timerange: Timerange
    pairs: Pairs
    experiment_name: Experiment | None = None
    config_path: ConfigPath | None = None
    task_definition: TaskDefinition | None = None


class RetrainingRequest(Written):
    """A message of the retraining queue: a model, and what of its training differs from the last time.

    `reason` is why, for people. A model that has never been trained needs all that a backtest needs.
    """

    model_name: ModelName
    job_id: JobId | None = None
    reason: Annotated[str, Field(max_length=500)] | None = None
    strategy: Strategy | None = None
    strategy_id: StrategyId | None = None
    timeframe: Timeframe | None = None
    timerange: Timerange | None = None
    pairs: Pairs | None = None
    experiment_name: Experiment | None = None
    config_path: ConfigPath | None = None
    task_definition: TaskDefinition | None = None

    def over(self, last: Mapping[str, str]) -> BacktestRequest:
        """What to train: this, and where it says nothing the last time's. Raises RefusedError for too little."""
        names = set(BacktestRequest.model_fields) - {"job_id"}
        said = self.model_dump(include=names, exclude_none=True)
        kept = {name: value for name, value in last.items() if name in names}
        try:
            return BacktestRequest.model_validate(kept | said)
        except ValidationError as error:
            raise RefusedError(sentence(f"the model has no earlier training to go by: {faults(error)}")) from None


def read(model: type[R], body: str) -> R:
    """A message's body as its model; raises RefusedError, which names each field that is wrong."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise RefusedError(sentence(faults(error).replace("Value error, ", ""))) from None


def named_job(body: str) -> str | None:
    """The job id that a body names, where it is one, however wrong the rest may be."""
    try:
        said = json.loads(body)
        return _Named.model_validate({"job_id": said["job_id"]}).job_id
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


class _Named(Written):
    job_id: JobId


def check(request: BacktestRequest, *, today: date, family: str) -> None:
    """What the model alone cannot know: today in UTC, and the ARN of our task definitions. Raises RefusedError."""
    if last_day(request.timerange) > today:
        raise RefusedError("timerange: the last day must not be after today, which is counted in UTC")
    if request.task_definition and _family(request.task_definition) != _family(family):
        raise RefusedError("task_definition: say one of the strategy's own task definitions, or leave it out")


def _family(task_definition: str) -> str:
    """A task definition's ARN without its revision."""
    before, _, name = task_definition.rpartition("/")
    return f"{before}/{name.partition(':')[0]}"


def whole(request: BacktestRequest, *, job_id: str, trace_id: str, **more: str) -> dict[str, str]:
    """The request of an execution (step_functions.py), every value a text. Raises RefusedError for too many pairs."""
    said: dict[str, Any] = request.model_dump(exclude_none=True)
    said |= {"pairs": ",".join(request.pairs), "strategy_id": request.strategy_id or request.strategy}
    ids = {"run_id": job_id, "job_id": job_id, "trace_id": trace_id}
    complete = {**{name: str(value) for name, value in said.items()}, **ids, **more}
    must_fit(complete)
    return complete


def must_fit(complete: Mapping[str, str]) -> None:
    """Raises RefusedError for a request whose variables are more than ECS takes beside the workflows' own."""
    if len(json.dumps(variables(complete))) > OVERRIDES - DEPLOYED.overrides.of_workflows:
        raise RefusedError(f"pairs: too many; ECS takes {OVERRIDES} characters of variables, so split the request")


def variables(request: Mapping[str, str]) -> list[dict[str, str]]:
    """What of a request a strategy container is given (002 §2.5), as ECS takes it."""
    named = DEPLOYED.strategy_variables.items()
    return [{"name": name, "value": request[key]} for name, key in sorted(named) if key in request]


def sentence(text: str) -> str:
    """A text as an item, an attribute and a log take it: without what does not print, and not too long."""
    return "".join(each if each.isprintable() else "?" for each in text[:_SENTENCE])
