"""trading-state: one item a strategy that trades, written by two sides that never touch each other's attributes.

The trading container writes what it is and that it lives, the watchers what they have seen. Both update, and never put
an item whole. Must never stop anything: what trades has money in it.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, Literal

from boto3.dynamodb.conditions import Attr, ConditionBase
from pydantic import ValidationError

from shared import clock
from shared.base import Frozen
from shared.incidents import Watch
from shared.tables import Table, expires

#: How long an item stays after the last word about it; a watcher renews it while its strategy is meant to trade.
KEPT: Final = timedelta(days=30)

#: How many tasks of a strategy are remembered as told of, the newest ones.
_ORPHANS: Final = 50


class Status(StrEnum):
    """What is meant to be: `expected` is registered and has sent no heartbeat yet, `stopped` was ended on purpose."""

    EXPECTED = "expected"
    RUNNING = "running"
    STOPPED = "stopped"


#: Those that are meant to send heartbeats.
MEANT: Final = frozenset({Status.EXPECTED, Status.RUNNING})


class Seen(Frozen):
    """What the heartbeat check last saw: which heartbeat, and when it saw that one first."""

    heartbeat_at: str = ""
    first_at: str = ""
    looked_at: str = ""


class Trader(Frozen):
    """One item (002 §3.2).

    The container's: `mode`, `status`, `heartbeat_at` every minute (`config.watching`), `task_arn`, and `fence`, which
    grows with each task that takes the strategy over: a task that finds a higher one than its own trades no more.
    Also the container's: what it trades with, `strategy`, `model_name` and `model_version`. Registration's:
    `registered_at`, and `wanted_version` since `wanted_at`. The watchers': `watch`, `seen`, `versions`,
    `orphan_tasks` that people were told of; `orphan_task` is the one that items of before have.
    """

    strategy_id: str
    mode: Literal["live", "dry-run"] = "live"
    status: Status | None = None
    heartbeat_at: str | None = None
    registered_at: str | None = None
    task_arn: str | None = None
    fence: int = 0
    strategy: str | None = None
    model_name: str | None = None
    model_version: str | None = None
    wanted_version: str | None = None
    wanted_at: str | None = None
    orphan_task: str | None = None
    orphan_tasks: tuple[str, ...] = ()
    versions: Watch = Watch()
    watch: Watch = Watch()
    seen: Seen = Seen()

    @property
    def meant(self) -> bool:
        """Whether it is meant to send heartbeats; one that has sent some is, unless somebody says otherwise."""
        return self.status in MEANT or (self.status is None and self.heartbeat_at is not None)


class TradingState:
    """The table trading-state, as watchers and registration use it."""

    def __init__(self, table: str, now: clock.Clock = clock.now) -> None:
        self.table = Table("trading-state", table)
        self._now = now

    def get(self, strategy_id: str) -> Trader | None:
        """The strategy as it is now; raises ValidationError where the item is of no known shape."""
        found = self.table.get(strategy_id)
        return Trader.model_validate(found) if found else None

    def all(self) -> Iterator[Trader | str]:
        """Every strategy, or the id of one whose item is of no known shape: it is there, and nobody knows how it is."""
        for item in self.table.scan():
            try:
                yield Trader.model_validate(item)
            except ValidationError:
                yield str(item["strategy_id"])

    def save_watch(self, before: Trader, watch: Watch, seen: Seen, versions: Watch) -> Trader | None:
        """Write what a look came to, where no other look has been written since; None where one has."""
        revision = before.watch.revision
        after = watch.model_copy(update={"revision": revision + 1})
        written = {"watch": after, "seen": seen, "versions": versions}
        changes = {name: one.model_dump(mode="json") for name, one in written.items()}
        unchanged = Attr("watch.revision").eq(revision) if revision else Attr("watch").not_exists()
        expected = Attr("strategy_id").exists() & unchanged
        if not self._update(before.strategy_id, changes, expected, kept=before.meant):
            return None
        return before.model_copy(update=written)

    def want(self, strategy_id: str, version: str, at: str) -> bool:
        """Note which version is to trade; False where a later word is there, or this one, or no such strategy."""
        later = Attr("wanted_at").not_exists() | Attr("wanted_at").lt(at)
        expected = Attr("strategy_id").exists() & later
        return self._update(strategy_id, {"wanted_version": version, "wanted_at": at}, expected, kept=False)

    def note_orphan(self, strategy_id: str, task_arn: str) -> bool:
        """Note that people are told of a task; False where they have been, or another call notes one meanwhile."""
        noted = self._orphans(strategy_id)
        if task_arn in noted:
            return False
        return self._write_orphans(strategy_id, noted, (*noted, task_arn)[-_ORPHANS:], kept=True)

    def forget_orphan(self, strategy_id: str, task_arn: str) -> bool:
        """Take the note back: they could not be told. False where another call has written meanwhile."""
        noted = self._orphans(strategy_id)
        after = tuple(arn for arn in noted if arn != task_arn)
        return self._write_orphans(strategy_id, noted, after, kept=False)

    def _orphans(self, strategy_id: str) -> tuple[str, ...]:
        found = self.get(strategy_id)
        if found is None:
            return ()
        return found.orphan_tasks or ((found.orphan_task,) if found.orphan_task else ())

    def _write_orphans(self, key: str, before: tuple[str, ...], after: tuple[str, ...], *, kept: bool) -> bool:
        noted = Attr("orphan_tasks")
        unchanged = noted.eq(list(before)) | noted.not_exists() | noted.eq([])
        return self._update(key, {"orphan_tasks": list(after)}, unchanged, kept=kept)

    def _update(self, key: str, changes: Mapping[str, Any], expected: ConditionBase, *, kept: bool) -> bool:
        renewed = expires("trading-state", self._now(), KEPT) if kept else {}
        return self.table.update((key,), {**changes, **renewed}, expected)
