"""The one answer of a Git host that ArgoCD's pull request generator asks for: which pull requests are open.

Must never listen anywhere but on loopback.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

_PATH: Final = "/api/v3/repos/platform/environments/pulls"


class GitHost:
    """A host of GitHub's kind."""

    def __init__(self) -> None:
        self.pulls: dict[int, dict[str, Any]] = {}
        self.asked = 0
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.asked += 1
                known = self.path.partition("?")[0] == _PATH
                body = json.dumps(list(host.pulls.values()) if known else {"message": "Not Found"}).encode()
                self.send_response(200 if known else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def open(self, number: int, commit: str, *labels: str) -> None:
        """A pull request of that commit."""
        self.pulls[number] = {
            "number": number,
            "title": f"change {number}",
            "state": "open",
            "head": {"ref": f"change-{number}", "sha": commit},
            "base": {"ref": "main"},
            "user": {"login": "ann"},
            "labels": [{"name": label} for label in labels],
        }

    def merge(self, number: int) -> None:
        """It is open no more."""
        del self.pulls[number]

    def close(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()
