"""Latency on every AWS call, so that figures say something about AWS and not only about one local core.

Must never touch a call: it only makes it wait. It can be changed while the server runs, because restarting the
server would forget every resource.
"""

import re
import time
from collections.abc import Iterable
from typing import Any, Protocol

#: The one address that is not AWS: GET tells the latency, PUT (body `80ms`) sets it.
CONTROL_PATH = "/_sandbox/latency"

_UNITS = {"ms": 0.001, "s": 1.0}


class WsgiApp(Protocol):
    """Any WSGI application."""

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        """Answer one request."""


def seconds(text: str) -> float:
    """`80ms` or `1.5s` as seconds. Raises ValueError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", text.strip())
    if not match:
        raise ValueError(f"not a latency: {text!r}; write it as 80ms or 0.1s")
    return float(match[1]) * _UNITS[match[2]]


class Delayed:
    """An application behind a wait of `delay` seconds a call, each call on its own thread."""

    def __init__(self, app: WsgiApp, delay: float) -> None:
        self._app = app
        self.delay = delay

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        """Wait, then answer as the application does."""
        if environ["PATH_INFO"] == CONTROL_PATH:
            return self._control(environ, start_response)
        if self.delay:
            time.sleep(self.delay)
        return self._app(environ, start_response)

    def _control(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        status, answer = "200 OK", ""
        if environ["REQUEST_METHOD"] == "PUT":
            try:
                self.delay = seconds(environ["wsgi.input"].read().decode())
            except ValueError as error:
                status, answer = "400 Bad Request", str(error)
        start_response(status, [("Content-Type", "text/plain")])
        return [(answer or f"{self.delay * 1000:g}ms").encode()]
