"""What a heartbeat says of a strategy. Must never call AWS or read the clock, nor trust that two clocks agree.

A heartbeat that changes is written by somebody alive, whatever its time says against ours; one that stays the same for
longer than it may has stopped, whatever our clock did meanwhile. What is old but new to us is neither yet.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from pydantic import Field

from shared import clock
from shared.base import Frozen
from shared.deployed import DEPLOYED
from shared.events import Registration
from shared.incidents import Notice, Rule, Sight, Watch, ended, looked
from shared.trading import Seen, Status, Trader

RULE: Final = Rule(failures=1, successes=DEPLOYED.watching.heartbeat_successes)
STALE: Final = timedelta(seconds=DEPLOYED.watching.heartbeat_stale_seconds)
START: Final = timedelta(seconds=DEPLOYED.watching.heartbeat_start_seconds)


#: A version that is not the wanted one is told of at the second look, so that a container has time to take it up.
VERSIONS: Final = Rule(failures=2, successes=1)


class Said(Frozen):
    """What SNS delivers of one message."""

    message: str = Field(validation_alias="Message")


class Record(Frozen):
    """One record of SNS's event."""

    sns: Said = Field(validation_alias="Sns")


class Call(Frozen):
    """EventBridge's event, SNS's, or an empty one by hand; `id` is the same when EventBridge delivers it again."""

    id: str = ""
    records: tuple[Record, ...] = Field(default=(), validation_alias="Records")

    @property
    def registrations(self) -> list[Registration]:
        """What the topic `registration` says; raises ValidationError where that is no event of ours."""
        return [Registration.model_validate_json(record.sns.message) for record in self.records]


class Counts(Frozen):
    """What the metrics say of strategies that trade live; `live` is None where none is meant to."""

    stale: int
    live: int | None


def seen_now(trader: Trader, now: datetime) -> Seen:
    """What this look saw: a heartbeat that is new, or that our clock has stepped back behind, is first seen now."""
    at, before = clock.text(now), trader.seen
    same = trader.heartbeat_at == before.heartbeat_at and before.first_at and clock.parsed(before.first_at) <= now
    first = before.first_at if same else at
    return Seen(heartbeat_at=trader.heartbeat_at or "", first_at=first, looked_at=at)


def sight(trader: Trader, now: datetime) -> tuple[Sight, str]:
    """Whether it lives, and a sentence about it. A heartbeat that is no time raises ValueError."""
    if trader.heartbeat_at is None:
        return _starting(trader, now)
    age = now - clock.parsed(trader.heartbeat_at)
    said = f"its last heartbeat is of {trader.heartbeat_at}"
    same = trader.heartbeat_at == trader.seen.heartbeat_at and trader.seen.first_at
    # Asked before its age: ours may pass, on its way, the time that a clock ahead of it wrote last.
    if same and now - clock.parsed(trader.seen.first_at) >= STALE:
        return Sight.BAD, said
    return (Sight.GOOD if abs(age) <= STALE else Sight.UNKNOWN), said


def _starting(trader: Trader, now: datetime) -> tuple[Sight, str]:
    """Two looks in a row must find it late, so that one step of our clock does not."""
    said = "it has never sent a heartbeat"
    if trader.registered_at is None or not trader.seen.looked_at:
        return Sight.UNKNOWN, said
    due = clock.parsed(trader.registered_at) + START
    late = due < clock.parsed(trader.seen.looked_at) <= now
    return (Sight.BAD if late else Sight.UNKNOWN), f"{said} since it was registered at {trader.registered_at}"


def concerns(event: Registration, trader: Trader) -> bool:
    """Whether a strategy trades with what an event is about."""
    if event.model_name is not None and trader.model_name is not None:
        return event.model_name == trader.model_name
    return event.strategy == trader.strategy


def versions_after(trader: Trader, now: datetime, call: str) -> Watch:
    """What is known of the version that it trades with; who says none, or is wanted none of, is not judged."""
    at, wanted, has = clock.text(now), trader.wanted_version, trader.model_version
    if not trader.meant:
        return ended(trader.versions, "it is not meant to trade", at, call) if trader.versions.bad else trader.versions
    if wanted is None or has is None:
        return trader.versions
    right = has == wanted
    why = f"it trades with version {has}" + ("" if right else f", and {wanted} is wanted since {trader.wanted_at}")
    return looked(trader.versions, Sight.GOOD if right else Sight.BAD, why, VERSIONS, at, call)


def after(trader: Trader, now: datetime, call: str) -> tuple[Watch, Seen]:
    """What is known of a strategy after this look; one that was stopped on purpose is not stale."""
    at = clock.text(now)
    if not trader.meant:
        why = "it was stopped on purpose" if trader.status is Status.STOPPED else "nobody means it to trade"
        return ended(trader.watch, why, at, call) if trader.watch.bad else trader.watch, trader.seen
    seen, why = sight(trader, now)
    return looked(trader.watch, seen, why, RULE, at, call), seen_now(trader, now)


def counts(traders: Iterable[Trader], *, expected: bool) -> Counts:
    """Of strategies that are meant to trade live; `expected` says that the environment is meant to have some."""
    live = [one for one in traders if one.meant and one.mode == "live"]
    stale = sum(one.watch.bad for one in live)
    beating = sum(not one.watch.bad and one.heartbeat_at is not None for one in live)
    return Counts(stale=stale, live=beating if live or expected else None)


def message(trader: Trader, notice: Notice) -> tuple[str, str, str, str]:
    """Kind, subject and sentences of a notice."""
    name = f"{trader.mode} strategy {trader.strategy_id}"
    if notice.opened:
        what = "Nothing was stopped: look at its task and at its positions on the exchange."
        return "heartbeat-stale", f"{name} has gone silent", f"The {name} is silent: {notice.why}.", what
    return "heartbeat-recovered", f"{name} is over it", f"The {name} is no longer silent: {notice.why}.", ""


def version_message(trader: Trader, notice: Notice) -> tuple[str, str, str]:
    """Kind, subject and sentence of a notice about versions."""
    name = f"{trader.mode} strategy {trader.strategy_id}"
    if notice.opened:
        return "version-behind", f"{name} trades with another version", f"The {name}: {notice.why}."
    return "version-taken-up", f"{name} has the wanted version", f"The {name}: {notice.why}."
