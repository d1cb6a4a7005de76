"""health-state: one item a service, which says how it is and what people have yet to be told.

Must never overwrite what another call has written meanwhile.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from boto3.dynamodb.conditions import Attr

from shared import clock
from shared.base import Frozen
from shared.incidents import Watch
from shared.tables import Table, expires

#: How long an item stays after the last look at its service.
KEPT: Final = timedelta(days=30)


class Status(StrEnum):
    """How a service is; `idle` is one that is not meant to run, and does not."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    IDLE = "idle"


class Health(Frozen):
    """One item (002 §3.2); `checked_at` is the time of the last look, `detail` what it saw."""

    service_name: str
    status: Status = Status.HEALTHY
    checked_at: str = ""
    detail: str = ""
    watch: Watch = Watch()


class HealthState:
    """The table health-state."""

    def __init__(self, table: str, now: clock.Clock = clock.now) -> None:
        self.table = Table("health-state", table)
        self._now = now

    def get(self, service: str) -> Health:
        """What is known of a service, a bare item where nothing is yet."""
        return Health.model_validate(self.table.get(service) or {"service_name": service})

    def save(self, before: Health, after: Health) -> Health | None:
        """Write what a look came to, where nobody has written since; None, and nothing written, where somebody has."""
        revision = before.watch.revision
        watch = after.watch.model_copy(update={"revision": revision + 1})
        saved = after.model_copy(update={"watch": watch})
        expected = Attr("watch.revision").eq(revision) if revision else Attr("watch").not_exists()
        return saved if self.table.put(self._item(saved), expected) else None

    def _item(self, health: Health) -> Mapping[str, Any]:
        return {**health.model_dump(mode="json"), **expires("health-state", self._now(), KEPT)}
