"""The border of update-status: the workflows' words in, workflow-state out.

Called twice, it says so and changes nothing. Must never overwrite a final status.
"""

from dataclasses import dataclass

from shared.entry import Entry, RefusedError
from shared.jobs import Jobs, Moved, Status
from update_status.logic import UpdateStatus, changes
from update_status.settings import UpdateStatusSettings


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    jobs: Jobs

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        return cls(Jobs(UpdateStatusSettings.read().workflow_state))


ENTRY = Entry("update-status", UpdateStatus, Ground.make)


@ENTRY
def handle(ground: Ground, event: UpdateStatus) -> dict[str, str]:
    """`{"run_id", "status", "result"}`; raises RefusedError for a job that nobody has recorded."""
    run_id = event.request.run_id
    moved = ground.jobs.move(run_id, Status(event.status), **changes(event))
    ENTRY.logger.info("status", run_id=run_id, status=event.status, result=moved.value)
    if moved is Moved.ABSENT:
        raise RefusedError(f"workflow-state has no job {run_id}: record it before its workflow is started")
    return {"run_id": run_id, "status": event.status, "result": moved.value}
