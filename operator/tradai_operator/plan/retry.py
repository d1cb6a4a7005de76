"""What each kind of failure deserves: a wait that grows, or a stop until somebody changes something.

Adding a kind is adding a row. Pure. Must never loop hot: the shortest wait is seconds, and every row has a cap.
"""

from dataclasses import dataclass
from typing import Final

from tradai_iac.runner.contract import FailureClass


@dataclass(frozen=True)
class Retry:
    """Wait `first` seconds, then `factor` times as long each time, never over `cap`, at most `limit` attempts."""

    first: float
    cap: float
    factor: float = 2.0
    limit: int = 1_000_000

    def wait(self, attempts: int) -> float | None:
        """Seconds to wait after that many failed attempts in a row; None where no further one is due."""
        if attempts >= self.limit:
            return None
        return float(min(self.cap, self.first * self.factor ** min(max(0, attempts - 1), 32)))


#: None: trying the same again cannot help; only a change or `tradai retry` does.
RETRIES: Final[dict[FailureClass, Retry | None]] = {
    "Throttled": Retry(15, 600),
    "Network": Retry(5, 300),
    "Backend": Retry(15, 300),
    "Lock": Retry(15, 120),
    "Lost": Retry(2, 60),
    "Credentials": Retry(60, 900),
    "Quota": Retry(300, 3600),
    "Conflict": Retry(60, 900, limit=5),
    "Provider": Retry(20, 600, limit=5),
    "Program": None,
    "Config": None,
    "Passphrase": None,
    "Cancelled": None,
    "Immutable": None,
    "Plan": Retry(1, 300, factor=4.0, limit=8),
    "Unfinished": Retry(15, 120),
    "Unresolved": None,
    "Owner": None,
    "Unconfirmed": None,
}


def wait_after(kind: FailureClass, attempts: int) -> float | None:
    """Seconds until the next attempt is due, or None where none is."""
    retry = RETRIES[kind]
    return retry.wait(attempts) if retry else None
