"""How seldom somebody has to look for drift: at one minute of the hour, or every quarter of an hour and the like.

A look reads every resource of a layer anew, in an account whose calls others need as well. Said to the API server and
to whoever reads a manifest by one pattern. Must never refuse what was stored before there was such a bound: that is
looked at less often instead (`SECONDS`).
"""

import re
from functools import lru_cache
from itertools import combinations
from typing import Final

from pydantic import ValidationInfo

from tradai_operator.model.cron import MINUTES, minutes_of
from tradai_operator.model.rules import rule

#: What a validation is told where it reads what the API server has stored.
STORED: Final = "stored"
APART: Final = 15
SECONDS: Final = 60.0 * APART
_HOUR: Final = 60
_MINUTE: Final = "[0-5]?[0-9]"
#: Steps that an hour is a multiple of: moments stay as far apart over its end.
_SELDOM: Final = f"^({_MINUTE}|([*]|{_MINUTE}(-{_MINUTE})?)/(15|20|30)) "
_SENTENCE: Final = (
    f"write one minute, or a step of 15, 20 or 30 of them, like 0 */6 * * * or */{APART} * * * *: looks are at least "
    f"{APART} minutes apart, since each reads every resource anew"
)

SELDOM: Final = rule(f"!self.matches('^({MINUTES}) ') || self.matches('{_SELDOM}')", _SENTENCE)


def seldom(schedule: str, info: ValidationInfo) -> str:
    """The schedule; raises ValueError where it is too dense and not stored already."""
    if not stored(info) and not re.match(_SELDOM, schedule):
        raise ValueError(_SENTENCE)
    return schedule


def stored(info: ValidationInfo) -> bool:
    """Whether the API server has taken it already, perhaps under earlier rules."""
    return bool((info.context or {}).get(STORED))


@lru_cache(maxsize=4096)
def dense(schedule: str) -> bool:
    """Whether two minutes of the hour at which it can come are closer together, also over the hour's end."""
    return any(not APART <= b - a <= _HOUR - APART for a, b in combinations(sorted(minutes_of(schedule)), 2))
