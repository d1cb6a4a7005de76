"""The Lease that says which operator leads: when a candidate may take it, and what it then writes.

Pure. A record counts as alive as long as it keeps changing, measured by the reader's own steady clock: the clocks of
two hosts are never compared. Must never let two lead at once: a leader gives up well before its Lease may be taken.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol


@dataclass(frozen=True)
class Timing:
    """Seconds: a Lease may be taken `expiry` after its last change; its leader stops `deadline` after its last renewal.

    `renew` is between renewals, `look` between the looks of who stands by, `retry` after what failed; no `request`
    takes longer than that. Giving up takes `stop` at most, and whoever could not begin leaves it to others for `back`.
    """

    expiry: float = 10.0
    deadline: float = 7.0
    renew: float = 3.0
    look: float = 1.0
    retry: float = 0.5
    request: float = 2.0
    stop: float = 10.0
    back: float = 10.0


@dataclass(frozen=True)
class LeaseRecord:
    """What the Lease says. `term` grows with every taking; `version` is Kubernetes' own, to write on top of just this.

    `holder` is empty once it was released; `expiry` is what its holder promised, in seconds.
    """

    holder: str
    term: int
    expiry: float
    version: str = ""


class LeasePort(Protocol):
    """The Lease in Kubernetes. Every method raises ClusterError, and answers or fails within `Timing.request`."""

    async def read(self) -> LeaseRecord | None:
        """What it says now; None where there is none."""

    async def write(self, record: LeaseRecord, *, taken: bool) -> LeaseRecord:
        """Writes it on top of `record.version` (none: creates it); `taken` notes when. Raises ConflictError."""

    def is_dead(self, holder: str) -> bool:
        """Whether it is proven that this holder lives no more: it was a process of this very host."""


_MINUTE: Final = 60.0


def next_term(before: int, now: float) -> int:
    """The term of a new taking, `now` in seconds since the epoch.

    Above all earlier ones, also where somebody removed the Lease or restored an older one: never below the minutes
    since 1970.
    """
    return max(before + 1, int(now // _MINUTE))


class Candidate:
    """One operator's view of the Lease while another may hold it."""

    def __init__(self, identity: str, timing: Timing, is_dead: Callable[[str], bool]) -> None:
        self._identity = identity
        self._timing = timing
        self._is_dead = is_dead
        self._seen: LeaseRecord | None = None
        self._seen_at = 0.0

    def may_take_in(self, record: LeaseRecord | None, steady: float) -> float:
        """Seconds until the Lease may be taken if it stays as it is; `steady` is when it was asked for."""
        if record is None or record.holder in {"", self._identity} or self._is_dead(record.holder):
            return 0.0
        if self._seen is None or record.version != self._seen.version:
            self._seen, self._seen_at = record, steady
        # what another promised counts, where it has other settings than we
        return max(0.0, self._seen_at + max(record.expiry, self._timing.expiry) - steady)

    def taking(self, record: LeaseRecord | None, now: float) -> LeaseRecord:
        """What to write to take it."""
        before = record or LeaseRecord("", 0, 0.0)
        return replace(before, holder=self._identity, term=next_term(before.term, now), expiry=self._timing.expiry)


def released(record: LeaseRecord) -> LeaseRecord:
    """What a leader leaves behind that stops on purpose: anybody may take it at once."""
    return replace(record, holder="")
