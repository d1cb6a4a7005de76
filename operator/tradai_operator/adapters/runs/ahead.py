"""One runner that waits for its run: started while another layer builds, so that the next one need not wait for Python.

Runs come in rows, a layer after the other, and to import what a run needs takes a second or two of a processor, of
which there is some to spare once an engine is at work. Must never keep one for long where no run comes.
"""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import IO, Final

from tradai_iac.blueprints import BLUEPRINTS
from tradai_runner.ahead import AHEAD, Given
from tradai_runner.contract import Plan, RunRequest, Update

#: A run that has just begun needs the processors itself, for its program and for the starts of engine and provider.
_AFTER_SECONDS: Final = 5.0
#: A run that comes later than that waits for its imports; it would have to wait for so much else.
_KEPT_SECONDS: Final = 90.0
_END_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Waits:
    """How long after a run's begin another is prepared, and how long it is kept, in seconds."""

    after: float = _AFTER_SECONDS
    kept: float = _KEPT_SECONDS


WAITS: Final = Waits()


@dataclass(frozen=True)
class Waiting:
    """A runner that waits, and the pipe by which it is given its run, or hears that there is none."""

    process: "subprocess.Popen[bytes]"
    pipe: IO[bytes]

    def give(self, run: Given) -> bool:
        """Whether the runner was given its run; one that has died was not, and is collected."""
        try:
            run.say(self.pipe)
        except BrokenPipeError:
            self.process.wait()
            return False
        return True

    def let_go(self) -> None:
        """There is no run for it: it ends by itself."""
        self.pipe.close()


class Ahead:
    """At most one runner that waits. `aside` calls something in a thread that may block."""

    def __init__(
        self, environment: Mapping[str, str], aside: Callable[[Callable[[], None]], object], waits: Waits = WAITS
    ) -> None:
        self._environment = dict(environment)
        self._aside = aside
        self._waits = waits
        self._lock = Lock()
        self._waiting: Waiting | None = None
        self._timers: list[asyncio.TimerHandle] = []

    def expect(self, request: RunRequest) -> None:
        """A run has begun: where other layers may come after it, a runner is soon prepared for the next one."""
        for timer in self._timers:
            timer.cancel()
        later = asyncio.get_running_loop().call_later
        self._timers = [later(self._waits.kept, self._aside, self.dismiss)]
        if isinstance(request, Update | Plan) and _has_next(request):
            prepare = (request.blueprint, request.layer)
            self._timers.append(later(self._waits.after, self._aside, lambda: self._prepare(*prepare)))

    def take(self) -> "Waiting | None":
        """The runner that waits, if there is one that lives; whoever takes it gives it its run, or lets it go."""
        with self._lock:
            found, self._waiting = self._living(), None
        return found

    def dismiss(self) -> None:
        """Ends the one that waits: it hears that nobody needs it."""
        if (found := self.take()) is None:
            return
        found.let_go()
        with suppress(subprocess.TimeoutExpired):
            found.process.wait(_END_SECONDS)
            return
        found.process.kill()  # it has not come to its pipe in all that time
        found.process.wait()

    def _living(self) -> "Waiting | None":
        if (found := self._waiting) is None or found.process.poll() is None:
            return found
        found.let_go()
        return None

    def _prepare(self, blueprint: str, layer: str) -> None:
        with self._lock:
            if self._living():
                return
            with suppress(OSError):  # a run is started without it
                self._waiting = _started([AHEAD, blueprint, layer], self._environment)


def _started(words: Sequence[str], environment: Mapping[str, str]) -> Waiting:
    process = subprocess.Popen(
        [sys.executable, "-m", "tradai_runner", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=environment,
    )
    pipe, process.stdin = process.stdin, None
    assert pipe  # noqa: S101 - it is a pipe
    return Waiting(process, pipe)


def _has_next(request: RunRequest) -> bool:
    blueprint = BLUEPRINTS.get(request.blueprint)
    return blueprint is not None and blueprint.after(request.layer) is not None
