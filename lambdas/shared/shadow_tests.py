"""Shadow tests: champion and challenger beside each other on the same days, without money, in shadow-test-state.

Written by dry-run trading, read by compare-models. Must never count a day of a test that still runs: whoever may stop
when it looks good finds what he looks for.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from shared.base import Frozen
from shared.tables import Table

_INDEX: Final = "model_name-status_created_at-index"
COMPLETED: Final = "completed"


class Both(Frozen):
    """A figure of the champion and the same of the challenger."""

    champion: float
    challenger: float


class ShadowTest(Frozen):
    """One item. `status_created_at` is `<status>#<created_at>`; `returns` has a UTC day (`2026-11-29`) → the returns
    of that day as fractions, `trades` how many trades each closed."""

    test_id: str
    model_name: str
    status_created_at: str
    champion_version: str
    challenger_version: str
    returns: Mapping[str, Both]
    trades: Both

    @property
    def status(self) -> str:
        """`running`, `completed`, …"""
        return self.status_created_at.partition("#")[0]


class ShadowTests:
    """The table shadow-test-state."""

    def __init__(self, table: str) -> None:
        self.table = Table("shadow-test-state", table)

    def completed(self, model_name: str) -> Iterator[ShadowTest]:
        """A model's tests that are over, oldest first; raises ValidationError for one that cannot be read."""
        for item in self.table.query(_INDEX, model_name):
            if str(item["status_created_at"]).startswith(f"{COMPLETED}#"):
                yield ShadowTest.model_validate(item)
