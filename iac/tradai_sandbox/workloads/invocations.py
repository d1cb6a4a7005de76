"""Runs functions for events, and waits for what they answer.

Must never let a function end, or hold, more than the request or the event that called it: what it does wrong is its
answer, as in Lambda.
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from tradai_sandbox.workloads import starts, telemetry
from tradai_sandbox.workloads.fleet import Kind, ThrottledError
from tradai_sandbox.workloads.identity import NoRoleError
from tradai_sandbox.workloads.instance import Outcome
from tradai_sandbox.workloads.recipes import NoWorldError
from tradai_sandbox.workloads.running import FLEET

_THROTTLED: Final = "TooManyRequestsException"


@dataclass(frozen=True)
class Answer:
    """What an invocation came to: JSON text, whether it is an error's, and what was written to the log."""

    payload: str
    failed: bool
    log: str = ""

    @property
    def throttled(self) -> bool:
        """Whether it never ran, for want of a place."""
        return self.failed and json.loads(self.payload).get("errorType") == _THROTTLED


def call(function: Any, event: Any) -> Answer:
    """Run moto's `function` for the event and wait for what it answers."""
    request = str(uuid4())
    try:
        outcome = _run(function, event, request)
    except ThrottledError:
        telemetry.count_throttle(function)
        return _error(request, _THROTTLED, "Rate Exceeded.")
    except (starts.CannotStartError, NoWorldError, NoRoleError, OSError) as error:
        answer = _error(request, _kind(error), str(error))
        _tell(function, answer.log.splitlines())
        telemetry.count_invocation(function, failed=True, seconds=0.0)
        return answer
    telemetry.count_invocation(function, outcome.failed, outcome.seconds)
    begun = f"START RequestId: {request} Version: {function.version}"
    log = "\n".join((begun, *outcome.lines, _report(request, function, outcome)))
    return Answer(outcome.payload, outcome.failed, log)


def _run(function: Any, event: Any, request: str) -> Outcome:
    kind = Kind(function.function_arn, starts.version(function))
    taken = FLEET.take(kind, lambda: starts.start(function), function.reserved_concurrency)
    try:
        trace = f"Root=1-{uuid4().hex[:8]}-{uuid4().hex[:24]};Parent={uuid4().hex[:16]};Sampled=0"
        payload = json.dumps(event, default=str).encode()
        outcome = taken.instance.invoke(request, payload, function.function_arn, trace)
    finally:
        taken.leave()
    _tell(function, outcome.lines)
    return outcome


def _report(request: str, function: Any, outcome: Outcome) -> str:
    took = f"Duration: {outcome.seconds * 1000:.2f} ms"
    memory = f"Memory Size: {function.memory_size} MB\tMax Memory Used: {outcome.peak_mib:.0f} MB"
    return f"END RequestId: {request}\nREPORT RequestId: {request}\t{took}\t{memory}"


def _tell(function: Any, lines: Iterable[str]) -> None:
    """The endpoint's own log has what its functions say."""
    for line in lines:
        print(f"[{function.function_name}] {line}", file=sys.stderr, flush=True)


def _kind(error: Exception) -> str:
    if isinstance(error, starts.CannotStartError):
        return error.kind
    return {NoWorldError: "Sandbox.WorldMissing", NoRoleError: "AccessDeniedException"}.get(
        type(error), "Runtime.InvalidEntrypoint"
    )


def _error(request: str, kind: str, text: str) -> Answer:
    message = f"RequestId: {request} Error: {text}"
    return Answer(json.dumps({"errorType": kind, "errorMessage": message}), failed=True, log=message)
