"""Speaks to the running AWS endpoint about itself: sets its latency, takes its count of calls.

Must never reach anything but the endpoint on loopback, and must never restart it: it would forget every resource.
"""

import http.client
import json

from tradai_sandbox.aws import calls, latency
from tradai_sandbox.aws.calls import Calls
from tradai_sandbox.aws.enforced.words import CONTROL_PATH as ENFORCE
from tradai_sandbox.aws.enforced.words import word
from tradai_sandbox.errors import SandboxError
from tradai_sandbox.ports import HOST
from tradai_sandbox.services import Context, aws


def set_latency(context: Context, wanted: str) -> None:
    """Make every AWS call wait `wanted` (`80ms`) from now on. Raises SandboxError for what is no latency."""
    _asked(context.ports[aws.NAME], "PUT", latency.CONTROL_PATH, wanted)


def set_enforced(context: Context, wanted: bool) -> None:
    """Let the policies of assumed roles count from now on, or no longer."""
    _asked(context.ports[aws.NAME], "PUT", ENFORCE, word(wanted))


def take_calls(port: int) -> tuple[Calls, ...]:
    """The calls that the endpoint on `port` has answered since this was last asked. Raises SandboxError."""
    return tuple(Calls(**found) for found in json.loads(_asked(port, "DELETE", calls.CONTROL_PATH)))


def _asked(port: int, method: str, path: str, body: str | None = None) -> str:
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request(method, path, body=body)
        answer = connection.getresponse()
        text = answer.read().decode()
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise SandboxError(text)
    return text
