"""How the sandbox asks its API server: again, while that one is still starting.

An API server says that it is ready before every kind of resource can be read: after a restart it answers 429 "storage
is (re)initializing" for those of our definition, and 503 or nothing at all meanwhile. Must never carry a request that
does harm when it arrives twice.
"""

import ssl
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import httpx2

_NOT_YET = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
_RETRY_SECONDS = 120.0
_PAUSE_SECONDS = 0.2


class RetryingTransport(httpx2.BaseTransport):
    """Repeats a request until the server is able to answer it; the last answer or error counts."""

    def __init__(
        self,
        inner: httpx2.BaseTransport,
        retry_seconds: float = _RETRY_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._inner, self._retry_seconds, self._clock, self._pause = inner, retry_seconds, clock, pause

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The first answer of a server that is ready. Raises the transport's error when that lasts too long."""
        deadline = self._clock() + self._retry_seconds
        while True:
            try:
                answer = self._inner.handle_request(request)
                if answer.status_code not in _NOT_YET or self._clock() > deadline:
                    return answer
                answer.close()
            except httpx2.TransportError:
                if self._clock() > deadline:
                    raise
            self._pause(_PAUSE_SECONDS)

    def close(self) -> None:
        """Closes the connections."""
        self._inner.close()


def transport(authority: Path) -> RetryingTransport:
    """Connections to a server whose certificate `authority` has signed."""
    return RetryingTransport(httpx2.HTTPTransport(verify=ssl.create_default_context(cafile=str(authority))))
