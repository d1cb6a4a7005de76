"""Tasks of ECS as processes: those whose images are known run, those that a test wants refused do not.

Must never hold the request that starts or stops one, nor let one go on that nobody can see.
"""

import threading
from typing import Any, Final

from moto.ecs.models import ecs_backends

from tradai_sandbox.workloads import task_starts
from tradai_sandbox.workloads.running import BOUNDS, CLOSING, TOLD
from tradai_sandbox.workloads.task_runs import Run, stopped
from tradai_sandbox.workloads.words import Refused

_NO_CAPACITY: Final = (
    "Capacity is unavailable at this time. Please try again later or in a different availability zone."
)


class Tasks:
    """The tasks of one endpoint that run as processes, and those that shall not."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._planned: dict[str, Refused] = {}
        self._turn = threading.Lock()
        CLOSING.append(self.close)

    def refused(self, definition: Any) -> str | None:
        """Why RunTask finds no place for a task of the definition; None where it does."""
        how = self._next(definition.family)
        with self._turn:
            if how and how != "capacity":
                self._planned[definition.arn] = how
            known = task_starts.image_of(definition) is not None
            full = known and len(self._runs) >= BOUNDS.tasks
        return _NO_CAPACITY if how == "capacity" or full else None

    def takes(self, task: Any) -> bool:
        """Whether what the task is, is ours to say."""
        arn = task.task_definition_arn
        return arn in self._planned or task_starts.image_of(_definition(task)) is not None

    def begin(self, task: Any) -> None:
        """Run a task that is ours, or let become of it what was asked for."""
        with self._turn:
            how = self._planned.pop(task.task_definition_arn, None)
        if how == "pull":
            stopped(task, "TaskFailedToStart", "CannotPullContainerError: asked for by whoever tests it", None)
        if how or not getattr(task, "told", False):
            return
        run = Run(task, lambda: self._drop(task))
        vars(task.containers[0]).pop("exitCode", None)
        with self._turn:
            self._runs[task.task_arn] = run
        name = f"task-{task.id}"
        threading.Thread(target=run.run, args=(_definition(task),), name=name, daemon=True).start()

    def stop(self, task: Any) -> None:
        """Somebody wants it to end; what never ran ends at once."""
        with self._turn:
            run = self._runs.get(task.task_arn)
        if run:
            run.stop()
        elif task.last_status != "STOPPED" and not _has_agent(task):
            stopped(task, "UserInitiated", "", None)

    def close(self) -> None:
        """Ends every process."""
        for run in list(self._runs.values()):
            run.kill()

    def _drop(self, task: Any) -> None:
        with self._turn:
            self._runs.pop(task.task_arn, None)

    def _next(self, family: str) -> Refused | None:
        """What was asked for the next task of the family, once less from now on."""
        with self._turn:
            every = TOLD.manners.refusals
            found = next((each for each in every if each.family == family and each.times > 0), None)
            if found is None:
                return None
            less = found.model_copy(update={"times": found.times - 1})
            left = tuple(less if each is found else each for each in every)
            TOLD.manners = TOLD.manners.model_copy(update={"refusals": left})
            return found.how


def _definition(task: Any) -> Any:
    return task._backend.describe_task_definition(task.task_definition_arn)


def _has_agent(task: Any) -> bool:
    return bool(
        getattr(ecs_backends[task._account_id][task.region_name]._get_cluster(task.cluster_name), "agent", False)
    )


TASKS: Final = Tasks()
