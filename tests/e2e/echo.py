"""An AWS endpoint before the sandbox's own that counts what reaches it, and can repeat a secret as it refuses it.

Must never change a request or an answer but for what a test asks of it.
"""

import http.client
import json
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import IO, Any, cast
from urllib.parse import urlsplit

from werkzeug.serving import DechunkedInput

_PUT = "secretsmanager.PutSecretValue"
_HOP = frozenset({"connection", "transfer-encoding", "content-length", "server", "date"})


class Echo(ThreadingHTTPServer):
    """Forwards to `upstream`; with `refuse`, values of secrets are refused and repeated; with `stall`, they wait."""

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream).netloc
        self.reached = 0
        self.refuse = False
        self.stalled = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that are killed hang up: no error."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Echo

    def _forward(self) -> None:
        self.server.reached += 1
        body = self._body()
        if self.headers.get("X-Amz-Target") == _PUT:
            if not self.server.go_on.is_set():
                self.server.stalled.set()
                self.server.go_on.wait(300)
            if self.server.refuse:
                self._repeat(json.loads(body)["SecretString"])
                return
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {*_HOP, "expect"}}
        with closing(http.client.HTTPConnection(self.server.upstream, timeout=120)) as connection:
            connection.request(self.command, self.path, body, headers)
            with connection.getresponse() as answer:
                status, told, content = answer.status, answer.getheaders(), answer.read()
        self._answer(status, told, content)

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return DechunkedInput(cast(IO[bytes], self.rfile)).readall()
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _repeat(self, value: str) -> None:
        said = {"__type": "InvalidRequestException", "Message": f"You can't use this value: {value}"}
        self._answer(400, [("Content-Type", "application/x-amz-json-1.1")], json.dumps(said).encode())

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in _HOP:
                self.send_header(name, value)
        length = {name.lower(): value for name, value in headers}.get("content-length")
        self.send_header("Content-Length", length if self.command == "HEAD" and length else str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._forward
        raise AttributeError(name)

    def log_message(self, *_: Any) -> None:
        """Nothing: what passes here is secret."""
