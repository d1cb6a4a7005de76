"""The time, as items and messages have it: UTC, ISO 8601 to the microsecond, or whole seconds of the epoch for TTLs.

Must never be read inside a decision: whoever decides is given the time.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time; tests have one that jumps."""

    def __call__(self) -> datetime:
        """Now, in UTC."""


def now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def text(at: datetime) -> str:
    """A time so that texts sort as times do: `2026-11-29T10:00:00.000000Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parsed(said: str) -> datetime:
    """The time that `text` or another writer of ISO 8601 wrote; without a zone it is UTC. Raises ValueError."""
    at = datetime.fromisoformat(said)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def expiry(at: datetime, keep: timedelta) -> int:
    """When an item goes, as DynamoDB wants it: whole seconds since the epoch."""
    return int((at + keep).timestamp())
