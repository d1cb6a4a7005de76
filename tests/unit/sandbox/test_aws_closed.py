"""moto's own API is shut: what reaches the endpoint cannot make it forget."""

import io
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from moto.moto_api._internal.urls import url_paths

from tradai_sandbox.aws.closed import Closed

ROOT = Path(__file__).parents[3]


def _inside(_environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"inside"]


def ask(app: Any, path: str, host: str = "127.0.0.1:20001", method: str = "POST") -> str:
    said: list[str] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "HTTP_HOST": host,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "20001",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(b""),
        "QUERY_STRING": "",
    }
    list(app(environ, lambda status, *_: said.append(status)))
    return said[0]


@pytest.mark.parametrize("path", [path.removeprefix("{0}") for path in url_paths])
@pytest.mark.parametrize("before", ["", "/"])
def test_whatever_moto_has_of_its_own_is_shut(path: str, before: str) -> None:
    assert ask(Closed(_inside), before + path) == "403 Forbidden"


@pytest.mark.parametrize("host", ["motoapi.amazonaws.com", "moto_api"])
def test_the_names_that_moto_gives_itself_are_shut(host: str) -> None:
    assert ask(Closed(_inside), "/x/reset", host) == "403 Forbidden"


@pytest.mark.parametrize("path", ["/", "/bucket/moto-api/reset", "/_sandbox/latency", "/2015-03-31/functions"])
def test_calls_of_aws_are_answered(path: str) -> None:
    assert ask(Closed(_inside), path) == "200 OK"


#: In a process of its own: the endpoint repairs moto for good.
_WHOLE = """
from tests.unit.sandbox.test_aws_closed import ask
from tradai_sandbox.aws.application import application
from tradai_sandbox.aws.closed import Closed
whole = application()
print(ask(whole, "/moto-api/reset"), ask(Closed(whole), "/moto-api/reset"), sep=", ")
"""


def test_the_endpoint_itself_would_have_forgotten_everything() -> None:
    ran = subprocess.run([sys.executable, "-c", _WHOLE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "200 OK, 403 Forbidden\n"
