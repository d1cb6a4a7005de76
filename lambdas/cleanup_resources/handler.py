"""The border of cleanup-resources: an execution's job in, its tasks stopped.

Called twice, it finds nothing more to stop. Must never answer where it does not know what runs: then it raises, and the
workflow asks again.
"""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cleanup_resources.logic import REASON, CleanupResources, left
from cleanup_resources.settings import CleanupResourcesSettings
from shared.entry import Entry, RefusedError
from shared.tasks import Tasks


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    tasks: Tasks

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        return cls(Tasks(CleanupResourcesSettings.read().cluster))


ENTRY = Entry("cleanup-resources", CleanupResources, Ground.make)


class NotStoppedError(Exception):
    """Tasks of the run that may still run, after all others were stopped."""


@ENTRY
def handle(ground: Ground, event: CleanupResources) -> dict[str, Any]:
    """`{"job_id", "stopped", "gone"}`, both lists of ARNs; raises NotStoppedError, and what listing raises."""
    job, tasks = event.request.job_id, ground.tasks
    if event.cluster_arn != tasks.cluster:
        raise RefusedError(f"cluster_arn: only tasks of {tasks.cluster} are stopped here")
    stopped: list[str] = []
    gone: list[str] = []
    failed: dict[str, str] = {}
    for arn in left(tasks.listed(), job):
        try:
            (stopped if tasks.stop(arn, REASON) else gone).append(arn)
        except (BotoCoreError, ClientError) as error:
            failed[arn] = str(error)
    ENTRY.logger.info("tasks of the run", job_id=job, stopped=stopped, gone=gone, failed=failed)
    if failed:
        raise NotStoppedError(f"{len(failed)} tasks of job {job} could not be stopped: {failed}")
    return {"job_id": job, "stopped": stopped, "gone": gone}
