"""Keeps moto's own API shut: one call of it forgets every resource, and no client of AWS ever makes one.

Whoever reaches the endpoint could else wipe the sandbox, or the way a name leads (a webhook, a function that is told an
address). Must never keep a call of AWS away.
"""

from collections.abc import Iterable
from typing import Any, Final

from .latency import WsgiApp

#: Resetting, seeding, recording, states of resources: all of it lies below.
_OWN: Final = "moto-api"
_HOSTS: Final = ("motoapi.", "moto_api")


class Closed:
    """An application without moto's own API."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        """Answer as the application does."""
        if not _is_own(environ):
            return self._app(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain")])
        return [b"moto's own API is off in a sandbox; `tradai sandbox down` forgets everything\n"]


def _is_own(environ: dict[str, Any]) -> bool:
    """By its path, whatever host is named; or by a name that moto gives itself."""
    path, host = str(environ["PATH_INFO"]).lstrip("/"), str(environ.get("HTTP_HOST", ""))
    return path.startswith(_OWN) or host.startswith(_HOSTS)
