"""The single values of a request: what each looks like, and what to say to whoever sent another.

A shape is in the model's JSON schema too, so that other parts have the same rules. Must never repeat in a sentence what
was sent.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

#: What ccxt and freqtrade call the lengths of candles.
TIMEFRAMES: Final = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
_PAIR: Final = r"[A-Z0-9]{1,30}/[A-Z0-9]{1,30}(:[A-Z0-9]{1,30})?"
_RANGE: Final = re.compile(r"([0-9]{8})-([0-9]{8})")
#: Before this day no exchange had a candle; a year like 0024 is a slip.
_FIRST_DAY: Final = date(2009, 1, 3)


@dataclass(frozen=True)
class Shaped:
    """A text that is a pattern from its first character to its last."""

    pattern: str
    sentence: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^{self.pattern}$", "description": self.sentence}

    def _checked(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value, re.ASCII):
            raise ValueError(self.sentence)
        return value


def _dates(value: str) -> str:
    """A range of days that is one. Raises ValueError."""
    found = _RANGE.fullmatch(value)
    if not found:
        raise ValueError("say two days as YYYYMMDD-YYYYMMDD, with both ends and without times")
    try:
        start, end = map(day, found.groups())
    except ValueError:
        raise ValueError("say days that the calendar has, as YYYYMMDD-YYYYMMDD") from None
    if start >= end:
        raise ValueError("the first day must be before the last, which ends the range at 00:00 UTC")
    if start < _FIRST_DAY:
        raise ValueError("the first day must not be before 20090103")
    return value


def day(text: str) -> date:
    """The day that `YYYYMMDD` names. Raises ValueError."""
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def last_day(timerange: str) -> date:
    """The day at whose beginning, 00:00 UTC, a range ends."""
    return day(timerange.partition("-")[2])


def _listed(value: Any) -> Any:
    """Pairs as a list: in capitals, without spaces around them, each once."""
    each = value.split(",") if isinstance(value, str) else value
    if not isinstance(each, list | tuple) or not all(isinstance(pair, str) for pair in each):
        raise ValueError("say pairs as a list, or as one text with commas")
    return list(dict.fromkeys(pair.strip().upper() for pair in each))


def _frame(value: str) -> str:
    if value not in TIMEFRAMES:
        raise ValueError(f"say one of {', '.join(TIMEFRAMES)}")
    return value


JobId = Annotated[
    str, Shaped(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", "say up to 64 letters, digits, - and _, a letter or digit first")
]
Strategy = Annotated[
    str, Shaped(r"[A-Za-z_][A-Za-z0-9_]{0,99}", "say the strategy's class: up to 100 letters, digits and _")
]
StrategyId = Annotated[
    str, Shaped(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", "say up to 100 letters, digits, - and _, a letter or digit first")
]
ModelName = Annotated[
    str,
    Shaped(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", "say up to 100 letters, digits, -, _ and ., a letter or digit first"),
]
Timeframe = Annotated[str, AfterValidator(_frame), WithJsonSchema({"type": "string", "enum": list(TIMEFRAMES)})]
Timerange = Annotated[
    str,
    AfterValidator(_dates),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[0-9]{8}-[0-9]{8}$",
            "description": "two days as YYYYMMDD-YYYYMMDD, from 00:00 UTC of the first to 00:00 UTC of the last",
        }
    ),
]
Pairs = Annotated[
    tuple[Annotated[str, Shaped(_PAIR, "say a pair as BASE/QUOTE, or BASE/QUOTE:SETTLE for futures")], ...],
    BeforeValidator(_listed),
    Field(min_length=1),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string", "pattern": f"^{_PAIR}$"}, "minItems": 1},
                {"type": "string", "pattern": f"^{_PAIR}(,{_PAIR})*$"},
            ],
            "description": "pairs as a list, or as one text with commas",
        }
    ),
]
Experiment = Annotated[
    str, Shaped(r"[A-Za-z0-9][A-Za-z0-9 _./-]{0,199}", "say up to 200 letters, digits, spaces and _ . / -")
]
ConfigPath = Annotated[
    str,
    Shaped(
        r"(/freqtrade/user_data(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+\.json|active|[0-9a-f]{64})",
        "say a .json file below /freqtrade/user_data, without spaces and names that begin with a dot; "
        "or a registered configuration, by its hash or as `active`",
    ),
]
TaskDefinition = Annotated[
    str,
    Shaped(
        r"arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:task-definition/[A-Za-z0-9_-]{1,255}(:[1-9][0-9]*)?",
        "say the ARN of a task definition",
    ),
]
