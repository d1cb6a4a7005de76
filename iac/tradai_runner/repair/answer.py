"""What a look in AWS can say of one thing: present, absent, or unknown; and when a look says enough.

Pure. Must never take what cannot be told for an absence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tradai_iac.failure import Failure


@dataclass(frozen=True)
class Present:
    """It is there under this id; `more` are outputs beside its inputs."""

    id: str
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Absent:
    """AWS says that it is not there, and had time to know."""

    why: str


@dataclass(frozen=True)
class Unknown:
    """Not to be told now; another look may tell in `wait` seconds, None where waiting does not help."""

    failure: Failure
    wait: float | None = None


Answer = Present | Absent | Unknown


@dataclass(frozen=True)
class Look:
    """One look: when it is, and when the first look was that found nothing, both in seconds since the epoch.

    `first` is None where this is the first. A creation may have been sent at any moment until its run died, however
    long before that the state had noted it: what AWS needs to show it counts from the first look, which is later than
    that. `longest` bounds what is waited for, where the endpoint is known to agree with itself sooner than AWS does.
    """

    now: float
    first: float | None = None
    longest: float = float("inf")

    def remaining(self, agrees: float) -> float:
        """Seconds until a later look can be believed; `agrees` is what the service takes to agree with itself."""
        first = self.now if self.first is None else self.first
        return max(0.0, first + min(agrees, self.longest) - self.now)
