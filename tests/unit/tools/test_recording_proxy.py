"""The proxy of a recording: what a client sends arrives as it was, within TLS too, and is told."""

import http.client
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from tools.recording.authority import Authority
from tools.recording.proxy import Proxy

HOST = "sqs.eu-central-1.amazonaws.com"


class Cloud(BaseHTTPRequestHandler):
    """Answers with what it was sent; `/none` without a body, `/bad` with a refusal."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        said = f"{self.command} {self.path} {self.headers['Host']} {self.headers.get('Authorization')} ".encode() + body
        none = self.path == "/none"
        self.send_response(204 if none else 403 if self.path == "/bad" else 200)
        self.send_header("X-Amzn-RequestId", "1")
        if not none:
            self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        if not none and self.command != "HEAD":
            self.wfile.write(said)

    do_GET = do_HEAD = do_POST = do_PUT = _answer  # noqa: N815 - the base class calls them so

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def cloud() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Cloud)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Through:
    """A client behind the proxy, whose every way leads to the cloud."""

    def __init__(self, cloud: str, folder: Path) -> None:
        self.heard: list[tuple[str, str, bytes]] = []
        self.dialled: list[tuple[str, str]] = []
        self.authority = Authority(folder)
        self.proxy = Proxy(self.authority, self._hear, self._dial)
        self._cloud = cloud

    def _hear(self, method: str, url: str, headers: dict[str, str], body: bytes) -> None:
        assert headers["authorization"] == "signed"
        self.heard.append((method, url, body))

    def _dial(self, scheme: str, authority: str) -> http.client.HTTPConnection:
        self.dialled.append((scheme, authority))
        return http.client.HTTPConnection(self._cloud)

    @contextmanager
    def connection(self, *, tls: bool, trust: Path | None = None) -> Iterator[http.client.HTTPConnection]:
        address = urlsplit(self.proxy.url).netloc
        made = http.client.HTTPConnection(address, timeout=10)
        if tls:
            context = ssl.create_default_context(cafile=str(trust or self.authority.bundle))
            made = http.client.HTTPSConnection(address, timeout=10, context=context)
            made.set_tunnel(HOST, 443)
        with closing(made):
            yield made


@pytest.fixture
def through(cloud: str, tmp_path: Path) -> Iterator[Through]:
    made = Through(cloud, tmp_path)
    yield made
    made.proxy.close()


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
    chunked = {"encode_chunked": True} if isinstance(body, list) else {}
    more = {"Transfer-Encoding": "chunked"} if chunked else {}
    given = iter(body) if isinstance(body, list) else body
    connection.request(method, path, body=given, headers={"Authorization": "signed", "Host": HOST, **more}, **chunked)
    answer = connection.getresponse()
    assert answer.headers["X-Amzn-RequestId"] == "1"
    return answer.status, answer.read()


@pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"])
def test_requests_of_one_connection_arrive_as_they_were_sent(through: Through, tls: bool) -> None:
    before, scheme = ("", "https") if tls else (f"http://{HOST}", "http")
    with through.connection(tls=tls) as connection:
        for path, body in (("/?a=1&b=%2Fc", b"one"), ("/q", b"")):
            status, answer = ask(connection, "POST", before + path, body)
            assert (status, answer) == (200, f"POST {path} {HOST} signed ".encode() + body)
    assert through.heard == [("POST", f"{scheme}://{HOST}/?a=1&b=%2Fc", b"one"), ("POST", f"{scheme}://{HOST}/q", b"")]
    assert set(through.dialled) == {(scheme, HOST)}


def test_answers_without_a_body_and_refusals_come_back_as_they_are(through: Through) -> None:
    with through.connection(tls=True) as connection:
        assert ask(connection, "HEAD", "/") == (200, b"")
        assert ask(connection, "GET", "/none") == (204, b"")
        assert ask(connection, "GET", "/bad") == (403, f"GET /bad {HOST} signed ".encode())


def test_a_body_in_chunks_arrives_whole(through: Through) -> None:
    with through.connection(tls=True) as connection:
        assert ask(connection, "PUT", "/", [b"one", b"two"]) == (200, f"PUT / {HOST} signed onetwo".encode())
        assert ask(connection, "GET", "/next") == (200, f"GET /next {HOST} signed ".encode())


def test_a_client_that_trusts_somebody_else_is_not_heard(through: Through, tmp_path: Path) -> None:
    (folder := tmp_path / "another").mkdir()
    with (
        through.connection(tls=True, trust=Authority(folder).bundle) as connection,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        connection.request("GET", "/")
    assert through.heard == []


def test_where_aws_cannot_be_reached_the_client_is_told(tmp_path: Path) -> None:
    def nowhere(scheme: str, authority: str) -> http.client.HTTPConnection:
        raise ConnectionRefusedError("nobody is there")

    proxy = Proxy(Authority(tmp_path), lambda *_: None, nowhere)
    with closing(http.client.HTTPConnection(urlsplit(proxy.url).netloc, timeout=10)) as connection:
        connection.request("GET", f"http://{HOST}/")
        answer = connection.getresponse()
        assert (answer.status, b"nobody is there" in answer.read()) == (502, True)
    proxy.close()
