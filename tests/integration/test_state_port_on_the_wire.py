"""The state port between engine and network: what an engine writes, how it asks, which way to the bucket is taken."""

import os
import socket
import subprocess
import threading
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import botocore.session
import pytest
from botocore.auth import S3SigV4Auth
from botocore.exceptions import CredentialRetrievalError

from tradai_runner.stateport import grouping
from tradai_runner.stateport.asked import Asked, Place
from tradai_runner.stateport.port import Port
from tradai_runner.stateport.sending import UnreachableError
from tradai_runner.stateport.server import Server
from tradai_runner.stateport.upstream import SignedBucket, connections
from tradai_runner.stateport.wire import Answer


def test_a_client_that_asks_first_whether_it_may_send_is_told_so_at_once() -> None:
    """As the engine's does with a state of some size; and a checksum's name goes with the checksum behind the body."""
    sent: list[Asked] = []

    def ask(asked: Asked) -> Answer:
        sent.append(asked)
        return Answer(200, {"etag": '"x"'})

    server = Server(Port(Place("b", "", "p", "s"), "r-1", SimpleNamespace(ask=ask), wait_seconds=1.0), "token")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    head = (
        b"PUT /token/b/history HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 43\r\n"
        b"Content-Encoding: aws-chunked\r\nx-amz-trailer: x-amz-checksum-crc32\r\n"
        b"x-amz-sdk-checksum-algorithm: CRC32\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=30) as client:
        client.sendall(head)
        assert client.recv(100).startswith(b"HTTP/1.1 100")
        client.sendall(b"2\r\n{}\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 200")
    server.drain()
    (asked,) = sent
    assert asked.body == b"{}"
    assert not [name for name in asked.headers if "checksum" in name or "trailer" in name]


class _Proxy(BaseHTTPRequestHandler):
    """Answers whatever it is asked for on behalf of others."""

    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_HEAD(self) -> None:
        self.asked.append((self.path, self.headers.get("proxy-authorization")))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class has it
        """Says nothing."""


def test_a_network_without_a_way_of_its_own_has_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As engines and boto3 find it: by the variables that reach a run."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Proxy) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        monkeypatch.setenv("http_proxy", f"http://me:word@127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "x")
        assert SignedBucket("b", "eu-central-1", "http://s3.example").ask(Asked("HEAD", "key")).status == 200
        with pytest.raises(UnreachableError):
            SignedBucket("b", "eu-central-1", "http://127.0.0.1:1").ask(Asked("HEAD", "key"))
    assert _Proxy.asked == [("http://s3.example/b/key", f"Basic {b64encode(b'me:word').decode()}")]


def test_authorities_that_boto3_is_told_of_are_believed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE"):
        monkeypatch.setenv(name, path := str(tmp_path / name))
        pool = connections("https://s3.example", botocore.session.get_session())
        assert pool.connection_pool_kw["ca_certs"] == path


def test_credentials_that_cannot_be_had_just_now_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setattr(S3SigV4Auth, "add_auth", _without_credentials)
    with pytest.raises(UnreachableError, match="CredentialRetrievalError"):
        SignedBucket("b", "eu-central-1", "http://127.0.0.1:1").ask(Asked("HEAD", "key"))


def _without_credentials(self: Any, request: Any) -> None:
    raise CredentialRetrievalError(provider="x", error_msg="no answer")


def test_what_the_engine_itself_writes_is_of_the_form_that_the_port_understands(tmp_path: Path) -> None:
    """Where it is not, nothing ever waits, and `Group` is `Sync` without a word."""
    (tmp_path / "Pulumi.yaml").write_text("name: sample-work\nruntime: python\n")
    (tmp_path / "bucket").mkdir()
    own = {
        "PULUMI_BACKEND_URL": f"file://{tmp_path}/bucket",
        "PULUMI_CONFIG_PASSPHRASE": "x",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    words = ("pulumi", "--non-interactive", "stack", "init", "dev")
    subprocess.run(words, cwd=tmp_path, env=os.environ | own, check=True, capture_output=True)
    written = (tmp_path / "bucket/.pulumi/stacks/sample-work/dev.json").read_bytes()
    assert grouping.begun(written) == {}
