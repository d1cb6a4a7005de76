"""Tasks of ECS as processes: PROVISIONING, PENDING, RUNNING, STOPPED, with the reasons that ECS gives.

Must never hold the request that starts or stops one, nor let one go on that nobody can see.
"""

import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from moto.core.utils import utcnow
from moto.ecs.models import ecs_backends

from tradai_sandbox.workloads import task_starts
from tradai_sandbox.workloads.child import Child
from tradai_sandbox.workloads.identity import SESSIONS, NoRoleError, Session
from tradai_sandbox.workloads.recipes import NoWorldError
from tradai_sandbox.workloads.running import BOUNDS, CLOSING, TOLD
from tradai_sandbox.workloads.task_starts import Container, SecretError
from tradai_sandbox.workloads.words import Refused

_EXITED: Final = "Essential container in task exited"
_NO_MEMORY: Final = "OutOfMemoryError: Container killed due to memory usage"
_NO_CAPACITY: Final = (
    "Capacity is unavailable at this time. Please try again later or in a different availability zone."
)
_KILLED: Final = 137


class _Run:
    """One task that runs here."""

    def __init__(self, task: Any, over: Callable[[], None]) -> None:
        self.task, self._over = task, over
        self._asked, self._ended = threading.Event(), threading.Event()
        self._status = 0
        self._child: Child | None = None

    def stop(self) -> None:
        """Asks it to end; the run's own thread does it."""
        self._asked.set()

    def kill(self) -> None:
        """Ends it now."""
        if self._child:
            self._child.kill()

    def run(self, definition: Any) -> None:
        """From its begin to its end; whatever goes wrong is its reason."""
        scratch = Path(tempfile.mkdtemp(prefix="tradai-task-"))
        session: Session | None = None
        try:
            made = task_starts.container(self.task, definition)
            if role := definition.task_role_arn:
                session = SESSIONS.begin(role, self.task.id, self.task.region_name)
            identity = session.variables if session else {}
            environment = {**task_starts.environment(self.task, made, scratch), **identity}
            self._child = child = self._start(made, environment, scratch)
            self._await(made, child)
        except (NoWorldError, NoRoleError, SecretError, OSError) as error:
            self._over()
            stopped(self.task, "TaskFailedToStart", f"{_failure(error)}: {error}", None)
        finally:
            if session:
                SESSIONS.end(session)
            shutil.rmtree(scratch, ignore_errors=True)

    def _start(self, made: Container, environment: dict[str, str], scratch: Path) -> Child:
        self.task.last_status = "PENDING"
        folder = made.image.place(made.image.recipe.folder)
        cwd = folder if folder.is_dir() else scratch
        child = Child(made.command, environment, cwd, made.log.write, self._exited)
        self.task.started_at = utcnow()
        self.task.containers[0].last_status = self.task.last_status = "RUNNING"
        return child

    def _exited(self, status: int) -> None:
        self._status = status
        self._ended.set()

    def _await(self, made: Container, child: Child) -> None:
        why = ""
        while not self._ended.wait(BOUNDS.look_s):
            if child.resident_mib() > made.memory_mib:
                why = _NO_MEMORY
                child.kill()
            if self._asked.is_set():
                child.ask()
                if not self._ended.wait(made.stop_s):
                    child.kill()
                    self._ended.wait()
        self._over()
        code = _KILLED if why else (128 - self._status if self._status < 0 else self._status)
        by_user = self._asked.is_set()
        self.task.containers[0].reason = why or None
        stopped(self.task, "UserInitiated" if by_user else "EssentialContainerExited", _EXITED, code)


def stopped(task: Any, stop_code: str, reason: str, exit_code: int | None) -> None:
    """The task is over; who has asked for it has said why."""
    task.stopped_reason = task.stopped_reason or reason
    task.stop_code = stop_code
    task.stopping_at = task.stopped_at = utcnow()
    task.desired_status = "STOPPED"
    for container in task.containers:
        vars(container).pop("exitCode", None)
        container.exit_code, container.last_status = exit_code, "STOPPED"
    task.last_status = "STOPPED"


def _failure(error: Exception) -> str:
    return "ResourceInitializationError" if isinstance(error, SecretError | NoRoleError) else "CannotPullContainerError"


class Tasks:
    """The tasks of one endpoint that run as processes, and those that shall not."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}
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
        run = _Run(task, lambda: self._drop(task))
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
