"""What the loop of one environment knows from one turn to the next.

Data only: replaced, never changed. Must never hold the resource itself: a newer one may come at any moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from tradai_operator.model import EnvironmentStatus
from tradai_operator.reconcile.bodies import Stored, stored
from tradai_operator.status.compose import calm

#: How often mere progress is written, and a run that was asked to stop is asked again.
PROGRESS_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Memory:
    """`status` is what is known now; `written` is what was written of it at `written_at`.

    `stored` is what the API server has by all that is known, and `overwritten` says that it is not what was written.
    `watches` names the Secrets that the spec refers to. `follows`: whether the last turn has looked at its runs, so
    that the end of one is news. `failures` counts turns that failed in a row, `trouble` is what was told of the last
    one, `stopping_since` when the runs of a resource that was given up were asked to stop first. Times are seconds
    since the epoch.
    """

    status: EnvironmentStatus
    written: EnvironmentStatus
    written_at: float = 0.0
    stored: Stored = field(default_factory=Stored)
    overwritten: bool = False
    watches: frozenset[str] = frozenset()
    follows: bool = False
    failures: int = 0
    trouble: str = ""
    stopping_since: float | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """What a new loop knows: the status of the resource."""
        status = EnvironmentStatus.parse(body.get("status"))
        return cls(status, status, stored=stored(body))

    def shown(self, found: Stored) -> "Memory":
        """With what a watch shows, never while a write is under way; what it shows late says nothing.

        A status that is not the one that was written, in a later version, is somebody else's: a person's, or that of
        an earlier leader whose write was long under way.
        """
        if found.version <= self.stored.version:
            return self
        return replace(self, stored=found, overwritten=self.overwritten or found.status != self.stored.status)

    def holds_back(self, status: EnvironmentStatus, now: float) -> bool:
        """Whether that status is not written yet: it says nothing new, or mere progress too soon.

        What somebody has written over it is put back, but not at once again and again.
        """
        if self.overwritten:
            return now - self.written_at < PROGRESS_SECONDS
        if status == self.written:
            return True
        return calm(status) == calm(self.written) and now - self.written_at < PROGRESS_SECONDS

    def knowing(self, status: EnvironmentStatus) -> "Memory":
        """With a status that is not written; in memory once, where it is the written one."""
        return replace(self, status=self.written if status == self.written else status)

    @property
    def put_back_at(self) -> float | None:
        """When what somebody has written over the status is due to be put back, None where nobody has."""
        return self.written_at + PROGRESS_SECONDS if self.overwritten else None

    def having_written(self, status: EnvironmentStatus, now: float, found: Stored) -> "Memory":
        """With a status that was written, and what the API server has since."""
        return replace(self, status=status, written=status, written_at=now, stored=found, overwritten=False)
