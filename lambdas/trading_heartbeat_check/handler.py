"""The border of trading-heartbeat-check: every strategy is looked at, and both metrics are written at each call.

It is also the reader of the topic `registration`: which version is to trade is noted at the strategies that trade it.

What goes wrong with one strategy hinders no other; it is raised when all have had their turn. Must never stop a task.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from shared import clock
from shared.alerts import Alerts
from shared.deployed import DEPLOYED
from shared.entry import Entry, RefusedError, count, faults
from shared.events import Registration
from shared.incidents import told
from shared.trading import Trader, TradingState
from trading_heartbeat_check.logic import (
    Call,
    Counts,
    after,
    concerns,
    counts,
    message,
    version_message,
    versions_after,
)
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
    """How many are stale and live, or where a registration was noted.

    Raises UnfinishedError where a strategy could not be read, kept or told of, RefusedError for no event of ours.
    """
    if call.records:
        return _registered(ground, _registrations(call))
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
    now = clock.now()
    (watch, seen), versions = after(trader, now, call), versions_after(trader, now, call)
    if (watch, seen, versions) == (trader.watch, trader.seen, trader.versions):
        return trader
    # Where another call has looked at the same time, that one tells.
    return ground.state.save_watch(trader, watch, seen, versions) or trader


def _told(ground: Ground, trader: Trader) -> Trader:
    """Message first, note after: who ends in between tells twice, rather than never."""
    while trader.watch.owed or trader.versions.owed:
        watch, versions = trader.watch, trader.versions
        if watch.owed:
            ground.alerts.tell(*message(trader, watch.owed[0]))
            watch = told(watch)
        else:
            ground.alerts.tell(*version_message(trader, versions.owed[0]))
            versions = told(versions)
        saved = ground.state.save_watch(trader, watch, trader.seen, versions)
        if saved is None:
            break
        trader = saved
    return trader


def _registrations(call: Call) -> list[Registration]:
    try:
        return call.registrations
    except ValidationError as error:
        raise RefusedError(f"not an event of the topic registration: {faults(error)}") from None


def _registered(ground: Ground, events: list[Registration]) -> dict[str, Any]:
    """Note at each strategy which version is to trade; whoever hears it twice, or too late, changes nothing.

    Raises UnfinishedError, when all others have had their turn, where nobody knows whether it concerns a strategy.
    """
    found = list(ground.state.all())
    noted = [
        trader.strategy_id
        for event in events
        for trader in found
        if isinstance(trader, Trader) and concerns(event, trader)
        if ground.state.want(trader.strategy_id, event.version, event.at)
    ]
    ENTRY.logger.info("registrations", events=[event.event_id for event in events], noted=noted)
    if unread := sorted(one for one in found if isinstance(one, str)):
        raise UnfinishedError(f"whether it concerns these strategies could not be read: {', '.join(unread)}")
    return {"noted": sorted(noted)}


def _measure(ground: Ground, counted: Counts, *, whole: bool) -> None:
    """The number of those that live is told where it is known of all; that of silent ones is at least what it says."""
    names, environment = DEPLOYED.metrics, ground.settings.environment
    count(environment, names.stale_heartbeats, counted.stale)
    if whole and counted.live is not None:
        count(environment, names.live_strategies, counted.live)
