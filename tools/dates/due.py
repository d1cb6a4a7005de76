"""A fact with a date, and which of them are due.

Pure. Must never ask for the day by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


class DueWarning(UserWarning):
    """A fact with a date is due: `just check-dates` fails for it."""


@dataclass(frozen=True)
class Dated:
    """Something that the tree relies on and that holds `until` a day.

    It is due `lead` days before that, so that there is time left; `source` says where the day is from, and `then` what
    is to be done.
    """

    what: str
    until: date
    source: str
    then: str
    lead: int = 90

    @property
    def due(self) -> date:
        """From when somebody has to do something."""
        return self.until - timedelta(days=self.lead)

    def __str__(self) -> str:
        return f"{self.what} holds until {self.until} ({self.source}): {self.then}"


def due(rows: Iterable[Dated], today: date) -> list[Dated]:
    """Those that somebody has to do something about by now, the soonest first."""
    return sorted((row for row in rows if row.due <= today), key=lambda row: row.until)
