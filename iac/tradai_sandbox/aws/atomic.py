"""One request at a time for each object of S3, so that a conditional write is checked and done in one step, as in AWS.

moto looks at an object, writes it, and gives it its metadata in three steps; whoever reads or writes between them sees
what no bucket ever shows. Must never make two different objects wait for each other.
"""

import threading
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

from .latency import WsgiApp


class Atomic:
    """An application that answers about one path of S3 in turn; others are not its matter."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app
        self._turns: dict[str, threading.Lock] = {}
        self._adding = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        """Answer as the application does."""
        turn = self._turn(environ["PATH_INFO"]) if "/s3/aws4_request" in environ.get("HTTP_AUTHORIZATION", "") else None
        with turn or nullcontext():
            answer = self._app(environ, start_response)
            if turn is None:
                return answer
            try:
                return list(answer)
            finally:
                getattr(answer, "close", lambda: None)()

    def _turn(self, path: str) -> "threading.Lock | None":
        """The object's own; a bucket as a whole, and what is no object, have none."""
        if path.count("/") < 2 or path.endswith("/"):
            return None
        with self._adding:
            return self._turns.setdefault(path, threading.Lock())
