"""Durations as people write them: `72h`, `1d12h`, `90m`.

Must never read a clock.
"""

import re
from datetime import timedelta
from typing import Annotated, Final

from tradai_iac.base import worded

UNITS: Final = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
PATTERN: Final = f"^([1-9][0-9]{{0,3}}[{''.join(UNITS)}])+$"
SENTENCE: Final = "write a duration of days, hours, minutes and seconds, like 72h, 7d or 1d12h"

Duration = Annotated[str, worded(PATTERN, SENTENCE, 32)]


def parse_duration(text: str) -> timedelta:
    """The duration that `text` spells; raises ValueError with what to write instead."""
    if not re.fullmatch(PATTERN, text):
        raise ValueError(f"{text!r} is not a duration: {SENTENCE}")
    parts = re.findall(f"([0-9]+)([{''.join(UNITS)}])", text)
    return sum((timedelta(**{UNITS[unit]: int(amount)}) for amount, unit in parts), timedelta())
