"""The life of one job in workflow-state: which status may follow which, and the write that holds it.

A job is run once, so that its `run_id`, the table's key, is its job id. Must never let a final status be overwritten:
whoever comes late, or twice, finds it and leaves it.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from boto3.dynamodb.conditions import Attr, ConditionBase

from shared import clock
from shared.base import Frozen
from shared.tables import Table, expires

#: How long a job stays readable after its last change.
KEPT: Final = timedelta(days=90)


class Status(StrEnum):
    """What becomes of a job.

    `queued`: recorded, nobody has it yet; `launching`: a consumer has it; `running`: its task is up.
    """

    QUEUED = "queued"
    LAUNCHING = "launching"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"


FINAL: Final = frozenset({Status.COMPLETED, Status.FAILED, Status.TIMED_OUT, Status.CANCELLED})
#: Status → those that it may follow.
AFTER: Final[Mapping[Status, frozenset[Status]]] = {
    Status.QUEUED: frozenset(),
    Status.LAUNCHING: frozenset({Status.QUEUED}),
    Status.RUNNING: frozenset({Status.QUEUED, Status.LAUNCHING}),
    **{final: frozenset({Status.QUEUED, Status.LAUNCHING, Status.RUNNING}) for final in FINAL},
}


class Moved(StrEnum):
    """What a change of status came to."""

    DONE = "done"
    ALREADY = "already"  # it has that status: the same word twice
    LATE = "late"  # it has gone further, or is over
    ABSENT = "absent"


class Job(Frozen):
    """One item of workflow-state (002 §3.2), as far as functions read it; others' attributes are left aside."""

    run_id: str
    job_id: str
    trace_id: str
    status: Status
    created_at: str
    updated_at: str
    request: Mapping[str, Any] = {}
    execution_arn: str | None = None
    task_arn: str | None = None
    detail: Mapping[str, Any] = {}
    subject: str | None = None
    #: How many starts AWS has refused for good, and which of them it has been asked for without an answer.
    launches: int = 0
    asked: int | None = None
    error: Mapping[str, str] = {}


def outcome(found: Status | None, wanted: Status) -> Moved:
    """Why a change from what was found could not be made, or that it need not be."""
    if found is None:
        return Moved.ABSENT
    if found is wanted:
        return Moved.ALREADY
    return Moved.DONE if found in AFTER[wanted] else Moved.LATE


class Jobs:
    """The table workflow-state."""

    def __init__(self, table: str, now: clock.Clock = clock.now) -> None:
        self.table = Table("workflow-state", table)
        self._now = now

    def get(self, run_id: str) -> Job | None:
        """The job as it is now."""
        found = self.table.get(run_id)
        return Job.model_validate(found) if found else None

    def create(self, job: Job, **more: Any) -> bool:
        """Record a new job, with what else is to be known of it; False where it is there, and stays as it is."""
        return self.table.create(self._item({**job.model_dump(exclude_none=True), **more}))

    def move(self, run_id: str, to: Status, **changes: Any) -> Moved:
        """Give a job a status and what else is to be known with it, where it may have that status now.

        The first word wins: of two writers at once, one gets LATE or ALREADY, and what it brought is not written.
        """
        expected = Attr("status").is_in(sorted(AFTER[to]))
        if AFTER[to] and self.table.update((run_id,), self._item({"status": to, **changes}), expected):
            return Moved.DONE
        found = self.get(run_id)
        why = outcome(found.status if found else None, to)
        # Between the refused write and the look it may have become what it could follow: ask once more.
        return self.move(run_id, to, **changes) if why is Moved.DONE else why

    def note(self, run_id: str, expected: ConditionBase, **changes: Any) -> bool:
        """Write down more of a job without giving it a status, where it is as expected."""
        return self.table.update((run_id,), self._item(changes), expected)

    def listed(self, status: Status) -> Iterator[dict[str, Any]]:
        """The items of all jobs that have a status, oldest first, as the index has them: some moments late."""
        return self.table.query("status-created_at-index", status.value)

    def end(self, job: Job, to: Status, **changes: Any) -> bool:
        """Give a job its final status where it still is what it was when it was read; False where it has changed."""
        unchanged = Attr("status").eq(job.status.value) & Attr("updated_at").eq(job.updated_at)
        return self.table.update((job.run_id,), self._item({"status": to, **changes}), unchanged)

    def _item(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        at = self._now()
        return {**changes, "updated_at": clock.text(at), **expires("workflow-state", at, KEPT)}
