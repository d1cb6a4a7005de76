"""Times between seconds since the epoch and what a status holds.

Must never read a clock: the time itself always comes from outside.
"""

from datetime import UTC, datetime


def moment(epoch: float) -> datetime:
    """A UTC datetime of whole seconds."""
    return datetime.fromtimestamp(int(epoch), UTC)


def epoch(at: datetime | str) -> float:
    """Seconds since the epoch, from a datetime with a zone or RFC 3339 text; raises ValueError."""
    value = datetime.fromisoformat(at.replace("Z", "+00:00")) if isinstance(at, str) else at
    return value.timestamp()
