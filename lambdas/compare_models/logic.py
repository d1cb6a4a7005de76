"""The verdict: better, not better, or not enough to tell. Must never call AWS or MLflow, nor read the clock.

The challenger wins where a one-sided paired t-test of the daily returns (the challenger's less the champion's, on the
same days) has p < 0.05, with at least 30 such days and at least 30 trades of each model. What is not enough is not
better. Where there is no champion yet, the challenger stands against not trading: a return of 0 on each day.
"""

from typing import Any, Final, Literal

from pydantic import Field

from compare_models.evidence import Evidence
from compare_models.statistic import paired
from shared.base import Frozen
from shared.rollbacks import Key, Name

ALPHA: Final = 0.05
LEAST_DAYS: Final = 30
LEAST_TRADES: Final = 30


class Whose(Frozen):
    """The request of the execution, as far as it says which model of which job."""

    model_name: Name
    job_id: Key


class CompareModels(Frozen):
    """The event."""

    request: Whose
    task_arn: str = Field(min_length=1)


class Comparison(Frozen):
    """The answer, which the promotion is given. `mean_difference` is of a day's returns."""

    challenger_wins: bool
    verdict: Literal["better", "not_better", "not_enough"]
    reason: str
    model_name: str
    challenger_version: str
    champion_version: str | None
    days: int
    champion_trades: int
    challenger_trades: int
    mean_difference: float | None = None
    p_value: float | None = None
    alpha: float = ALPHA


def compared(model_name: str, champion: str | None, challenger: str, evidence: Evidence) -> Comparison:
    """What the evidence says of two versions."""
    known: dict[str, Any] = {
        "model_name": model_name,
        "champion_version": champion,
        "challenger_version": challenger,
        "days": len(evidence.days),
        "champion_trades": evidence.champion_trades,
        "challenger_trades": evidence.challenger_trades,
    }
    if champion == challenger:
        return Comparison(challenger_wins=False, verdict="not_better", reason="it is the champion already", **known)
    if short := _short(champion, evidence):
        return Comparison(challenger_wins=False, verdict="not_enough", reason="; ".join(short)[:1000], **known)
    days = sorted(evidence.days)
    tested = paired([evidence.days[day][1] for day in days], [evidence.days[day][0] for day in days])
    wins = tested.p_value < ALPHA
    against = f"champion {champion}" if champion else "not trading, as there is no champion yet"
    return Comparison(
        challenger_wins=wins,
        verdict="better" if wins else "not_better",
        reason=f"{tested.mean:+.6f} a day against {against}, p = {tested.p_value:.4f} ({len(days)} days)",
        mean_difference=tested.mean,
        p_value=tested.p_value,
        **known,
    )


def _short(champion: str | None, evidence: Evidence) -> list[str]:
    """What is missing before anything can be said."""
    short: list[str] = []
    if len(evidence.days) < LEAST_DAYS:
        short.append(f"{len(evidence.days)} days on which both are known, and it takes {LEAST_DAYS}")
    trades = {"challenger": evidence.challenger_trades}
    trades |= {"champion": evidence.champion_trades} if champion else {}
    short += [
        f"{count} trades of the {who}, and it takes {LEAST_TRADES}"
        for who, count in trades.items()
        if count < LEAST_TRADES
    ]
    return [*short, *evidence.lacks] if short else []
