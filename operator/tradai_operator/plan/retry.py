"""What each kind of failure deserves: waits that grow, then a standstill with a slow tail or until somebody acts.

Adding a kind is adding a row. Pure. Must never loop hot: the shortest wait is seconds, and every row has a cap.
"""

from dataclasses import dataclass
from typing import Final

from tradai_iac.failure import FailureClass

_QUARTER: Final = 900.0
_HOUR: Final = 3600.0


@dataclass(frozen=True)
class Retry:
    """Wait `first` seconds, then `factor` times as long each time, never over `cap`.

    After `limit` failures in a row the layer stands still (Stalled); every `tail` seconds it is tried once more,
    since what was in the way may have gone. Without a tail only a change or `tradai retry` starts it again.
    """

    first: float
    cap: float
    limit: int = 1_000_000
    tail: float | None = None
    factor: float = 2.0

    def wait(self, attempts: int) -> float | None:
        """Seconds to wait after that many failed attempts in a row; None where no further one is due."""
        if self.stalled(attempts):
            return self.tail
        return float(min(self.cap, self.first * self.factor ** min(max(0, attempts - 1), 32)))

    def stalled(self, attempts: int) -> bool:
        """Whether that many failures in a row are enough to say that it does not mend itself."""
        return attempts >= self.limit


def _seldom(tail: float | None) -> Retry:
    """Somebody has to act, elsewhere than in the spec: it stands still at once."""
    return Retry(first=_HOUR, cap=_HOUR, limit=1, tail=tail)


#: Only a change of what the run is given helps, and a change is seen; trying the same again would be noise.
_UNTIL_CHANGED: Final = _seldom(None)

RETRIES: Final[dict[FailureClass, Retry]] = {
    "Throttled": Retry(15, 600, limit=12, tail=_QUARTER),
    "Network": Retry(5, 300, limit=12, tail=_QUARTER),
    "Backend": Retry(15, 300, limit=10, tail=_QUARTER),
    "Lock": Retry(15, 120, limit=20, tail=_QUARTER),
    "Lost": Retry(2, 60, limit=8, tail=_QUARTER),
    "NotStarted": Retry(5, 300, limit=10, tail=_QUARTER),
    "Credentials": Retry(60, 900, limit=5, tail=_HOUR),
    "Quota": Retry(300, 3600, limit=5, tail=_HOUR),
    "Conflict": Retry(60, 900, limit=5, tail=_HOUR),
    "Images": Retry(30, 600, limit=6, tail=_HOUR),
    "Provider": Retry(20, 600, limit=5, tail=_HOUR),
    "Program": _UNTIL_CHANGED,
    "Config": _UNTIL_CHANGED,
    "Passphrase": _UNTIL_CHANGED,
    "StateKey": _seldom(_HOUR),
    "Cancelled": _UNTIL_CHANGED,
    "Immutable": _UNTIL_CHANGED,
    "Plan": Retry(1, 300, limit=8, tail=_HOUR, factor=4.0),
    "Unfinished": Retry(15, 120, limit=20, tail=_QUARTER),
    "Unseen": Retry(15, 60, limit=20, tail=_QUARTER),
    "Unresolved": _seldom(_HOUR),
    "Owner": _seldom(_HOUR),
    "Account": _seldom(_HOUR),
    "Unconfirmed": _UNTIL_CHANGED,
    "Protected": _seldom(_HOUR),
    "StateGone": _UNTIL_CHANGED,
    "StateDamaged": _UNTIL_CHANGED,
    "Unknown": Retry(20, 600, limit=5, tail=_HOUR),
}


def wait_after(kind: FailureClass, attempts: int) -> float | None:
    """Seconds until the next attempt is due, or None where none is."""
    return RETRIES[kind].wait(attempts)


def stalled_after(kind: FailureClass, attempts: int) -> bool:
    """Whether the layer stands still by then, be there a slow next attempt or not."""
    return RETRIES[kind].stalled(attempts)
