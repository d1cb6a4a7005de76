"""What a look in AWS can say of one thing: present, absent, or unknown; and when a look says enough.

Pure. Must never take what cannot be told for an absence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tradai_iac.runner.contract import Failure

#: Two looks are at least that far apart, or a quarter of what is waited for.
_APART: Final = 8.0
_QUARTER: Final = 4


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
    """One look: when it is, when the operation had begun for sure, and when the first look was that found nothing.

    All in seconds since the epoch; `first` is None where this is the first. `longest` bounds what is waited for, where
    the endpoint is known to agree with itself sooner than AWS does.
    """

    now: float
    began: float
    first: float | None = None
    longest: float = float("inf")

    def remaining(self, agrees: float) -> float:
        """Seconds until a second look is old enough; `agrees` is what the service takes to agree with itself."""
        age = min(agrees, self.longest)
        first = self.now if self.first is None else self.first
        second = first + min(_APART, age / _QUARTER)
        return max(0.0, self.began + age - self.now, second - self.now)
