"""A proxy on loopback that tells what passes: plain requests, and those within TLS, which it ends for that.

Must never change a request, which is signed, nor an answer; and must never listen beyond loopback.
"""

import contextlib
import http.client
import ssl
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

from tools.recording.authority import Authority

#: What concerns one connection alone; the body's length is said anew.
_OF_A_CONNECTION: Final = frozenset(
    {"connection", "proxy-connection", "proxy-authorization", "keep-alive", "transfer-encoding", "expect", "te"}
)
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
_WITHOUT_BODY: Final = frozenset({204, 304})
#: Seconds; AWS's longest answers (a function that is invoked) take less.
_TIMEOUT: Final = 900.0

Headers = list[tuple[str, str]]
#: Method, whole URL, headers (names in lower case), body.
Heard = Callable[[str, str, dict[str, str], bytes], None]
#: A connection to scheme and authority (`https`, `sqs.eu-central-1.amazonaws.com:443`).
Dial = Callable[[str, str], http.client.HTTPConnection]


def dial(scheme: str, authority: str) -> http.client.HTTPConnection:
    """As anybody would: TLS is checked by the machine's own authorities."""
    if scheme == "https":
        return http.client.HTTPSConnection(authority, timeout=_TIMEOUT, context=ssl.create_default_context())
    return http.client.HTTPConnection(authority, timeout=_TIMEOUT)


class Proxy:
    """Listens from the start until it is closed; `heard` is told each request before it goes on."""

    def __init__(self, authority: Authority, heard: Heard, dial: Dial = dial) -> None:
        methods = {f"do_{method}": _Handler.pass_on for method in _METHODS}
        given = {"authority": authority, "heard": staticmethod(heard), "dial": staticmethod(dial)}
        handler = type("Handler", (_Handler,), {**methods, **given})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, name="proxy", daemon=True).start()

    @property
    def url(self) -> str:
        """Where a client reaches it."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Listens no more."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    authority: Authority
    heard: Heard
    dial: Dial
    _tunnel = ""

    def do_CONNECT(self) -> None:
        """Ends the client's TLS here; what comes next on the connection is meant for that host."""
        self.send_response(200, "Connection established")
        self.end_headers()
        self.wfile.flush()
        context = self.authority.context(self.path.rpartition(":")[0])
        try:
            self.connection = context.wrap_socket(self.connection, server_side=True)
        except OSError:  # a client that trusts somebody else says so itself
            self.close_connection = True
            return
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", -1)
        self._tunnel, self.close_connection = self.path.removesuffix(":443"), False

    def finish(self) -> None:
        """Closes what took the place of the server's own socket, too."""
        super().finish()
        self.connection.close()

    def handle_expect_100(self) -> bool:
        """Lets the client send its body, which is passed on in one piece."""
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def pass_on(self) -> None:
        """One request and its answer."""
        url = f"https://{self._tunnel}{self.path}" if self._tunnel else self.path
        body = self._body()
        headers = [(name, value) for name, value in self.headers.items() if name.lower() not in _OF_A_CONNECTION]
        self.heard(self.command, url, {name.lower(): value for name, value in headers}, body)
        try:
            status, reason, answered, content = self._asked(url, headers, body)
        except (OSError, http.client.HTTPException) as error:
            status, reason, answered, content = 502, "Bad Gateway", [], f"recording: {error}".encode()
        self._answer(status, reason, answered, content)

    def _asked(self, url: str, headers: Headers, body: bytes) -> tuple[int, str, Headers, bytes]:
        """By a connection of its own: one that is kept may have ended, and nobody may send a change twice."""
        parts = urlsplit(url)
        with contextlib.closing(self.dial(parts.scheme, parts.netloc)) as beyond:
            path = url.partition(parts.netloc)[2] or "/"
            beyond.putrequest(self.command, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                beyond.putheader(name, value)
            if body and "content-length" not in {name.lower() for name, _ in headers}:
                beyond.putheader("Content-Length", str(len(body)))
            beyond.endheaders(body)
            answer = beyond.getresponse()
            return answer.status, answer.reason, answer.getheaders(), answer.read()

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return b"".join(_chunks(self.rfile))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status: int, reason: str, headers: Headers, content: bytes) -> None:
        self.send_response_only(status, reason)
        bare = self.command == "HEAD" or status in _WITHOUT_BODY
        for name, value in headers:
            if name.lower() not in _OF_A_CONNECTION and (bare or name.lower() != "content-length"):
                self.send_header(name, value)
        if not bare:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if not bare:
            self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Nothing: what is worth keeping is told."""


def _chunks(stream: Any) -> Iterator[bytes]:
    while size := int(stream.readline().partition(b";")[0], 16):
        yield stream.read(size)
        stream.readline()
    while stream.readline().strip():
        pass  # trailers are the connection's own
