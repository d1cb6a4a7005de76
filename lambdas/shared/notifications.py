"""Messages that are to be told once, in the table notifications: claimed, published, delivered.

    claim = notifications.claim(notification_id, what)
    notifications.delivered(claim, publish())

Who has a claim publishes; the others find it. Must never count a message as delivered that its topic has not taken: a
process that dies after publishing and before `delivered` leaves a claim that passes, and the message is told again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

from boto3.dynamodb.conditions import Attr

from shared import clock
from shared.base import Frozen
from shared.tables import Table, expires

#: How long a notification stays readable.
KEPT: Final = timedelta(days=90)


class Delivery(StrEnum):
    """How far a message has come."""

    CLAIMED = "claimed"
    DELIVERED = "delivered"


class Notification(Frozen):
    """One item of notifications."""

    notification_id: str
    status: Delivery
    token: str
    claimed_at: str
    attempts: int
    message_id: str | None = None
    delivered_at: str | None = None

    def free(self, at: datetime, lease: timedelta) -> bool:
        """Whether its claim has passed. One from the future is of a clock that was wrong, and holds nobody."""
        age = at - clock.parsed(self.claimed_at)
        return self.status is Delivery.CLAIMED and not (-lease < age < lease)


@dataclass(frozen=True)
class Claim:
    """The right to publish one message."""

    notification_id: str
    token: str


class Notifications:
    """The table; `lease` is how long whoever has claimed a message may take to publish it."""

    def __init__(self, table: str, lease: timedelta, now: clock.Clock = clock.now) -> None:
        self.table = Table("notifications", table)
        self._lease, self._now = lease, now

    def get(self, notification_id: str) -> Notification | None:
        """The item as it is now."""
        found = self.table.get(notification_id)
        return Notification.model_validate(found) if found else None

    def claim(self, notification_id: str, what: Mapping[str, Any]) -> Claim | Delivery:
        """The right to publish; else how far whoever has it has come. `what` is kept beside it for its readers."""
        at, claim = self._now(), Claim(notification_id, uuid4().hex)
        fresh = {"status": Delivery.CLAIMED, "token": claim.token, "claimed_at": clock.text(at), **self._kept(at)}
        if self.table.create({**what, "notification_id": notification_id, "attempts": 1, **fresh}):
            return claim
        found = self.get(notification_id)
        if found is None:  # it has expired between the two calls
            return self.claim(notification_id, what)
        if not found.free(at, self._lease):
            return found.status
        again = {**fresh, "attempts": found.attempts + 1}
        return claim if self._update(found.notification_id, found.token, again) else Delivery.CLAIMED

    def delivered(self, claim: Claim, message_id: str) -> bool:
        """The topic has taken it; False where the claim had passed to another, who tells it again."""
        at = self._now()
        done = {"status": Delivery.DELIVERED, "message_id": message_id, "delivered_at": clock.text(at)}
        return self._update(claim.notification_id, claim.token, {**done, **self._kept(at)})

    def release(self, claim: Claim) -> None:
        """It could not be published: whoever comes next may try at once."""
        self._update(claim.notification_id, claim.token, {"claimed_at": clock.text(self._now() - self._lease)})

    def _update(self, notification_id: str, token: str, changes: Mapping[str, Any]) -> bool:
        held = Attr("status").eq(Delivery.CLAIMED) & Attr("token").eq(token)
        return self.table.update((notification_id,), changes, held)

    def _kept(self, at: datetime) -> dict[str, int]:
        return expires("notifications", at, KEPT)
