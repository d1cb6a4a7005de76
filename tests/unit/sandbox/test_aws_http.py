"""The endpoint's HTTP side keeps connections alive and answers each request whole."""

import http.client
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from tradai_sandbox.aws.dispatch import Dispatcher
from tradai_sandbox.aws.http import serve
from tradai_sandbox.moto_ext import register


def _echo(environ: dict[str, Any], start_response: Any, /) -> list[bytes]:
    body = environ["wsgi.input"].read()
    path = environ["PATH_INFO"]
    if path == "/nothing":
        start_response("204 No Content", [])
        return []
    if path == "/written":
        start_response("200 OK", [])(b"by hand")
        return []
    if path == "/broken":
        raise RuntimeError("on purpose")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["REQUEST_METHOD"].encode(), b" ", body]


@pytest.fixture(scope="module")
def connection() -> Iterator[http.client.HTTPConnection]:
    server = serve("127.0.0.1", 0, _echo)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    yield connection
    connection.close()
    server.shutdown()
    thread.join()
    server.server_close()


def _ask(connection: http.client.HTTPConnection, method: str, path: str, **arguments: Any) -> tuple[int, bytes]:
    connection.request(method, path, **arguments)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_one_connection_serves_request_after_request(connection: http.client.HTTPConnection) -> None:
    assert _ask(connection, "POST", "/", body="one") == (200, b"POST one")
    socket = connection.sock
    assert _ask(connection, "PUT", "/", body="two") == (200, b"PUT two")
    assert _ask(connection, "GET", "/") == (200, b"GET ")
    assert connection.sock is socket


def test_a_chunked_body_is_read_whole(connection: http.client.HTTPConnection) -> None:
    assert _ask(connection, "POST", "/", body=iter([b"in ", b"parts"]), encode_chunked=True) == (200, b"POST in parts")


@pytest.mark.parametrize(("method", "path", "status"), [("HEAD", "/", 200), ("GET", "/nothing", 204)])
def test_an_answer_without_body_leaves_the_connection_usable(
    connection: http.client.HTTPConnection, method: str, path: str, status: int
) -> None:
    assert _ask(connection, method, path) == (status, b"")
    assert _ask(connection, "GET", "/") == (200, b"GET ")


def test_a_body_written_by_hand_arrives(connection: http.client.HTTPConnection) -> None:
    assert _ask(connection, "GET", "/written") == (200, b"by hand")


def test_an_application_that_breaks_answers_as_a_server_error(connection: http.client.HTTPConnection) -> None:
    status, body = _ask(connection, "GET", "/broken")
    assert status == 500
    assert b"on purpose" in body
    assert _ask(connection, "GET", "/") == (200, b"GET ")


HOSTS = (
    "s3.eu-central-1.amazonaws.com",
    "ec2.eu-central-1.amazonaws.com",
    "codeartifact.eu-central-1.amazonaws.com",
    "iam.amazonaws.com",
    "sts.eu-central-1.amazonaws.com",
    "dynamodb",
    "moto_api",
    None,
)


@pytest.mark.parametrize("host", HOSTS)
def test_remembering_finds_the_same_service_as_looking(host: str | None) -> None:
    register()
    remembering, looking = Dispatcher(), DomainDispatcherApplication(create_backend_app)
    found = [remembering.get_backend_for_host(host) for _ in range(2)]
    assert found == [looking.get_backend_for_host(host)] * 2
