"""Counts the calls that the endpoint answers, by caller, service and operation.

Must never touch a call, nor count the sandbox's own questions about itself.
"""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

from .latency import WsgiApp
from .operations import operation

#: GET tells the calls counted so far, DELETE tells them and begins anew.
CONTROL_PATH: Final = "/_sandbox/calls"
#: What a caller may say of itself; the first product of its User-Agent stands for one that says nothing.
CALLER_HEADER: Final = "X-Sandbox-Caller"
#: How the sandbox's own `aws` provider begins what it says: `provider create aws:sqs/queue:Queue`.
PROVIDER: Final = "provider"

_OWN: Final = "/_sandbox/"
_SCOPE: Final = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")


@dataclass(frozen=True)
class Calls:
    """How often `caller` (`provider read aws:sqs/queue:Queue`, `Boto3`) made one call (`sqs`, `GetQueueAttributes`).

    `sent` is what their bodies had, in bytes.
    """

    caller: str
    service: str
    operation: str
    count: int
    sent: int = 0


class Counted:
    """An application whose calls are counted before they are answered."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._sent: Counter[tuple[str, str, str]] = Counter()
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        """Count, then answer as the application does."""
        if environ["PATH_INFO"] == CONTROL_PATH:
            return self._control(environ, start_response)
        if not environ["PATH_INFO"].startswith(_OWN):
            call = (_caller(environ), *_named(environ))
            with self._lock:
                self._counts[call] += 1
                self._sent[call] += int(environ.get("CONTENT_LENGTH") or 0)
        return self._app(environ, start_response)

    def _control(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with self._lock:
            told = [asdict(Calls(*call, count, self._sent[call])) for call, count in sorted(self._counts.items())]
            if environ["REQUEST_METHOD"] == "DELETE":
                self._counts.clear()
                self._sent.clear()
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(told).encode()]


def _caller(environ: dict[str, Any]) -> str:
    said = environ.get(f"HTTP_{CALLER_HEADER.upper().replace('-', '_')}")
    return str(said or environ.get("HTTP_USER_AGENT", "").partition("/")[0])


def _named(environ: dict[str, Any]) -> tuple[str, str]:
    """Service, as the signature names it, and operation; the service is empty where nothing is signed."""
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    service = scope[1] if scope else ""
    return service, operation(service, environ)
