"""Which operation of AWS a request asks for, whatever the service's protocol.

JSON services say it in a header, query services in the body, those of Smithy's RPC in the path; of REST services
botocore's models tell which operation has that method and path. Must never consume a request's body.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qs

import botocore.session
from botocore.exceptions import UnknownServiceError

_ACTION: Final = re.compile(rb"(?:^|&)Action=(\w+)")
_LABEL: Final = re.compile(r"\{([\w-]+)(\+?)\}")
_RPC: Final = "rpc-v2"
_FORM: Final = "application/x-www-form-urlencoded"
#: Services whose signatures bear another name than their models.
_MODELS: Final = {"apigateway": "apigatewayv2"}


@dataclass(frozen=True)
class _Route:
    """One operation of a REST service: where it is, and the words that its query must have."""

    name: str
    path: re.Pattern[str]
    query: frozenset[str]


def operation(service: str, environ: dict[str, Any]) -> str:
    """The operation's name; the HTTP method where nobody can tell."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    if str(environ.get("HTTP_SMITHY_PROTOCOL", "")).startswith(_RPC):
        return str(environ["PATH_INFO"]).rpartition("/")[2]
    if environ.get("CONTENT_TYPE", "").startswith(_FORM) and (action := _ACTION.search(_body(environ))):
        return action[1].decode()
    return _by_path(service, environ) or str(environ["REQUEST_METHOD"])


def _body(environ: dict[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    body: bytes = stream.read()
    stream.seek(0)
    return body


def _by_path(service: str, environ: dict[str, Any]) -> str | None:
    """Among those that fit, the one that asks for most of the query, then the one with the plainest name."""
    path = str(environ.get("REQUEST_URI") or environ["PATH_INFO"]).partition("?")[0].rstrip("/") or "/"
    asked = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    if said := asked.get("x-id"):
        return str(said[0])
    fitting = [
        route
        for route in _routes(service, environ["REQUEST_METHOD"])
        if route.query <= set(asked) and route.path.fullmatch(path)
    ]
    return min(fitting, key=lambda route: (-len(route.query), len(route.name))).name if fitting else None


@cache
def _routes(service: str, method: str) -> tuple[_Route, ...]:
    return tuple(route for verb, route in _all_routes(service) if verb == method)


@cache
def _all_routes(service: str) -> tuple[tuple[str, _Route], ...]:
    try:
        return tuple(_modelled(_MODELS.get(service, service)))
    except UnknownServiceError:
        return ()


def _modelled(service: str) -> Iterator[tuple[str, _Route]]:
    model = botocore.session.Session().get_service_model(service)
    for name in model.operation_names:
        http = model.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        words = frozenset(parse_qs(query, keep_blank_values=True))
        yield http["method"], _Route(name, _pattern(path.rstrip("/") or "/"), words)


def _pattern(path: str) -> re.Pattern[str]:
    """`/{Bucket}/{Key+}` as an expression: a plain label ends at a slash, one with a plus does not."""
    fixed = [re.escape(text) for text in _LABEL.sub("\0", path).split("\0")]
    labels = [".+" if greedy else "[^/]+" for _, greedy in _LABEL.findall(path)]
    return re.compile("".join(text + label for text, label in zip(fixed, [*labels, ""], strict=True)))
