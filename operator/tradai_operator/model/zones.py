"""Time zones by their IANA names.

Must never take an offset for a zone: schedules follow summer time.
"""

from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

from tradai_iac.base import worded

PATTERN: Final = "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$"
SENTENCE: Final = "write a time zone's name as the IANA database has it, like Europe/Berlin or UTC"


def _known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name!r}; {SENTENCE}") from None
    return name


TimeZone = Annotated[str, worded(PATTERN, SENTENCE, 64), AfterValidator(_known)]
