"""A bucket in memory behind HTTP that refuses what it is told to, in S3's own words.

Only as much of S3 as the engine's state backend and our store use. Must never answer a refusal that AWS does not
document.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import httpx2

_REQUEST: Final = "REQ123456789"
_HOP: Final = {"connection", "content-length", "transfer-encoding", "host", "expect", "content-encoding"}


@dataclass(frozen=True)
class Refusal:
    """An answer of S3 to every request of `method` whose path matches `path`; a `status` of 0 hangs up instead."""

    status: int
    code: str
    message: str
    method: str = ".*"
    path: str = ".*"


@dataclass
class Bucket:
    """What the endpoint keeps, and what it refuses from now on."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    upstream: str | None = None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bucket: Bucket

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self._body()
        self.bucket.asked.append(f"{self.command} {parts.path}")
        for refusal in self.bucket.refusals:
            if re.fullmatch(refusal.method, self.command) and re.search(refusal.path, parts.path):
                return self._refuse(refusal)
        if self.bucket.upstream:
            return self._forward(self.bucket.upstream, body)
        key = unquote(parts.path).lstrip("/").partition("/")[2]
        if not key:
            return self._listing(parse_qs(parts.query, keep_blank_values=True))
        if self.command == "PUT":
            source = self.headers.get("x-amz-copy-source")
            self.bucket.objects[key] = self.bucket.objects[unquote(source).partition("/")[2]] if source else body
            return self._reply(200, b"<CopyObjectResult/>" if source else b"")
        if self.command == "DELETE":
            self.bucket.objects.pop(key, None)
            return self._reply(204)
        if key not in self.bucket.objects:
            return self._refuse(Refusal(404, "NoSuchKey", "The specified key does not exist."))
        return self._reply(200, self.bucket.objects[key])

    def _forward(self, upstream: str, body: bytes) -> None:
        kept = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        answer = httpx2.request(self.command, upstream + self.path, headers=kept, content=body)
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)

    do_GET = do_PUT = do_DELETE = do_HEAD = do_POST = _answer  # noqa: N815 - names of the base class

    def _body(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "aws-chunked" not in (self.headers.get("Content-Encoding") or "") and not self.headers.get(
            "x-amz-decoded-content-length"
        ):
            return body
        plain, rest = b"", body
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size.split(b";")[0], 16)
            if not length:
                break
            plain, rest = plain + rest[:length], rest[length + 2 :]
        return plain

    def _listing(self, query: dict[str, list[str]]) -> None:
        if "location" in query or "versioning" in query:
            name = "LocationConstraint" if "location" in query else "VersioningConfiguration"
            return self._reply(200, f'<{name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'.encode())
        prefix = query.get("prefix", [""])[0]
        keys = sorted(key for key in self.bucket.objects if key.startswith(prefix))
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.bucket.objects[key])}</Size>"
            "<LastModified>2026-11-21T10:00:00.000Z</LastModified></Contents>"
            for key in keys
        )
        return self._reply(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>".encode())

    def _refuse(self, refusal: Refusal) -> None:
        if not refusal.status:
            self.close_connection = True
            return
        text = (
            f"<Error><Code>{refusal.code}</Code><Message>{refusal.message}</Message>"
            f"<RequestId>{_REQUEST}</RequestId></Error>"
        )
        self._reply(refusal.status, text.encode())

    def _reply(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("x-amz-request-id", _REQUEST)
        self.send_header("x-amz-bucket-region", "eu-central-1")
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 10:00:00 GMT")
        self.send_header("ETag", '"0"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: the tests look at `asked`."""


@contextmanager
def faulty_s3(*refusals: Refusal, upstream: str | None = None) -> Iterator[Bucket]:
    """A bucket of any name at `url`, until the block ends; what is not refused goes to `upstream`, if any."""
    bucket = Bucket(refusals=list(refusals), upstream=upstream)
    handler = type("Handler", (_Handler,), {"bucket": bucket})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    bucket.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
