"""The border of trading-heartbeat-check: every strategy is looked at, and both metrics are written at each call.

What goes wrong with one strategy hinders no other; it is raised when all have had their turn. Must never stop a task.
"""

from dataclasses import dataclass
from typing import Any

from shared import clock
from shared.alerts import Alerts
from shared.deployed import DEPLOYED
from shared.entry import Entry, count
from shared.incidents import told
from shared.trading import Trader, TradingState
from trading_heartbeat_check.logic import Call, Counts, after, counts, message
from trading_heartbeat_check.settings import HeartbeatSettings


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    settings: HeartbeatSettings
    state: TradingState
    alerts: Alerts

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        settings = HeartbeatSettings.read()
        return cls(settings, TradingState(settings.trading_state), Alerts(settings.alerts, settings.environment))


class UnfinishedError(Exception):
    """Strategies whose turn failed; the call comes again, and does what is left."""


ENTRY = Entry("trading-heartbeat-check", Call, Ground.make)


@ENTRY
def handle(ground: Ground, call: Call) -> dict[str, Any]:
    """How many are stale and live; raises UnfinishedError where one could not be read, kept or told of."""
    traders: list[Trader] = []
    failed: list[str] = []
    for found in ground.state.all():
        name = found if isinstance(found, str) else found.strategy_id
        try:
            traders.append(_looked(ground, found, call.id))
            traders[-1] = _told(ground, traders[-1])
        except Exception:
            ENTRY.logger.exception("a strategy's turn failed", strategy_id=name)
            failed.append(name)
    counted = counts(traders, expected=ground.settings.trades_live)
    _measure(ground, counted, whole=not failed)
    ENTRY.logger.info("heartbeats", stale=counted.stale, live=counted.live, unknown=failed)
    if failed:
        raise UnfinishedError(f"how these strategies are could not be read, kept or told: {', '.join(sorted(failed))}")
    return counted.model_dump()


def _looked(ground: Ground, found: Trader | str, call: str) -> Trader:
    trader = ground.state.get(found) if isinstance(found, str) else found
    if trader is None:
        raise LookupError("it is gone since it was listed")
    watch, seen = after(trader, clock.now(), call)
    if (watch, seen) == (trader.watch, trader.seen):
        return trader
    # Where another call has looked at the same time, that one tells.
    return ground.state.save_watch(trader, watch, seen) or trader


def _told(ground: Ground, trader: Trader) -> Trader:
    """Message first, note after: who ends in between tells twice, rather than never."""
    while trader.watch.owed:
        ground.alerts.tell(*message(trader, trader.watch.owed[0]))
        saved = ground.state.save_watch(trader, told(trader.watch), trader.seen)
        if saved is None:
            break
        trader = saved
    return trader


def _measure(ground: Ground, counted: Counts, *, whole: bool) -> None:
    """The number of those that live is told where it is known of all; that of silent ones is at least what it says."""
    names, environment = DEPLOYED.metrics, ground.settings.environment
    count(environment, names.stale_heartbeats, counted.stale)
    if whole and counted.live is not None:
        count(environment, names.live_strategies, counted.live)
