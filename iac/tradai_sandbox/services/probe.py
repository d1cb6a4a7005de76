"""Asks a local server whether it is ready.

Must never raise for a server that is not there yet: that is the answer "no".
"""

import http.client
import os
import socket
import ssl
from pathlib import Path

from tradai_sandbox.ports import HOST

_TIMEOUT_SECONDS = 2.0


def http_ok(port: int, path: str, authority: Path | None = None, token: str = "") -> bool:
    """Whether `GET path` answers 200; over TLS when an authority is given."""
    if authority and not authority.exists():
        return False
    return _ok(_connection(port, authority), path, {"Authorization": f"Bearer {token}"} if token else {})


def socket_ok(place: Path, path: str) -> bool:
    """Whether `GET path` answers 200 at a socket in the file system, however long its own path is."""
    return _ok(_Local(place), path, {})


def _ok(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> bool:
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class _Local(http.client.HTTPConnection):
    def __init__(self, place: Path) -> None:
        super().__init__("localhost", timeout=_TIMEOUT_SECONDS)
        self._place = place

    def connect(self) -> None:
        folder = os.open(self._place.parent, os.O_PATH | os.O_DIRECTORY)
        try:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(_TIMEOUT_SECONDS)
            self.sock.connect(f"/proc/self/fd/{folder}/{self._place.name}")
        finally:
            os.close(folder)


def _connection(port: int, authority: Path | None) -> http.client.HTTPConnection:
    if not authority:
        return http.client.HTTPConnection(HOST, port, timeout=_TIMEOUT_SECONDS)
    context = ssl.create_default_context(cafile=str(authority))
    return http.client.HTTPSConnection(HOST, port, timeout=_TIMEOUT_SECONDS, context=context)
