"""Hysteresis: when what is watched counts as bad, when as well again, and what people have yet to be told of it.

One sight changes nothing; some in a row do. A change is owed to people until they have been told, so that whoever ends
between the decision and the message leaves it to the next call. Pure. Must never take an unknown sight for a good or a
bad one.
"""

from enum import StrEnum
from typing import Final

from shared.base import Frozen


class Sight(StrEnum):
    """What one look came to; `unknown` could not be asked, or says nothing by itself."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


class Rule(Frozen):
    """How many sights in a row turn it."""

    failures: int
    successes: int


class Notice(Frozen):
    """What people are to be told: that an incident began, or that it is over."""

    opened: bool
    at: str
    why: str = ""


class Watch(Frozen):
    """What is known of one watched thing.

    `since` is when it became what it is. `seen` is the call that looked last: the same call, delivered again, looks no
    second time. `revision` counts the writes, by which one of two writers at once wins, whatever their clocks say.
    """

    bad: bool = False
    since: str = ""
    failures: int = 0
    successes: int = 0
    why: str = ""
    owed: tuple[Notice, ...] = ()
    seen: str = ""
    revision: int = 0


#: An incident that begins and ends untold is two; older ones are worth nobody's time.
_OWED: Final = 2
_WHY: Final = 500


def looked(before: Watch, sight: Sight, why: str, rule: Rule, at: str, call: str) -> Watch:
    """After one look; `why` is what was seen, `call` names the call that looked."""
    if sight is Sight.UNKNOWN or (call and before.seen == call):
        return before
    failures = min(before.failures + 1, rule.failures) if sight is Sight.BAD else 0
    successes = min(before.successes + 1, rule.successes) if sight is Sight.GOOD else 0
    after = _counted(before, failures, successes, why, at, call)
    turned = successes >= rule.successes if before.bad else failures >= rule.failures
    return _turned(after, at) if turned else after


def ended(before: Watch, why: str, at: str, call: str) -> Watch:
    """It is watched no more, on purpose: an incident of it is over."""
    if call and before.seen == call:
        return before
    after = _counted(before, 0, 0, why, at, call)
    return _turned(after, at) if before.bad else after


def _counted(before: Watch, failures: int, successes: int, why: str, at: str, call: str) -> Watch:
    counts = {"failures": failures, "successes": successes}
    return before.model_copy(update={**counts, "why": why[:_WHY], "seen": call, "since": before.since or at})


def _turned(watch: Watch, at: str) -> Watch:
    bad = not watch.bad
    owed = (*watch.owed, Notice(opened=bad, at=at, why=watch.why))[-_OWED:]
    return watch.model_copy(update={"bad": bad, "since": at, "owed": owed})


def told(watch: Watch) -> Watch:
    """After people were told of the first that they were owed."""
    return watch.model_copy(update={"owed": watch.owed[1:]})
