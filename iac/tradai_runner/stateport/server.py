"""Listens on loopback for the engines of one run, under a path that nobody can guess.

Must never serve another bucket or folder than the run's, nor write to the engine's log.
"""

import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import IO, Any, Final, cast
from urllib.parse import parse_qs, unquote

from tradai_runner.stateport import bodies, wire
from tradai_runner.stateport.asked import Asked
from tradai_runner.stateport.port import Port
from tradai_runner.stateport.wire import Answer

#: Under the token: what the port has to say of itself.
VERDICT: Final = "_verdict"
_HOPS: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"})


class Server(ThreadingHTTPServer):
    """One port at 127.0.0.1; `url` is what engines are given."""

    daemon_threads = True  # a client that only keeps its connection is not waited for

    def __init__(self, port: Port, token: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port, self.token = port, token
        self._at_work = 0
        self._changed = threading.Condition()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While one request is answered."""
        with self._changed:
            self._at_work += 1
        try:
            yield
        finally:
            with self._changed:
                self._at_work -= 1
                self._changed.notify_all()

    def drain(self) -> None:
        """Takes no more connections, and waits until what was asked is answered."""
        self.shutdown()
        self.server_close()
        with self._changed:
            self._changed.wait_for(lambda: self._at_work == 0)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """An engine that was killed hangs up: that is no error of ours."""

    def answer(self, asked: Asked) -> Answer:
        """The answer to a request whose path is still whole: `token/bucket/key`."""
        token, _, rest = asked.key.partition("/")
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            return wire.refusal(403, "AccessDenied", "no")
        if rest == VERDICT:
            return self._verdict()
        bucket, _, key = rest.partition("/")
        place = self.port.place
        about = key or parse_qs(asked.query).get("prefix", [""])[0]
        if bucket != place.bucket or not about.startswith(place.prefix):
            return wire.refusal(403, "AccessDenied", "this run works on another bucket")
        return self.port.answer(Asked(asked.method, key, asked.query, asked.headers, asked.body))

    def _verdict(self) -> Answer:
        """What has become of the state, once all is in the bucket or was waited for."""
        refused = self.port.flush()
        told = {"foreign": self.port.foreign, "unsaved": refused is not None, "held": self.port.held}
        return Answer(200, {"content-type": "application/json"}, json.dumps(told).encode())


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = 600
    wbufsize = -1

    def setup(self) -> None:
        """Small answers go at once."""
        super().setup()
        self.connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)

    def handle_expect_100(self) -> bool:
        """Whoever waits for leave to send a large body has it at once."""
        granted = super().handle_expect_100()
        self.wfile.flush()
        return granted

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class has it
        """Says nothing."""

    def _serve(self) -> None:
        with cast("Server", self.server).at_work():
            self._answered()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815 - the base class's names

    def _answered(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            body = bodies.read(cast("IO[bytes]", self.rfile), headers)
        except (bodies.TooLargeError, ValueError):
            self.close_connection = True
            return self._say(wire.refusal(400, "IncompleteBody", "the body is not whole, or too large"))
        path, _, query = self.path.lstrip("/").partition("?")
        told = {name: value for name, value in headers.items() if name not in _unwrapped(headers)}
        server = cast("Server", self.server)
        return self._say(server.answer(Asked(self.command, unquote(path), query, told, body)))

    def _say(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name not in _HOPS:
                self.send_header(name, value)
        bare = self.command == "HEAD"
        length = answer.headers.get("content-length", "0") if bare else str(len(answer.body))
        self.send_header("content-length", length)
        self.end_headers()
        if not bare:
            self.wfile.write(answer.body)


def _unwrapped(headers: Mapping[str, str]) -> frozenset[str]:
    """What told how the body was wrapped, where it was: it comes whole from here on."""
    return bodies.TOLD if bodies.is_wrapped(headers) else frozenset()
