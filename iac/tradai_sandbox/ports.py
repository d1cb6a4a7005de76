"""Free ports of the loopback interface.

Must never hand out a port of the range from which the kernel takes the ports of outgoing connections: one of those
may be taken between finding and using it.
"""

import secrets
import socket
from collections.abc import Container

from tradai_sandbox.errors import SandboxError

HOST = "127.0.0.1"
_RANGE = range(20000, 32000)
_TRIES = 200


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((HOST, port))
        except OSError:
            return False
    return True


def find(taken: Container[int] = ()) -> int:
    """A free port outside `taken`, chosen at random so that sandboxes starting together do not meet."""
    for _ in range(_TRIES):
        port = secrets.choice(_RANGE)
        if port not in taken and is_free(port):
            return port
    raise SandboxError(f"no free port found on {HOST} between {_RANGE.start} and {_RANGE.stop}")
