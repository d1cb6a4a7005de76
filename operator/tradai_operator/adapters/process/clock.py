"""The real clock. Must never be used inside a decision: those are given the time."""

import secrets
import time
from datetime import UTC, datetime


class SystemClock:
    """Wall time, and run ids that sort by it: `20260328T101500-3f9a`."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def steady(self) -> float:
        """Seconds since the host's boot, its sleep included."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def run_id(self) -> str:
        """A new run id."""
        return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
