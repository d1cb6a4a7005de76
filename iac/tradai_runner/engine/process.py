"""The engine as a process: started with the permitted variables alone, and noted before it can lock a stack.

Every call of the Automation API ends here, the question for the version too. Must never start an engine otherwise.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from threading import Thread
from typing import IO, Any, Final

from pulumi import automation as auto
from pulumi.automation._cmd import _parse_and_validate_pulumi_version
from pulumi.automation._minimum_version import _MINIMUM_VERSION
from pulumi.automation.errors import create_command_error

from tradai_runner.engine.launch import launch
from tradai_runner.lock.registry import Holder, RunRegistry
from tradai_runner.process.environment import permitted
from tradai_runner.stateport.beside import Beside

_ENGINE: Final = "pulumi"
_QUIET: Final = {"PULUMI_SKIP_UPDATE_CHECK": "true"}
OnOutput = Callable[[str], Any]


#: Where an engine lies → the answer that its next start takes, where it was asked for ahead.
_ASKED: Final[dict[str | None, Future[str]]] = {}


def ask_version_ahead() -> None:
    """Asks the engine on PATH for its version, once and beside whatever else comes first: it takes 0.2 s to say."""
    if (engine := shutil.which(_ENGINE)) not in _ASKED:
        _ASKED[engine] = answer = Future[str]()
        Thread(target=_answer, args=(answer,), daemon=True, name="version").start()


def _answer(answer: Future[str]) -> None:
    try:
        answer.set_result(_version())
    except Exception as error:  # whoever takes the answer is told
        answer.set_exception(error)


def _version() -> str:
    variables = permitted(os.environ) | _QUIET
    said = subprocess.run(
        [_ENGINE, "version"],
        env=variables,
        stdin=subprocess.DEVNULL,  # never the pipe of a runner that waits: who gives it a run must see that it died
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.strip().removeprefix("v")


class Engine(auto.PulumiCommand):
    """The engine on PATH, for one run of one stack; it never begins once `called_off` says so.

    `port` is its way to the state, which lives as long as it does.

    Raises FileNotFoundError where there is none, InvalidVersionError where it does not fit.
    """

    def __init__(
        self,
        run_id: str,
        registry: RunRegistry,
        called_off: Callable[[], bool] = lambda: False,
        port: Beside | None = None,
    ) -> None:
        self._run_id = run_id
        self._port = port
        self._presences = registry
        self._called_off = called_off
        self.command = _ENGINE
        asked = _ASKED.pop(shutil.which(_ENGINE), None)
        said = asked.result() if asked else _version()
        self.version = _parse_and_validate_pulumi_version(
            min_version=_MINIMUM_VERSION, current_version=said, opt_out=False
        )

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> auto.CommandResult:
        """One command, without questions to a person; raises CommandError where it fails or is not begun, OSError."""
        words = [_ENGINE, "--non-interactive", *(word for word in args if word != "--non-interactive")]
        variables = {**permitted(os.environ), **_QUIET, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        noted: list[Holder] = []
        with launch(words, cwd, variables, lambda pid: noted.append(self._noted(pid))) as engine:
            output, error = _Reader(engine.stdout, on_output), _Reader(engine.stderr, on_error)
            told = [reader.lines() for reader in (output, error)]
        released = self._released()  # asked in any case: what waits for the bucket is sent first
        self._presences.end(noted[0], released=released and engine.returncode == 0)
        result = auto.CommandResult("\n".join(told[0]), "\n".join(told[1]), engine.returncode)
        if engine.returncode != 0:
            raise create_command_error(result)
        return result

    def _released(self) -> bool:
        """Whether the stack's lock is back, once all that was written is in the bucket; a dead port says nothing."""
        if self._port is None:
            return True
        verdict = self._port.verdict()
        return verdict is not None and not verdict.held

    def _noted(self, pid: int) -> Holder:
        """From here on a wish to stop reaches the process; one that came earlier ends it before it is an engine."""
        if self._called_off():
            raise create_command_error(auto.CommandResult("", "the run was asked to stop before its engine began", 130))
        if self._port:
            self._port.note(pid)
        return self._presences.begin(self._run_id, pid)


class _Reader:
    """What a process prints, told line by line while it does."""

    def __init__(self, stream: IO[str] | None, tell: OnOutput | None) -> None:
        assert stream is not None  # noqa: S101 - both are pipes
        self._lines: list[str] = []
        self._thread = Thread(target=self._drain, args=(stream, tell))
        self._thread.start()

    def _drain(self, stream: IO[str], tell: OnOutput | None) -> None:
        for line in stream:
            self._lines.append(line.rstrip())
            if tell:
                tell(self._lines[-1])

    def lines(self) -> list[str]:
        """All of it, once it has ended."""
        self._thread.join()
        return self._lines
