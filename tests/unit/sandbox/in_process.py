"""A client of AWS's whose requests go into an application in this process instead of a socket.

Must never answer anything by itself.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from tradai_sandbox.aws.latency import WsgiApp

REGION: Final = "eu-central-1"


def environ_of(request: AWSPreparedRequest) -> dict[str, Any]:
    """What a server would make of the request."""
    url = urlsplit(request.url)
    body: Any = request.body or b""
    headers = {f"HTTP_{key.upper().replace('-', '_')}": _text(value) for key, value in request.headers.items()}
    return {
        **headers,
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote(url.path) or "/",
        "REQUEST_URI": f"{url.path or '/'}?{url.query}",
        "QUERY_STRING": url.query,
        "CONTENT_TYPE": headers.get("HTTP_CONTENT_TYPE", ""),
        "wsgi.input": io.BytesIO(
            body.encode() if isinstance(body, str) else bytes(getattr(body, "read", lambda: body)())
        ),
    }


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@dataclass
class Raw:
    """The body of an answer, as botocore reads it."""

    content: bytes

    def stream(self, **_: Any) -> Iterable[bytes]:
        yield self.content


def client(service: str, application: WsgiApp, key: str = "ASIADEPLOY") -> Any:
    """A client of AWS's whose requests go into the application instead of a socket."""

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        answer: list[Any] = []
        body = b"".join(application(environ_of(request), lambda *started: answer.extend(started)))
        sent, headers = Raw(b"" if request.method == "HEAD" else body), HTTPHeaders.from_pairs(answer[1])
        return AWSResponse(request.url, int(answer[0].split()[0]), headers, sent)

    made: Any = boto3.client(
        service,  # type: ignore[call-overload]
        region_name=REGION,
        endpoint_url="http://127.0.0.1:1",
        aws_access_key_id=key,
        aws_secret_access_key="s",
        aws_session_token="t",
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )
    made.meta.events.register("before-send", send)
    return made
