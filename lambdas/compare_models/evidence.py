"""What there is to compare by: returns of champion and challenger on the same days, and how many trades they are of.

Two sources. The training task plays both models on days that neither was trained on (the hold-out) and logs it in the
challenger's run; shadow tests have days on which both were fed live. A day of a shadow test counts before the same day
of a hold-out. Must never take what is missing, or is no number, for a figure.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.mlflow import Point, Run
from shared.shadow_tests import ShadowTest

#: What the training task logs in the challenger's run: a return a day, as a fraction, by steps that count the days
#: since 1970-01-01 (UTC); how many trades; and, as a tag, which champion was played beside it.
RETURN: Final = "holdout_return"
TRADES: Final = "holdout_trades"
OF_CHAMPION: Final = "_champion"
PLAYED_AGAINST: Final = "champion_version"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Evidence:
    """`days` has a day → (champion, challenger); `lacks` says what was looked for and is not there."""

    days: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    champion_trades: int = 0
    challenger_trades: int = 0
    lacks: Sequence[str] = ()


def of_holdout(run: Run, champion: str | None, own: Sequence[Point], other: Sequence[Point]) -> Evidence:
    """What the challenger's run says; without a champion it stands against not trading, which returns 0 each day."""
    if champion is not None and run.tags.get(PLAYED_AGAINST) != champion:
        said = run.tags.get(PLAYED_AGAINST, "none")
        return Evidence(lacks=(f"the hold-out was played against champion {said}, and it is {champion}",))
    mine, theirs = _by_day(own), _by_day(other)
    if champion is None:
        theirs = dict.fromkeys(mine, 0.0)
    names = [TRADES] if champion is None else [TRADES, TRADES + OF_CHAMPION]
    counts = {name: _count(run.metrics.get(name)) for name in names}
    lacks = [f"the metric {name} is not there, or is no count" for name, count in counts.items() if count is None]
    lacks += [] if mine else [f"the metric {RETURN} has no day that is a return"]
    lacks += [] if theirs else [f"the metric {RETURN}{OF_CHAMPION} has no day that is a return"]
    return Evidence(
        days={day: (theirs[day], mine[day]) for day in sorted(mine.keys() & theirs.keys())},
        champion_trades=counts.get(TRADES + OF_CHAMPION) or 0,
        challenger_trades=counts[TRADES] or 0,
        lacks=lacks,
    )


def of_shadow_tests(tests: Iterable[ShadowTest], champion: str | None, challenger: str) -> list[Evidence]:
    """What shadow tests of just these two versions say, oldest first."""
    return [
        Evidence(
            days={
                day: (both.champion, both.challenger)
                for day, both in test.returns.items()
                if _is_return(both.champion) and _is_return(both.challenger)
            },
            champion_trades=_count(test.trades.champion) or 0,
            challenger_trades=_count(test.trades.challenger) or 0,
        )
        for test in tests
        if (test.champion_version, test.challenger_version) == (champion, challenger)
    ]


def together(parts: Iterable[Evidence]) -> Evidence:
    """All of it: of two figures of one day the later part's counts."""
    whole = list(parts)
    return Evidence(
        days={day: pair for part in whole for day, pair in part.days.items()},
        champion_trades=sum(part.champion_trades for part in whole),
        challenger_trades=sum(part.challenger_trades for part in whole),
        lacks=[lack for part in whole for lack in part.lacks],
    )


def _by_day(points: Sequence[Point]) -> dict[str, float]:
    """Day → return; a step that was logged twice has its later value."""
    known = sorted((point for point in points if _is_return(point.value)), key=lambda each: each.timestamp)
    return {(_EPOCH + timedelta(days=point.step)).date().isoformat(): point.value for point in known}


def _is_return(value: float) -> bool:
    return math.isfinite(value) and value >= -1


def _count(value: float | None) -> int | None:
    return int(value) if value is not None and math.isfinite(value) and value >= 0 else None
