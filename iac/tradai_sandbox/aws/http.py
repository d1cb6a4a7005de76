"""The HTTP side of the endpoint: moto's request handler, with connections kept alive.

Must never interpret a request: moto does.

Why not werkzeug's own loop: it closes each connection and then waits 10 ms for stray input, which costs more
than most calls. Reading the whole body first makes keeping the connection safe.
"""

import contextlib
import io
import sys
import traceback
from typing import IO, Any, cast

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import DechunkedInput, ThreadedWSGIServer

from .latency import WsgiApp

Headers = list[tuple[str, str]]

_NO_BODY = frozenset({204, 304})


class KeepAliveHandler(MotoRequestHandler):
    """Answers request after request on one connection, each with its length."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        """Serve one request: read it whole, call the application, send the answer in one piece."""
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(self._body())
        self._send(*_answer(self.server.app, environ))

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return DechunkedInput(cast(IO[bytes], self.rfile)).readall()
        return bytes(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _send(self, status: str, headers: Headers, body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        names = {name.lower() for name, _ in headers}
        for name, value in headers:
            self.send_header(name, value)
        if "content-length" not in names and int(code) not in _NO_BODY:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_request(self, code: int | str = "-", _size: int | str = "-") -> None:
        """One plain line a request, without the client's address: there is only one client here."""
        print(f"{self.log_date_time_string()} {self.command} {self.path} {code}", file=sys.stderr, flush=True)


def _answer(app: WsgiApp, environ: dict[str, Any]) -> tuple[str, Headers, bytes]:
    """Status, headers and whole body of one call; what the application raises becomes a server error."""
    started: list[tuple[str, Headers]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: Headers, _failure: Any = None) -> Any:
        started.append((status, headers))
        return written.append

    try:
        chunks = app(environ, start_response)
        with contextlib.ExitStack() as closing:
            closing.callback(getattr(chunks, "close", lambda: None))
            written.extend(chunks)
    except Exception:
        print(traceback.format_exc(), file=sys.stderr, flush=True)
        return "500 Internal Server Error", [("Content-Type", "text/plain")], traceback.format_exc().encode()
    return *started[-1], b"".join(written)


class Server(ThreadedWSGIServer):
    """A thread a connection; a burst of connections waits in the backlog rather than being refused."""

    request_queue_size = 256
    daemon_threads = True


def serve(host: str, port: int, app: WsgiApp) -> Server:
    """A bound server, ready to `serve_forever`; port 0 takes a free one (`server_port` tells)."""
    return Server(host, port, app, handler=KeepAliveHandler)
