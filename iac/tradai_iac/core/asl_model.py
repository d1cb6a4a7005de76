"""The shape of the Amazon States Language, as far as the workflows use it: which field may stand where.

Must never look across states: whether a machine hangs together is said by `asl_rules`. A type of state or a field that
is not listed here is refused, so that a misspelt one cannot be ignored by AWS.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic.alias_generators import to_pascal

#: The longest name of a state, in characters.
MAX_STATE_NAME: Final = 80
#: The tests of a choice: `StringEquals`, `NumericLessThanEqualsPath`, `IsPresent`, ...
_TEST: Final = re.compile(
    r"(String|Numeric|Boolean|Timestamp)Equals(Path)?"
    r"|(String|Numeric|Timestamp)(Less|Greater)Than(Equals)?(Path)?"
    r"|StringMatches|Is(Null|Present|String|Numeric|Boolean|Timestamp)"
)
#: What each integration cannot do without.
_PARAMETERS: Final = {
    "arn:aws:states:::lambda:invoke": ("FunctionName",),
    "arn:aws:states:::ecs:runTask.sync": ("Cluster", "TaskDefinition"),
}

StateName = Annotated[str, Field(min_length=1, max_length=MAX_STATE_NAME)]
#: A place in the data (`$.a`, `$$.Execution.Input`).
Path = Annotated[str, Field(pattern=r"^\$")]
Seconds = Annotated[int, Field(ge=1, le=99_999_999)]


class _Asl(BaseModel):
    """A part of a definition, spelled as in JSON: `StartAt` is `start_at` here."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_pascal, strict=True)


class Retrier(_Asl):
    """One entry of `Retry`; intervals in seconds."""

    error_equals: Annotated[list[str], Field(min_length=1)]
    interval_seconds: Seconds = 1
    max_attempts: Annotated[int, Field(ge=0, le=99_999_999)] = 3
    backoff_rate: Annotated[float, Field(ge=1, strict=False)] = 2
    max_delay_seconds: Annotated[int, Field(ge=1, le=31_622_400)] | None = None
    jitter_strategy: Literal["FULL", "NONE"] = "NONE"


class Catcher(_Asl):
    """One entry of `Catch`; an explicit null as `ResultPath` drops the error."""

    error_equals: Annotated[list[str], Field(min_length=1)]
    next: str
    result_path: Path | None = "$"


class Test(_Asl):
    """A condition: one comparison of `Variable`, or others joined by exactly one of `And`, `Or`, `Not`."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, JsonValue]
    variable: Path | None = None
    and_: Annotated[list[Test], Field(min_length=1)] | None = Field(default=None, alias="And")
    or_: Annotated[list[Test], Field(min_length=1)] | None = Field(default=None, alias="Or")
    not_: Test | None = Field(default=None, alias="Not")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        comparisons = list(self.__pydantic_extra__)
        unknown = [name for name in comparisons if not _TEST.fullmatch(name)]
        if unknown:
            raise ValueError(f"no such test: {', '.join(unknown)}")
        if (self.variable is None) != (not comparisons):
            raise ValueError("Variable and a comparison go together")
        joined = [part for part in (self.and_, self.or_, self.not_) if part is not None]
        if len(comparisons) + len(joined) != 1:
            raise ValueError("a test is one comparison, or one of And, Or, Not")
        return self


class Rule(Test):
    """One entry of `Choices`: where to go when the test holds."""

    next: str


class _State(_Asl):
    comment: str | None = None


class _Working(_State):
    """A state that hands data on: to `Next`, or out of the machine by `End`."""

    next: str | None = None
    end: Literal[True] | None = None
    input_path: Path | None = "$"
    output_path: Path | None = "$"
    result_path: Path | None = "$"

    @model_validator(mode="after")
    def _goes_one_way(self) -> Self:
        if (self.next is None) == (self.end is None):
            raise ValueError("either Next or End")
        return self


class Task(_Working):
    """Work done by AWS; `TimeoutSeconds` is required, since without one a lost task is waited for for ever."""

    type: Literal["Task"]
    resource: Annotated[str, Field(pattern=r"^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$")]
    parameters: dict[str, JsonValue] = {}
    result_selector: dict[str, JsonValue] | None = None
    timeout_seconds: Seconds
    heartbeat_seconds: Seconds | None = None
    retry: list[Retrier] = []
    catch: list[Catcher] = []

    @model_validator(mode="after")
    def _has_what_its_resource_takes(self) -> Self:
        given = {name.removesuffix(".$") for name in self.parameters}
        missing = [name for name in _PARAMETERS.get(self.resource, ()) if name not in given]
        if missing:
            raise ValueError(f"{self.resource} takes the parameter {', '.join(missing)}")
        if self.heartbeat_seconds is not None and self.heartbeat_seconds >= self.timeout_seconds:
            raise ValueError("HeartbeatSeconds is less than TimeoutSeconds")
        return self

    @model_validator(mode="after")
    def _keeps_the_widest_error_for_last(self) -> Self:
        for handled in ([r.error_equals for r in self.retry], [c.error_equals for c in self.catch]):
            for place, errors in enumerate(handled, start=1):
                if "States.ALL" in errors and (place < len(handled) or len(errors) > 1):
                    raise ValueError("States.ALL stands alone, and last")
        return self


class Pass(_Working):
    """Data reshaped."""

    type: Literal["Pass"]
    parameters: dict[str, JsonValue] | None = None
    result: JsonValue = None


class Wait(_Working):
    """A pause."""

    type: Literal["Wait"]
    seconds: Seconds


class Choice(_State):
    """A fork; `Default` is required, since without one an unforeseen answer ends the machine with no trace."""

    type: Literal["Choice"]
    choices: Annotated[list[Rule], Field(min_length=1)]
    default: str
    input_path: Path | None = "$"
    output_path: Path | None = "$"


class Succeed(_State):
    """A good end."""

    type: Literal["Succeed"]
    input_path: Path | None = "$"
    output_path: Path | None = "$"


class Fail(_State):
    """A bad end, with the name that alarms and people find it by."""

    type: Literal["Fail"]
    error: str
    cause: str


State = Annotated[Task | Pass | Wait | Choice | Succeed | Fail, Field(discriminator="type")]


class StateMachine(_Asl):
    """A whole definition; `TimeoutSeconds` bounds the execution."""

    comment: str | None = None
    start_at: str
    timeout_seconds: Seconds
    states: Annotated[dict[StateName, State], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _is_json(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError("a definition is a JSON object")
        return value
