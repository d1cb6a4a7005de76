"""Requests about one object of S3 are answered in turn; all others beside each other."""

import threading
from collections.abc import Iterable
from typing import Any

import pytest

from tradai_sandbox.aws.atomic import Atomic

SIGNED = "AWS4-HMAC-SHA256 Credential=AKIA/20261129/eu-central-1/{}/aws4_request, SignedHeaders=host"


class Meeting:
    """An application whose calls wait for each other: two at once meet, one alone gives up."""

    def __init__(self) -> None:
        self.met = 0
        self._barrier = threading.Barrier(2)

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        try:
            self._barrier.wait(0.3)
            self.met += 1
        except threading.BrokenBarrierError:
            self._barrier.reset()
        yield b"done"


def _ask(app: Atomic, path: str, service: str) -> None:
    environ = {"PATH_INFO": path, "HTTP_AUTHORIZATION": SIGNED.format(service)}
    assert list(app(environ, lambda *_: None)) == [b"done"]


@pytest.mark.parametrize(
    ("paths", "service", "meet"),
    [
        pytest.param(("/b/k", "/b/k"), "s3", False, id="one object"),
        pytest.param(("/b/k", "/b/l"), "s3", True, id="two objects"),
        pytest.param(("/b", "/b"), "s3", True, id="a bucket"),
        pytest.param(("/2015-03-31/functions", "/2015-03-31/functions"), "lambda", True, id="another service"),
    ],
)
def test_only_one_request_at_a_time_is_about_one_object(paths: tuple[str, str], service: str, meet: bool) -> None:
    app = Atomic(meeting := Meeting())
    threads = [threading.Thread(target=_ask, args=(app, path, service)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert bool(meeting.met) is meet


def test_an_object_whose_answer_failed_is_answered_again() -> None:
    def failing(environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        raise RuntimeError("moto is broken")

    app = Atomic(failing)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="moto"):
            app({"PATH_INFO": "/b/k", "HTTP_AUTHORIZATION": SIGNED.format("s3")}, lambda *_: None)
