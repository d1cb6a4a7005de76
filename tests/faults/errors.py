"""How AWS says that it is too busy or broken, in the protocol of each call.

Pure. Must never say it in a way that AWS does not: a client that retries what AWS never says proves nothing.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Protocol = Literal["s3", "ec2", "query", "json", "rest-json"]
Trouble = Literal["throttled", "broken"]

_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")
_REQUEST = "0f3c2b1a-fa17-4d5e-8c6b-0000000000ff"


@dataclass(frozen=True)
class Answer:
    """One answer over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def service_of(headers: Mapping[str, str]) -> str:
    """The service that a call is signed for, empty where it is not signed."""
    scope = _SCOPE.search(headers.get("authorization", ""))
    return scope[1] if scope else ""


def protocol_of(headers: Mapping[str, str]) -> Protocol:
    """The protocol of a call, by its headers (names in lower case)."""
    service, kind = service_of(headers), headers.get("content-type", "")
    if service == "s3":
        return "s3"
    if "x-amz-target" in headers:
        return "json"
    if kind.startswith("application/x-www-form-urlencoded"):
        return "ec2" if service == "ec2" else "query"
    return "rest-json"


#: Protocol → trouble → status, code.
CODES: Mapping[Protocol, Mapping[Trouble, tuple[int, str]]] = {
    "s3": {"throttled": (503, "SlowDown"), "broken": (500, "InternalError")},
    "ec2": {"throttled": (503, "RequestLimitExceeded"), "broken": (500, "InternalError")},
    "query": {"throttled": (400, "Throttling"), "broken": (500, "InternalFailure")},
    "json": {"throttled": (400, "ThrottlingException"), "broken": (500, "InternalServerError")},
    "rest-json": {"throttled": (429, "TooManyRequestsException"), "broken": (500, "InternalServerError")},
}
_WORDS: Mapping[Trouble, str] = {"throttled": "Rate exceeded", "broken": "We encountered an internal error."}


def trouble(headers: Mapping[str, str], kind: Trouble) -> Answer:
    """What AWS answers to that call when it is in that trouble."""
    protocol = protocol_of(headers)
    status, code = CODES[protocol][kind]
    content, body = _BODIES[protocol](code, _WORDS[kind])
    extra = {"x-amzn-RequestId": _REQUEST, "x-amz-request-id": _REQUEST}
    if protocol == "rest-json":
        extra["x-amzn-ErrorType"] = code
    return Answer(status, {"Content-Type": content} | extra, body.encode())


#: Protocol → how AWS says that it has nothing of what a read asks for: status, content type, body.
_NOTHING: Mapping[Protocol, tuple[int, str, str]] = {
    "json": (400, "application/x-amz-json-1.0", json.dumps({"__type": "ResourceNotFoundException", "message": "no"})),
    "ec2": (200, "text/xml", "<{read}Response><requestId>{id}</requestId></{read}Response>"),
}


def nothing(headers: Mapping[str, str], read: str) -> Answer:
    """What AWS answers to that read as long as it has nothing; raises KeyError for a protocol without a row."""
    status, content, body = _NOTHING[protocol_of(headers)]
    told = body.replace("{read}", read).replace("{id}", _REQUEST)
    return Answer(status, {"Content-Type": content, "x-amzn-RequestId": _REQUEST}, told.encode())


def _s3(code: str, words: str) -> tuple[str, str]:
    return (
        "application/xml",
        f"<Error><Code>{code}</Code><Message>{words}</Message><RequestId>{_REQUEST}</RequestId></Error>",
    )


def _ec2(code: str, words: str) -> tuple[str, str]:
    inner = f"<Errors><Error><Code>{code}</Code><Message>{words}</Message></Error></Errors>"
    return "text/xml", f"<Response>{inner}<RequestID>{_REQUEST}</RequestID></Response>"


def _query(code: str, words: str) -> tuple[str, str]:
    inner = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{words}</Message></Error>"
    return "text/xml", f"<ErrorResponse>{inner}<RequestId>{_REQUEST}</RequestId></ErrorResponse>"


def _json(code: str, words: str) -> tuple[str, str]:
    return "application/x-amz-json-1.1", json.dumps({"__type": code, "message": words})


def _rest_json(code: str, words: str) -> tuple[str, str]:
    del code  # it stands in a header
    return "application/json", json.dumps({"message": words})


_BODIES = {"s3": _s3, "ec2": _ec2, "query": _query, "json": _json, "rest-json": _rest_json}
