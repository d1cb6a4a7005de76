"""One task as a process, from its begin to its end, with the reasons that ECS gives.

Must never end without saying why.
"""

import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from moto.core.utils import utcnow

from tradai_sandbox.workloads import task_starts
from tradai_sandbox.workloads.child import Child
from tradai_sandbox.workloads.identity import SESSIONS, NoRoleError, Session
from tradai_sandbox.workloads.recipes import NoWorldError
from tradai_sandbox.workloads.running import BOUNDS
from tradai_sandbox.workloads.task_starts import Container, SecretError

_EXITED: Final = "Essential container in task exited"
_NO_MEMORY: Final = "OutOfMemoryError: Container killed due to memory usage"
_KILLED: Final = 137


class Run:
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
