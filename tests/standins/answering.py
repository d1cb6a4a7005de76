"""A service over HTTP that answers JSON, as the platform's own do; each test says what.

Must never keep anything of its own: what it knows is its owner's.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Method, path with its query, and body → status and what is said.
Answers = Callable[[str, str, bytes], tuple[int, Any]]


@contextmanager
def answering(answers: Answers, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Its address, while the block lasts; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Nothing."""

        def answer(self) -> None:
            """Any method."""
            asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, said = answers(self.command, self.path, asked)
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the server's names

    with ThreadingHTTPServer((host, port), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://{host}:{server.server_port}"
        server.shutdown()
