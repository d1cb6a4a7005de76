"""One call of another service over HTTP: bounded in time and in size, tried again where that can help.

    answer = http.call("GET", f"{settings.strategy_service}/api/v1/strategies/{http.segment(name)}")
    if answer.status == 404: ...
    said = answer.json()

An answer of any status is an answer; what could not be asked, or not be read, raises UnansweredError. Must never take
the one for the other, follow a redirect, or tell a query, a header or a body in a message.
"""

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

#: What stands between a service and its callers says so where the service is away for a moment.
_AWAY: Final = frozenset({502, 503, 504})
#: More than any answer of the platform's own services; beyond it reading stops.
BODY_BYTES: Final = 4 * 1024 * 1024
_CONNECT_S: Final = 3.0
_PAUSE_S: Final = 0.2
_CHUNK: Final = 64 * 1024


class UnansweredError(Exception):
    """A service that could not be asked, or whose answer could not be read: nothing is known by it."""


@dataclass(frozen=True)
class Answer:
    """What a service said; `asked` names the call, `seconds` is how long its last try took."""

    asked: str
    status: int
    body: bytes
    seconds: float

    @property
    def good(self) -> bool:
        """Whether it is a yes (2xx)."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body; raises UnansweredError where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise UnansweredError(f"{self.asked} answered {self.status} with what is no JSON") from None

    def must_be_good(self) -> "Answer":
        """Itself; raises UnansweredError for every status but 2xx."""
        if not self.good:
            raise UnansweredError(f"{self.asked} answered {self.status}")
        return self


def segment(text: str) -> str:
    """A text as one segment of a path."""
    return quote(text, safe="")


def basic(user: str, password: str) -> dict[str, str]:
    """The header of Basic authentication."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def call(
    method: str,
    url: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    read_s: float = 10.0,
    within_s: float = 20.0,
    tries: int = 3,
) -> Answer:
    """The answer to a call whose `body` is sent as JSON.

    502, 503, 504 and a broken connection are tried again, `tries` in all and never beyond `within_s`; the last answer
    counts. What must not be done twice is given `tries=1`. Raises UnansweredError.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a service's address begins with http:// or https:// and has a host")
    asked = f"{method} {parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
    target = f"{url}{'&' if parts.query else '?'}{urlencode(query)}" if query else url
    sent = {"Accept": "application/json", **(headers or {})}
    sent |= {"Content-Type": "application/json"} if body is not None else {}
    data = None if body is None else json.dumps(body).encode()
    until = time.monotonic() + within_s
    return _tried(lambda: _once(asked, method, target, data, sent, read_s, until), tries, until)


def _tried(once: Callable[[], Answer], tries: int, until: float) -> Answer:
    for attempt in range(1, tries + 1):
        pause = _PAUSE_S * 2 ** (attempt - 1)
        last = attempt == tries or time.monotonic() + pause >= until
        try:
            answer = once()
        except UnansweredError:
            if last:
                raise
        else:
            if last or answer.status not in _AWAY:
                return answer
        time.sleep(pause)
    raise ValueError("a call is tried once at least")


def _once(
    asked: str, method: str, url: str, data: bytes | None, headers: Mapping[str, str], read_s: float, until: float
) -> Answer:
    began = time.monotonic()
    left = max(until - began, 0.001)
    limits = urllib3.Timeout(connect=min(_CONNECT_S, left), read=min(read_s, left))
    try:
        response = _pool().request(
            method,
            url,
            body=data,
            headers=headers,
            timeout=limits,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            body = _read(response, asked, min(began + read_s, until))
        finally:
            response.close()
    except (HTTPError, OSError) as error:
        raise UnansweredError(f"{asked}: {type(error).__name__}") from error
    return Answer(asked, response.status, body, time.monotonic() - began)


def _read(response: urllib3.BaseHTTPResponse, asked: str, until: float) -> bytes:
    """The whole body, however slowly it drips; raises UnansweredError where it is too large or too late."""
    read = bytearray()
    while chunk := response.read1(_CHUNK):
        if read and time.monotonic() > until:
            raise UnansweredError(f"{asked}: an answer that does not end")
        read += chunk
        if len(read) > BODY_BYTES:
            raise UnansweredError(f"{asked}: an answer of more than {BODY_BYTES} bytes")
    return bytes(read)


@cache
def _pool() -> urllib3.PoolManager:
    """Connections are closed after each answer: a frozen process would find them dead."""
    return urllib3.PoolManager(num_pools=4)
