"""Calls of other services: what is an answer, what is tried again, and what raises."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from shared import http

Reply = Callable[[BaseHTTPRequestHandler], None]


class Service:
    """A server that answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.url = ""

    def answers(self, *replies: Reply) -> None:
        """Replies in their order; the last one is given for ever."""
        self.replies = list(replies)

    def reply(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("Content-Length") or 0)
        self.asked.append((request.command, request.path, dict(request.headers), request.rfile.read(length)))
        (self.replies.pop(0) if len(self.replies) > 1 else self.replies[0])(request)


def says(status: int, body: bytes = b"{}", **headers: str) -> Reply:
    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return reply


def hangs_up(request: BaseHTTPRequestHandler) -> None:
    request.connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def service() -> Iterator[Service]:
    known = Service()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: Any) -> None:
            """Nothing."""

        do_GET = do_POST = do_PATCH = do_DELETE = lambda self: known.reply(self)  # noqa: N815 - the server's names

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        known.url = f"http://127.0.0.1:{server.server_port}"
        yield known
        server.shutdown()


@pytest.mark.parametrize("status", [200, 404, 409, 422, 500])
def test_an_answer_of_any_status_is_an_answer_and_is_asked_for_once(service: Service, status: int) -> None:
    service.answers(says(status, b'{"a": 1}'))
    answer = http.call("GET", f"{service.url}/x")
    assert (answer.status, answer.json(), answer.good) == (status, {"a": 1}, status == 200)
    assert len(service.asked) == 1


@pytest.mark.parametrize("trouble", [says(502), says(503), says(504), hangs_up])
def test_who_is_away_for_a_moment_is_asked_again(service: Service, trouble: Reply) -> None:
    service.answers(trouble, says(200))
    assert http.call("GET", service.url).status == 200
    assert len(service.asked) == 2


def test_the_last_answer_counts(service: Service) -> None:
    service.answers(says(503))
    assert http.call("GET", service.url, tries=2).status == 503
    assert len(service.asked) == 2


@pytest.mark.parametrize("trouble", [says(503), hangs_up])
def test_what_must_not_be_done_twice_is_done_once(service: Service, trouble: Reply) -> None:
    service.answers(trouble, says(200))
    try:
        assert http.call("POST", service.url, body={}, tries=1).status == 503
    except http.UnansweredError:
        assert trouble is hangs_up
    assert len(service.asked) == 1


def test_a_body_goes_as_json_and_a_query_is_encoded(service: Service) -> None:
    service.answers(says(200))
    http.call("POST", f"{service.url}/{http.segment('a/b c')}", body={"pair": "BTC/USDT"}, query={"q": "a&b"})
    ((method, path, headers, body),) = service.asked
    assert (method, path, json.loads(body)) == ("POST", "/a%2Fb%20c?q=a%26b", {"pair": "BTC/USDT"})
    assert headers["Content-Type"] == "application/json"


def test_a_redirect_is_an_answer_and_is_not_followed(service: Service) -> None:
    service.answers(says(302, Location="/elsewhere"))
    assert http.call("GET", service.url).status == 302
    assert len(service.asked) == 1


def test_a_body_without_an_end_is_cut_off(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BODY_BYTES", 1000)
    service.answers(says(200, b"x" * 2000))
    with pytest.raises(http.UnansweredError, match="more than 1000 bytes"):
        http.call("GET", service.url, tries=1)


def test_a_body_that_drips_ends_at_the_limit(service: Service) -> None:
    released = threading.Event()

    def drips(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not released.wait(0.02):
            request.wfile.write(b"x")

    service.answers(drips)
    with pytest.raises(http.UnansweredError, match="does not end"):
        http.call("GET", service.url, tries=1, read_s=0.3)
    released.set()


def test_a_service_that_says_nothing_is_unanswered_within_the_limit(service: Service) -> None:
    released = threading.Event()

    def waits(_request: BaseHTTPRequestHandler) -> None:
        released.wait()

    service.answers(waits)
    with pytest.raises(http.UnansweredError, match=r"GET http://127.0.0.1:\d+/slow: .*Timeout"):
        http.call("GET", f"{service.url}/slow?token=secret", read_s=0.2, within_s=0.5)
    released.set()


def test_nobody_there_is_unanswered_and_no_query_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(http.UnansweredError) as caught:
        http.call("GET", f"http://user:word@127.0.0.1:{port}/p?token=secret", tries=2)
    assert str(caught.value).startswith(f"GET http://127.0.0.1:{port}/p: ")
    assert not any(word in str(caught.value) for word in ("secret", "word"))


def test_what_is_no_json_is_unanswered(service: Service) -> None:
    service.answers(says(200, b"<html>"))
    with pytest.raises(http.UnansweredError, match="no JSON"):
        http.call("GET", service.url).json()


def test_a_status_that_is_no_yes_can_be_insisted_on(service: Service) -> None:
    service.answers(says(500))
    with pytest.raises(http.UnansweredError, match="answered 500"):
        http.call("GET", service.url).must_be_good()


@pytest.mark.parametrize("address", ["", "host:80/x", "file:///etc/passwd", "http://"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="begins with http"):
        http.call("GET", address)


def test_a_login_is_basic_authentication() -> None:
    assert http.basic("ab", "c") == {"Authorization": "Basic YWI6Yw=="}
