"""Asks a local server whether it is ready.

Must never raise for a server that is not there yet: that is the answer "no".
"""

import http.client
import ssl
from pathlib import Path

from tradai_sandbox.ports import HOST

_TIMEOUT_SECONDS = 2.0


def http_ok(port: int, path: str, authority: Path | None = None, token: str = "") -> bool:
    """Whether `GET path` answers 200; over TLS when an authority is given."""
    if authority and not authority.exists():
        return False
    connection = _connection(port, authority)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connection(port: int, authority: Path | None) -> http.client.HTTPConnection:
    if not authority:
        return http.client.HTTPConnection(HOST, port, timeout=_TIMEOUT_SECONDS)
    context = ssl.create_default_context(cafile=str(authority))
    return http.client.HTTPSConnection(HOST, port, timeout=_TIMEOUT_SECONDS, context=context)
