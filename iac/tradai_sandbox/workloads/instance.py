"""A warm process of one function: takes one event at a time, within the function's time and memory.

Must never answer for its process what that did not say, but for how it ended.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tradai_sandbox.workloads.child import Child
from tradai_sandbox.workloads.runtime_api import Invocation, RuntimeApi

_TIMED_OUT: Final = "Sandbox.Timedout"
_NO_MEMORY: Final = "Runtime.OutOfMemory"
_ENDED: Final = "Runtime.ExitError"
_KILLED: Final = -9
_LINES: Final = 1000


def _nothing() -> None:
    """Where nothing is to be cleaned up."""


@dataclass(frozen=True)
class Start:
    """What a process is started with; `say` is told its lines, `over` is called when it has gone."""

    command: Sequence[str]
    environment: Mapping[str, str]
    cwd: Path
    memory_mib: int
    timeout_s: float
    say: Callable[[str], None] = print
    over: Callable[[], None] = _nothing


@dataclass(frozen=True)
class Outcome:
    """What an invocation came to: JSON, whether it is an error's, its lines, and what it took."""

    payload: str
    failed: bool
    lines: tuple[str, ...] = ()
    seconds: float = 0.0
    peak_mib: float = 0.0
    cold: bool = False


@dataclass
class _Heard:
    """The newest lines since the last event; all of them are in the log."""

    lines: list[str] = field(default_factory=list)
    why: str = ""


class Instance:
    """A process; `ended` says whether it is over."""

    def __init__(self, start: Start, init_s: float) -> None:
        self._start, self._init_s = start, init_s
        self._heard, self._fresh = _Heard(), True
        self._api = RuntimeApi()
        environment = {**start.environment, "AWS_LAMBDA_RUNTIME_API": self._api.address}
        self._status = 0
        self._child = Child(start.command, environment, start.cwd, self._say, self._over)

    @property
    def ended(self) -> bool:
        """Whether the process is over."""
        return self._api.talk.closed

    def resident_mib(self) -> float:
        """What it has in memory now."""
        return self._child.resident_mib()

    def look(self) -> None:
        """Ends it where it has more memory than the function may have."""
        if self.resident_mib() > self._start.memory_mib:
            self.end(_NO_MEMORY)

    def end(self, why: str = "") -> None:
        """Ends the process."""
        self._heard.why = self._heard.why or why
        self._child.kill()

    def invoke(self, request_id: str, payload: bytes, arn: str, trace: str) -> Outcome:
        """Hands it an event and waits for what comes of it, at most as long as the function may take."""
        cold, self._fresh = self._fresh, False
        talk = self._api.talk
        in_time = talk.wait(lambda: talk.asked or talk.closed or talk.reply is not None, self._init_s)
        began = time.monotonic()
        if in_time and talk.asked:
            deadline = int((time.time() + self._start.timeout_s) * 1000)
            self._api.hand(Invocation(request_id, payload, deadline, arn, trace))
            in_time = talk.wait(lambda: talk.closed or talk.reply is not None, self._start.timeout_s)
        if not in_time:
            self.end(_TIMED_OUT)
        elif talk.reply and self._child.peak_mib() > self._start.memory_mib:
            self.end(_NO_MEMORY)
        return self._outcome(request_id, time.monotonic() - began, cold)

    def _outcome(self, request_id: str, seconds: float, cold: bool) -> Outcome:
        talk, peak = self._api.talk, self._child.peak_mib()
        if self._heard.why:
            talk.wait(lambda: talk.closed)
        self._child.drain()
        lines, self._heard.lines = tuple(self._heard.lines), []
        if talk.reply and not self._heard.why:
            return Outcome(talk.reply.payload, talk.reply.failed, lines, seconds, peak, cold)
        return Outcome(self._obituary(request_id), True, lines, seconds, peak, cold)

    def _obituary(self, request_id: str) -> str:
        kind = self._heard.why or _ENDED
        limit = f"{self._start.timeout_s:.2f}"
        how = "signal: killed" if self._status == _KILLED else f"exit status {self._status}"
        said = f"Task timed out after {limit} seconds" if kind == _TIMED_OUT else f"Runtime exited with error: {how}"
        return json.dumps({"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {said}"})

    def _say(self, line: str) -> None:
        self._heard.lines.append(line)
        del self._heard.lines[:-_LINES]
        self._start.say(line)

    def _over(self, status: int) -> None:
        self._status = status
        self._api.close()
        self._start.over()
