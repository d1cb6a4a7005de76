"""Asks moto once more where another call has changed what it was looking through.

moto's models are plain dictionaries without locks: where two environments are built at once, one call may walk through
the roles while another adds one, which Python refuses. AWS has no such answer. Must never repeat a call that failed in
any other way.
"""

import io
import re
from collections.abc import Iterable
from typing import Any, Final

from .latency import WsgiApp

_CHANGED: Final = re.compile(r"(changed size|mutated) during iteration")
_TRIES: Final = 10


class Again:
    """An application whose calls are answered once nobody is in their way."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        """Answer as the application does; raises what it raises."""
        body = environ["wsgi.input"].read()
        for _ in range(_TRIES - 1):
            try:
                return self._answer(environ, start_response, body)
            except RuntimeError as error:
                if not _CHANGED.search(str(error)):
                    raise
        return self._answer(environ, start_response, body)

    def _answer(self, environ: dict[str, Any], start_response: Any, body: bytes) -> Iterable[bytes]:
        """The whole answer: moto may look something up as late as that."""
        answer = self._app(dict(environ) | {"wsgi.input": io.BytesIO(body)}, start_response)
        try:
            return list(answer)
        finally:
            getattr(answer, "close", lambda: None)()
