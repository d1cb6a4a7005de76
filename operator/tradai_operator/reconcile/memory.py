"""What the loop of one environment knows from one turn to the next.

Data only: replaced, never changed. Must never hold the resource itself: a newer one may come at any moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from tradai_operator.model import EnvironmentStatus
from tradai_operator.status.compose import calm

#: How often mere progress is written, and a run that was asked to stop is asked again.
PROGRESS_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Memory:
    """`status` is what is known now; `written` is what the API server has of it since `written_at`.

    `watches` names the Secrets that the spec refers to. `follows`: whether the last turn has looked at its runs, so
    that the end of one is news. `failures` counts turns that failed in a row, `trouble` is what was told of the last
    one, `stopping_since` when the runs of a resource that was given up were asked to stop first. Times are seconds
    since the epoch.
    """

    status: EnvironmentStatus
    written: EnvironmentStatus
    written_at: float = 0.0
    watches: frozenset[str] = frozenset()
    follows: bool = False
    failures: int = 0
    trouble: str = ""
    stopping_since: float | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """What a new loop knows: the status of the resource."""
        status = EnvironmentStatus.parse(body.get("status"))
        return cls(status, status)

    def holds_back(self, status: EnvironmentStatus, now: float) -> bool:
        """Whether that status is not written yet: it says nothing new, or mere progress too soon."""
        if status == self.written:
            return True
        return calm(status) == calm(self.written) and now - self.written_at < PROGRESS_SECONDS

    def knowing(self, status: EnvironmentStatus) -> "Memory":
        """With a status that is not written; in memory once, where it is the written one."""
        return replace(self, status=self.written if status == self.written else status)

    def having_written(self, status: EnvironmentStatus, now: float) -> "Memory":
        """With a status that was written."""
        return replace(self, status=status, written=status, written_at=now)
