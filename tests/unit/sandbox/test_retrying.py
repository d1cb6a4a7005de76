"""The sandbox asks its API server again while that one starts, and takes every other answer as it is."""

from collections.abc import Iterator

import httpx2
import pytest

from tradai_sandbox.retrying import RetryingTransport

Told = int | Exception
URL = "https://127.0.0.1:6443/apis/tradai.io/v1alpha1/tradaienvironments"
REFUSED = httpx2.ConnectError("connection refused")


class Starting(httpx2.BaseTransport):
    """A server that answers one after the other, the last one for ever."""

    def __init__(self, *answers: Told) -> None:
        self._answers: Iterator[Told] = iter(answers)
        self._last: Told = 500
        self.asked = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        self._last = next(self._answers, self._last)
        if isinstance(self._last, Exception):
            raise self._last
        return httpx2.Response(self._last, request=request)


class Clock:
    """Time that passes only while somebody pauses."""

    now = 0.0

    def read(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def _ask(server: Starting, retry_seconds: float = 60.0) -> httpx2.Response:
    clock = Clock()
    transport = RetryingTransport(server, retry_seconds, clock.read, clock.pause)
    return transport.handle_request(httpx2.Request("GET", URL))


@pytest.mark.parametrize(
    "before",
    [
        (429, 429),
        (503,),
        (REFUSED, REFUSED, 503, 429),
        (httpx2.ReadTimeout("slow"),),
        (httpx2.RemoteProtocolError("Server disconnected"),),
    ],
    ids=str,
)
def test_a_server_that_is_not_ready_yet_is_asked_again(before: tuple[Told, ...]) -> None:
    server = Starting(*before, 200)
    assert _ask(server).status_code == 200
    assert server.asked == len(before) + 1


@pytest.mark.parametrize("status", [200, 201, 403, 404, 409, 422, 500])
def test_what_a_ready_server_says_counts_at_once(status: int) -> None:
    server = Starting(status)
    assert _ask(server).status_code == status
    assert server.asked == 1


def test_when_it_never_becomes_ready_its_last_answer_counts() -> None:
    assert _ask(Starting(429), retry_seconds=5).status_code == 429


def test_when_it_never_answers_the_error_counts() -> None:
    with pytest.raises(httpx2.ConnectError, match="connection refused"):
        _ask(Starting(REFUSED), retry_seconds=5)
