"""Runs as processes of this host: started in a session of their own, so that they outlive the operator.

A run is known by its directory; whoever opens the directory again can observe, adopt or cancel it. Must never hand a
secret over by argument or environment: values go into files that only this user can read and that go with the run. Must
never start a process on the event loop: on a busy machine that takes seconds, and a Lease is renewed meanwhile.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING

from tradai_operator.adapters.runs.ahead import WAITS, Ahead, Waiting, Waits
from tradai_operator.adapters.runs.private import checked, hidden_below, private_folder, sweep
from tradai_operator.ports import Observation
from tradai_operator.status.outcomes import not_started
from tradai_runner.ahead import Given
from tradai_runner.contract import RunRequest
from tradai_runner.journal.local import ProcessMark, RunJournal, is_alive
from tradai_runner.lock.registry import place
from tradai_runner.process.alive import process_start
from tradai_runner.process.tracing import Tracing
from tradai_runner.process.writes import point

if TYPE_CHECKING:
    from tradai_operator.adapters.runs.away import Away

_POLL_SECONDS = 0.1
#: A run that left no mark yet may be just starting; after this it is lost.
_START_GRACE_SECONDS = 15.0
#: How long a cancelled run may take to save its state before it is told again, and before it is killed.
_INSIST_SECONDS = 60.0
_KILL_SECONDS = 180.0
_KEPT_RUNS = 5
#: Runs that are started or cleared away at once.
_HANDS = 4
_NEVER = "the operator that was to start the run lost its leadership, or ended, before it could"
#: How this process has its memory, which idles; a run works and ends.
_OWN = frozenset({"PYTHONMALLOC", "MALLOC_ARENA_MAX"})


class LocalExecutor:
    """Runner processes below `root`, one directory a run."""

    name = "local"

    def __init__(
        self,
        root: Path,
        environment: Mapping[str, str] | None = None,
        tracing: Tracing | None = None,
        away: "Away | None" = None,
        waits: Waits = WAITS,
    ) -> None:
        self._root = root
        self._away = away
        self._tracing = tracing or Tracing()
        self._place = place()
        given = os.environ if environment is None else environment
        self._environment = {name: value for name, value in given.items() if name not in _OWN}
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._reapers: set[asyncio.Task[int]] = set()
        self._hands = ThreadPoolExecutor(_HANDS, thread_name_prefix="runs")
        self._ahead = Ahead(self._environment, self._hands.submit, waits)
        sweep(self._hidden, root)

    def handle(self, environment_uid: str, request: RunRequest) -> str:
        """`uid/layer/run@place`: the run's directory below the root, and where its process lives.

        After another `@`, what a process elsewhere needs to prove that it is over (see `away`).
        """
        trail = self._away.trail(request) if self._away else ""
        return f"{environment_uid}/{request.layer}/{request.run_id}@{self._place}" + (f"@{trail}" if trail else "")

    async def start(self, handle: str, request: RunRequest, passphrase: str, secrets: Mapping[str, str]) -> None:
        """Writes the intent, then starts the runner; raises OSError."""
        await self._aside(lambda: self._begin(handle, request, passphrase, secrets))
        self._ahead.expect(request)

    def _begin(self, handle: str, request: RunRequest, passphrase: str, secrets: Mapping[str, str]) -> None:
        journal = self._journal(handle)
        hidden = self._secrets_directory(handle)
        private_folder(hidden.parent.parent)
        private_folder(hidden.parent)
        private_folder(hidden)
        sealed = request.model_copy(
            update={
                "passphrase_file": _hide(hidden / "passphrase", passphrase),
                "secret_files": {name: _hide(hidden / name, value) for name, value in secrets.items()},
            }
        )
        journal.open(sealed)
        self._spawn(handle, journal)

    def _spawn(self, handle: str, journal: RunJournal) -> None:
        with point("run.output"):
            output = (journal.path / "process.out").open("wb")
        variables = self._tracing.carrier() | {"TMPDIR": str(private_folder(journal.path / "tmp"))}
        with output:
            if (waiting := self._ahead.take()) and self._given(waiting, journal, output.name, variables):
                self._children[handle] = waiting.process
                return
            child = subprocess.Popen(
                [sys.executable, "-m", "tradai_runner", str(journal.path)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env=self._environment | variables,
            )
        _mark(journal, child)
        self._children[handle] = child

    @staticmethod
    def _given(waiting: Waiting, journal: RunJournal, output: str, variables: Mapping[str, str]) -> bool:
        with contextlib.closing(waiting.pipe):
            _mark(journal, waiting.process)  # before it is given the run: until then it ends with the operator
            return waiting.give(Given(str(journal.path), output, variables))

    async def observe(self, handle: str) -> Observation:
        """Result if there is one, else progress, else whether the process is gone."""
        journal = self._journal(handle)
        alive = self._alive(handle, journal)
        if result := journal.result():
            return Observation(result=result, progress=journal.progress())
        if not self._is_here(handle) and self._away:
            return await self._away.observe(handle.split("@", 2)[2] if handle.count("@") > 1 else "")
        if not alive and _place(handle) == self._place and not journal.path.exists():
            return Observation(lost=True, why=not_started(_NEVER))
        return Observation(progress=journal.progress(), lost=not alive)

    async def cancel(self, handle: str) -> None:
        """SIGTERM to the runner, which tells the engine; later again, at last SIGKILL to the whole session."""
        journal = self._journal(handle)
        mark = journal.process()
        if mark is None or not self._is_here(handle) or not is_alive(mark):
            return
        asked = journal.path / "cancelled"
        since = time.time() - asked.stat().st_mtime if asked.exists() else None
        with contextlib.suppress(ProcessLookupError):
            if since is None:
                with point("run.cancelled"):
                    asked.touch()
                os.kill(mark.pid, signal.SIGTERM)
            elif since > _KILL_SECONDS:
                os.killpg(mark.pid, signal.SIGKILL)
            elif since > _INSIST_SECONDS:
                os.kill(mark.pid, signal.SIGTERM)

    async def finish(self, handle: str) -> None:
        """Removes the run's secrets, what it left half-written, and all but the newest journals of its layer.

        Its process is collected.
        """
        if child := self._children.pop(handle, None):
            reaper = asyncio.create_task(asyncio.to_thread(child.wait))
            self._reapers.add(reaper)
            reaper.add_done_callback(self._reapers.discard)
        await self._aside(lambda: self._sweep(handle))

    async def _aside(self, call: Callable[[], None]) -> None:
        """In a thread of our own: those of the process may all wait for a bucket that does not answer."""
        await asyncio.get_running_loop().run_in_executor(self._hands, copy_context().run, call)

    def _sweep(self, handle: str) -> None:
        sweep(self._hidden, self._root)
        with point("run.swept"):
            shutil.rmtree(self._secrets_directory(handle), ignore_errors=True)
            shutil.rmtree(self._journal(handle).path / "tmp", ignore_errors=True)
            if not self._journal(handle).path.exists():
                return
            siblings = sorted(self._journal(handle).path.parent.iterdir())
            for old in siblings[:-_KEPT_RUNS]:
                shutil.rmtree(old, ignore_errors=True)

    async def changed(self, handles: Collection[str]) -> None:
        """Returns when a result appears or a process is gone; who is away is looked at again a little later."""
        journals = {handle: self._journal(handle) for handle in handles if self._is_here(handle)}
        away = [handle for handle in handles if handle not in journals]
        while not any(
            (journal.path / "result.json").exists() or not self._alive(handle, journal)
            for handle, journal in journals.items()
        ):
            for handle in away:
                seen = await self.observe(handle)
                if seen.lost or seen.result:
                    return
            await asyncio.sleep(_POLL_SECONDS)

    def _alive(self, handle: str, journal: RunJournal) -> bool:
        child = self._children.get(handle)
        if child is not None and child.poll() is not None:
            del self._children[handle]
        mark = journal.process()
        if not self._is_here(handle):
            return False  # nobody here can tell: the lock that it holds, if it lives, keeps the next run waiting
        if mark is not None:
            return is_alive(mark)
        request = journal.path / "request.json"
        return request.exists() and time.time() - request.stat().st_mtime < _START_GRACE_SECONDS

    def _is_here(self, handle: str) -> bool:
        """Whether pids of the run's host mean the same here."""
        return _place(handle) in {"", self._place}

    def _journal(self, handle: str) -> RunJournal:
        return RunJournal(self._root / _path(handle))

    def _secrets_directory(self, handle: str) -> Path:
        return self._hidden / _path(handle).replace("/", "_")

    @property
    def _hidden(self) -> Path:
        memory = Path("/dev/shm")  # noqa: S108 - memory, so that no secret ever reaches a disk
        base = memory if memory.is_dir() else self._root / ".secrets"
        return hidden_below(base, self._root)


def _mark(journal: RunJournal, child: "subprocess.Popen[bytes]") -> None:
    try:
        journal.mark(ProcessMark(pid=child.pid, started=process_start(child.pid) or 0))
    except OSError:
        child.kill()  # a start that is told as refused leaves nothing that runs
        child.wait()
        raise


def _path(handle: str) -> str:
    """The run's directory, whose name does not say where its process lives."""
    return checked(handle.partition("@")[0])


def _place(handle: str) -> str:
    """Where its process lives, '' in a handle of long ago."""
    return [*handle.split("@", 2), ""][1]


def _hide(path: Path, value: str) -> str:
    with point("run.secrets"):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(value)
    return str(path)
