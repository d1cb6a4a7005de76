"""Latency is told in words, and changed while the endpoint runs."""

import io
from typing import Any

import pytest

from tradai_sandbox.aws.latency import CONTROL_PATH, Delayed, seconds


def _call(app: Delayed, method: str, path: str, body: str = "") -> tuple[str, str]:
    told: list[str] = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": io.BytesIO(body.encode())}
    answer = b"".join(app(environ, lambda status, _headers: told.append(status)))
    return told[0], answer.decode()


def _aws(_environ: dict[str, Any], start_response: Any, /) -> list[bytes]:
    start_response("200 OK", [])
    return [b"aws"]


@pytest.mark.parametrize(("text", "expected"), [("80ms", 0.08), ("0ms", 0.0), ("1.5s", 1.5), (" 2s ", 2.0)])
def test_a_latency_is_written_with_its_unit(text: str, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["80", "ms", "-1ms", "1m", ""])
def test_a_latency_without_a_known_unit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 80ms"):
        seconds(text)


def test_the_latency_can_be_changed_while_the_endpoint_runs() -> None:
    app = Delayed(_aws, 0.0)
    assert _call(app, "PUT", CONTROL_PATH, "80ms") == ("200 OK", "80ms")
    assert app.delay == pytest.approx(0.08)
    assert _call(app, "GET", CONTROL_PATH) == ("200 OK", "80ms")


def test_a_wrong_latency_leaves_the_old_one() -> None:
    app = Delayed(_aws, 0.25)
    status, answer = _call(app, "PUT", CONTROL_PATH, "soon")
    assert status.startswith("400")
    assert "soon" in answer
    assert app.delay == pytest.approx(0.25)


def test_every_other_path_is_answered_by_aws() -> None:
    assert _call(Delayed(_aws, 0.0), "GET", "/") == ("200 OK", "aws")
