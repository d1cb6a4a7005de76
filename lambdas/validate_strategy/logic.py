"""Whether a request is one, and what makes it whole. Must never call AWS or a service, nor read the clock.

An execution may have been started by hand, with a request that no consumer has seen.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from pydantic import Field, ValidationError

from shared.base import Frozen
from shared.configs import ConfigVersion
from shared.entry import RefusedError
from shared.requests import BacktestRequest, check, must_fit, sentence, whole

#: The ids that an execution's request has beside what people say.
_IDS: Final = ("run_id", "job_id", "trace_id")
#: An answer of Step Functions takes 256 KiB, and people read the first few.
_ERRORS: Final = 20
#: The configuration that a strategy runs with now, as a request may name it.
ACTIVE: Final = "active"
UNKNOWN: Final = "strategy: nobody has registered it; register it, or see GET /api/v1/strategies for those there are"


class Defaults(Frozen):
    """What a request may leave out (002 §2.5)."""

    config_path: str
    experiment_name: str
    task_definition: str


class ValidateStrategy(Frozen):
    """The event; the request is judged, so that it may be anything with names."""

    request: Mapping[str, Any]
    defaults: Defaults


class Strategy(Frozen):
    """What strategy-service says of a strategy; it may run by a task definition of its own."""

    name: str = Field(min_length=1)
    task_definition: str | None = None


class Answer(Frozen):
    """What the workflow goes by; where `valid`, the request is whole and every value is a text."""

    valid: bool
    errors: tuple[str, ...]
    request: Mapping[str, Any]


def refused(request: Mapping[str, Any], *errors: str) -> Answer:
    """A no, with the request as it came."""
    return Answer(valid=False, errors=tuple(sentence(each) for each in errors[:_ERRORS]), request=request)


def shaped(event: ValidateStrategy, today: date) -> dict[str, str] | Answer:
    """The request with every value a text, or the refusal."""
    given = {name: value for name, value in event.request.items() if value is not None}
    errors = [f"{name}: say it as a text" for name in _IDS if not isinstance(given.get(name), str) or not given[name]]
    errors += ["run_id: say the job_id; a job is run once"] * (given.get("run_id") != given.get("job_id"))
    asked = {name: value for name, value in given.items() if name in BacktestRequest.model_fields}
    more = {name: value for name, value in given.items() if name not in asked and name not in _IDS}
    errors += [f"{name}: say it as a text" for name, value in more.items() if not isinstance(value, str)]
    try:
        request = BacktestRequest.model_validate(asked)
        check(request, today=today, family=event.defaults.task_definition)
        if not errors:
            return whole(request, job_id=given["job_id"], trace_id=given["trace_id"], **more)
    except ValidationError as error:
        errors += [_fault(each) for each in error.errors()]
    except RefusedError as error:
        errors.append(str(error))
    return refused(event.request, *errors)


def _fault(said: Mapping[str, Any]) -> str:
    return f"{'.'.join(map(str, said['loc']))}: {said['msg'].removeprefix('Value error, ')}"


def named_config(texts: Mapping[str, str]) -> str | None:
    """The registered configuration that a request names; None where it names a file of the image, or nothing."""
    path = texts.get("config_path", "/")
    return None if path.startswith("/") else path


def pinned(named: str, active: Sequence[ConfigVersion], found: ConfigVersion | None) -> str:
    """The hash that a configuration's name stands for now. Raises RefusedError."""
    if named != ACTIVE:
        if found is None:
            raise RefusedError(
                "config_path: the strategy has no configuration of this hash; register it, or name another"
            )
        return found.config_hash
    if len(active) != 1:
        many = f"{len(active)} active configurations" if active else "no active configuration"
        raise RefusedError(f"config_path: the strategy has {many}; name one by its hash")
    return active[0].config_hash


def completed(texts: Mapping[str, str], defaults: Defaults, strategy: Strategy, config: str | None) -> Answer:
    """The request with all that it left out; `config` is the hash that its configuration's name stands for."""
    own = {"task_definition": strategy.task_definition} if strategy.task_definition else {}
    request = {**defaults.model_dump(), **own, **texts, **({"config_path": config} if config else {})}
    asked = {name: value for name, value in request.items() if name in BacktestRequest.model_fields}
    try:
        check(BacktestRequest.model_validate(asked), today=date.max, family=defaults.task_definition)
        must_fit(request)
    except ValidationError as error:
        return refused(texts, *(f"the strategy's registration: {_fault(each)}" for each in error.errors()))
    except RefusedError as error:
        return refused(texts, str(error))
    return Answer(valid=True, errors=(), request=request)
