"""Which tasks of a cluster a failed run has left. Must never call AWS, nor pick a task that names another job."""

from collections.abc import Iterable
from typing import Final

from pydantic import Field

from shared.base import Frozen
from shared.tasks import Task

REASON: Final = "its run has failed or took too long: cleanup-resources"


class Whose(Frozen):
    """The request of the execution, as far as it says whose tasks are meant."""

    job_id: str = Field(min_length=1)


class CleanupResources(Frozen):
    """The event."""

    request: Whose
    execution_arn: str
    cluster_arn: str = Field(min_length=1)


def left(tasks: Iterable[Task], job_id: str) -> list[str]:
    """The ARNs of the job's tasks, of whatever revision and whoever started them."""
    return [task.arn for task in tasks if task.is_of(job_id)]
