"""Cron expressions as people write them: `0 */6 * * *`, five fields, in UTC where no zone is named.

The pattern refuses at the API server what a field cannot hold; what only counting days shows (the 31st of February)
the model refuses. Must never read a clock.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator

from tradai_iac.base import worded

SENTENCE: Final = (
    "write five fields for minute, hour, day of month, month and day of week, like 0 */6 * * * (every six hours)"
)
_LIMIT: Final = 100
_MINUTE: Final = 60
_MONTHS: Final = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_DAYS: Final = "SUN|MON|TUE|WED|THU|FRI|SAT"
#: What one value of each field may be, and what else the field may say as a whole.
_FIELDS: Final = (
    ("[0-5]?[0-9]", ""),
    ("[01]?[0-9]|2[0-3]", ""),
    ("0?[1-9]|[12][0-9]|3[01]", "|L|LW"),
    (f"0?[1-9]|1[0-2]|{_MONTHS}", ""),
    (f"[0-7]|{_DAYS}", f"|([0-7]|{_DAYS})#[1-5]|[0-7]L"),
)


def _field(value: str, whole: str) -> str:
    item = rf"(([*]|({value})(-({value}))?)(/[1-9][0-9]?)?{whole})"
    return f"{item}(,{item})*"


#: The first field alone.
MINUTES: Final = _field(*_FIELDS[0])
PATTERN: Final = f"(?i)^{' +'.join(_field(*field) for field in _FIELDS)}$"


def _happens(expression: str) -> str:
    try:
        next(CronSim(expression, datetime(2024, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration):
        raise ValueError(f"{expression} never comes round; {SENTENCE}") from None
    return expression


Cron = Annotated[str, worded(PATTERN, SENTENCE, _LIMIT), AfterValidator(_happens)]


def next_after(expression: str, at: float, tz: str = "UTC") -> float:
    """The first moment of the expression in that time zone after `at`, both in seconds since the epoch."""
    return _after_minute(expression, int(at // _MINUTE), tz)


def minutes_of(expression: str) -> frozenset[int]:
    """The minutes of an hour at which moments of the expression can be; raises CronSimError for one that is none."""
    return frozenset(CronSim(expression, datetime(2024, 1, 1, tzinfo=UTC)).minutes)


@lru_cache(maxsize=4096)
def _after_minute(expression: str, minute: int, tz: str) -> float:
    """Moments are whole minutes, and a thousand environments ask at once for the same ones.

    In the hour that comes again when clocks are put back, cronsim names the moment of the first time, which is over.
    """
    at = minute * _MINUTE
    moments = CronSim(expression, datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(tz)))
    return next(found for moment in moments if (found := moment.timestamp()) > at)
