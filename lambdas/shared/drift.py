"""drift-state: one item a model, which says how far it has moved from its reference, and what people were told of it.

Must never say `none` of what could not be judged, nor overwrite what another call has written meanwhile.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from boto3.dynamodb.conditions import Attr

from shared import clock
from shared.base import Frozen
from shared.tables import Table, expires

#: What was seen longer ago says nothing of today: as long as the live window.
FRESH: Final = timedelta(days=14)
#: How long an item stays after the last look at its model.
KEPT: Final = timedelta(days=90)
#: What the ids of runs begin with that drift asks for, and no person.
ASKED_BY_DRIFT: Final = "drift-"


class Verdict(StrEnum):
    """How far something has moved; `unknown` could not be judged."""

    NONE = "none"
    MODERATE = "moderate"
    SIGNIFICANT = "significant"
    UNKNOWN = "unknown"


class ColumnDrift(Frozen):
    """One feature or prediction; a number that could not be had is None, and `why` says so."""

    column: str
    verdict: Verdict
    psi: float | None = None
    ks: float | None = None
    p_value: float | None = None
    why: str = ""


class Finding(Frozen):
    """What one look at one version of a model came to; `columns` are the first few, the worst first."""

    model_version: str
    verdict: Verdict
    why: tuple[str, ...] = ()
    reference_rows: int = 0
    live_rows: int = 0
    live_from: str = ""
    live_to: str = ""
    totals: dict[Verdict, int] = {}
    columns: tuple[ColumnDrift, ...] = ()


class Drift(Frozen):
    """One item: the last finding, since when its verdict holds, and which verdict people were told last.

    `told` begins as none with each version. `revision` counts the writes, by which one of two writers at once wins.
    """

    model_name: str
    finding: Finding
    checked_at: str
    since: str
    told: Verdict | None = None
    revision: int = 0

    @property
    def owed(self) -> bool:
        """Whether people have yet to be told: nobody waits for the news that a new model is quiet."""
        quiet = self.told is None and self.finding.verdict in (Verdict.NONE, Verdict.UNKNOWN)
        return self.finding.verdict is not self.told and not quiet

    def verdict_at(self, at: datetime) -> Verdict:
        """The verdict as far as it still says something."""
        return self.finding.verdict if clock.parsed(self.checked_at) + FRESH > at else Verdict.UNKNOWN


def after(before: Drift | None, model_name: str, finding: Finding, at: str) -> Drift:
    """The item after one look."""
    same = before if before and before.finding.model_version == finding.model_version else None
    held = same.since if same and same.finding.verdict is finding.verdict else at
    now = Drift(
        model_name=model_name,
        finding=finding,
        checked_at=at,
        since=held,
        told=same.told if same else None,
        revision=before.revision if before else 0,
    )
    return now if now.owed else now.model_copy(update={"told": finding.verdict})


class Drifts:
    """The table drift-state."""

    def __init__(self, table: str, now: clock.Clock = clock.now) -> None:
        self.table = Table("drift-state", table)
        self._now = now

    def get(self, model_name: str) -> Drift | None:
        """What is known of a model."""
        found = self.table.get(model_name)
        return Drift.model_validate(found) if found else None

    def save(self, drift: Drift) -> Drift | None:
        """Write an item over the one that it was made of; None, and nothing written, where that one has changed."""
        saved = drift.model_copy(update={"revision": drift.revision + 1})
        item = {**saved.model_dump(mode="json"), **expires("drift-state", self._now(), KEPT)}
        expected = Attr("revision").eq(drift.revision) if drift.revision else Attr("revision").not_exists()
        return saved if self.table.put(item, expected) else None
