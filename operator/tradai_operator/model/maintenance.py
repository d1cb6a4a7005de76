"""`spec.maintenance`: when a standing environment may be changed, and whether that is now.

Must never read a clock.
"""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from tradai_iac.base import Manifest
from tradai_operator.model.cron import Cron, next_after
from tradai_operator.model.durations import Duration, parse_duration
from tradai_operator.model.zones import TimeZone

LONGEST: Final = timedelta(days=7)
#: How long the windows are overridden by one word of an approver.
OVERRIDE: Final = timedelta(hours=4)


def _bounded(text: str) -> str:
    if parse_duration(text) > LONGEST:
        raise ValueError(f"a window is open for at most {LONGEST.days} days; shorten it, or write several windows")
    return text


class Window(Manifest):
    """One recurring stretch of time."""

    schedule: Cron = Field(description="When it opens, as cron writes it: `0 22 * * SAT` is Saturdays at 22:00.")
    duration: Annotated[Duration, AfterValidator(_bounded)] = Field(
        description="How long it stays open, like 4h; at most 7d."
    )
    timezone: TimeZone = Field(
        default="UTC", description="The time zone of the schedule, like Europe/Berlin; UTC where none is said."
    )

    def opens(self, now: float) -> float | None:
        """When it opens next, seconds since the epoch; None where it is open."""
        start = next_after(self.schedule, now - parse_duration(self.duration).total_seconds(), self.timezone)
        return start if start > now else None


class Maintenance(Manifest):
    """When changes may begin."""

    windows: tuple[Window, ...] = Field(
        min_length=1,
        max_length=8,
        description="Changes of an environment that has been Ready once begin only while one of these is open. The "
        "first creation, a deletion and looking for drift wait for none.",
    )

    def opens(self, now: float) -> float | None:
        """When the first of them opens, seconds since the epoch; None where one is open."""
        each = [window.opens(now) for window in self.windows]
        shut = [at for at in each if at is not None]
        return min(shut) if len(shut) == len(each) else None
