"""Sets the latency of the running AWS endpoint, which must not be restarted for it.

Must never reach anything but the endpoint on loopback.
"""

import http.client

from tradai_sandbox.errors import SandboxError
from tradai_sandbox.ports import HOST
from tradai_sandbox.services import Context, aws


def set_latency(context: Context, latency: str) -> None:
    """Make every AWS call wait `latency` (`80ms`) from now on. Raises SandboxError for what is no latency."""
    connection = http.client.HTTPConnection(HOST, context.ports[aws.NAME], timeout=10)
    try:
        connection.request("PUT", "/_sandbox/latency", body=latency)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise SandboxError(answer.read().decode())
    finally:
        connection.close()
