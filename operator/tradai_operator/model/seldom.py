"""How seldom somebody has to look for drift: at minutes of the hour that are a quarter of an hour apart.

A look reads every resource of a layer anew, in an account whose calls others need as well. Said to the API server in
CEL and to whoever reads a manifest in Python, in the same words. Must never refuse what was stored before there was
such a bound: that is looked at less often instead (`SECONDS`).
"""

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
_SENTENCE: Final = (
    f"write minutes that are at least {APART} apart, also over the end of the hour, like 0 */6 * * * or "
    f"*/{APART} * * * *: each look reads every resource anew"
)


def seldom(schedule: str, info: ValidationInfo) -> str:
    """The schedule; raises ValueError where it is too dense and not stored already."""
    if not stored(info) and dense(schedule):
        raise ValueError(_SENTENCE)
    return schedule


@lru_cache(maxsize=4096)
def dense(schedule: str) -> bool:
    """Whether two minutes of the hour at which it can come are closer together than that."""
    return any(not APART <= b - a <= _HOUR - APART for a, b in combinations(sorted(minutes_of(schedule)), 2))


def stored(info: ValidationInfo) -> bool:
    """Whether the API server has taken it already, perhaps under earlier rules."""
    return bool((info.context or {}).get(STORED))


def _minutes(item: str) -> str:
    """CEL: whether minute `m` is one of an item of the first field: `*`, `5`, `5-20`, and any of them with `/15`."""
    span = f"{item}.split('/')[0]"
    step = f"({item}.contains('/') ? int({item}.split('/')[1]) : 1)"
    first = f"({span} == '*' ? 0 : int({span}.split('-')[0]))"
    alone = f"({item}.contains('/') ? {_HOUR - 1} : int({span}))"
    last = f"({span} == '*' ? {_HOUR - 1} : {span}.contains('-') ? int({span}.split('-')[1]) : {alone})"
    return f"m >= {first} && m <= {last} && (m - {first}) % {step} == 0"


def _rule() -> str:
    items = "self.split(' ')[0].split(',')"
    named = f"{list(range(_HOUR))}.filter(m, {items}.exists(i, {_minutes('i')}))"
    apart = f"(a - b >= {APART} && a - b <= {_HOUR - APART})"
    return (
        f"!self.matches('^({MINUTES}) ') || [{named}].all(minutes, minutes.all(a, minutes.all(b, a <= b || {apart})))"
    )


SELDOM: Final = rule(_rule(), _SENTENCE)
