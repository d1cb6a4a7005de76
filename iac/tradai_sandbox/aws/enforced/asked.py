"""A request's operation and parameters, whatever the service's protocol.

As far as rights depend on them: names, ARNs and tags. Must never consume a request's body.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, unquote
from xml.etree import ElementTree

import botocore.session
from botocore.exceptions import UnknownServiceError

from tradai_iac.iam.calls import Request
from tradai_sandbox.aws.operations import operation

#: A key, the region and the service, as a signature names them.
SCOPE: Final = re.compile(r"Credential=([^/,]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_LABEL: Final = re.compile(r"\{([\w-]+)(\+?)\}")
_FORM: Final = "application/x-www-form-urlencoded"
#: Services of REST protocols whose signatures bear another name than their models.
_MODELS: Final = {"apigateway": "apigatewayv2"}
#: Of S3's bodies only these say what a right depends on; the others are what is stored.
_READ: Final = frozenset({"DeleteObjects"})


def asked(environ: Mapping[str, Any], account: str) -> Request | None:
    """The call, None for what is not signed; raises ValueError for a body that cannot be read."""
    scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if not scope:
        return None
    _, region, service = scope.groups()
    name = operation(service, dict(environ))
    path = str(environ.get("REQUEST_URI") or environ["PATH_INFO"]).partition("?")[0]
    params = _params(environ, service, name, path)
    return Request(service, name, params, account, region, str(environ["REQUEST_METHOD"]), unquote(path))


def _params(environ: Mapping[str, Any], service: str, name: str, path: str) -> Mapping[str, Any]:
    body = _body(environ)
    if environ.get("HTTP_X_AMZ_TARGET"):
        return _json(body)
    if str(environ.get("CONTENT_TYPE", "")).startswith(_FORM):
        return _nested(parse_qsl(body.decode(), keep_blank_values=True))
    query = {key: values[0] if len(values) == 1 else values for key, values in _query(environ).items()}
    more = _xml(body) if name in _READ else {} if service in {"s3", "route53"} else _json(body)
    return {**more, **query, **_labels(service, name, path)}


def _body(environ: Mapping[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    body: bytes = stream.read()
    stream.seek(0)
    return body


def _query(environ: Mapping[str, Any]) -> dict[str, list[str]]:
    return parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)


def _json(body: bytes) -> dict[str, Any]:
    """A body's fields; a payload that is none of JSON's has no field that a right depends on."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _xml(body: bytes) -> dict[str, Any]:
    return {"Body": _tree(ElementTree.fromstring(body))} if body else {}  # noqa: S314 - our own clients' on loopback


def _tree(element: ElementTree.Element) -> Any:
    if not len(element):
        return element.text or ""
    return [{child.tag.rpartition("}")[2]: _tree(child)} for child in element]


def _nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`TagSpecification.1.Tag.1.Key` and its like as mappings and lists."""
    root: dict[str, Any] = {}
    for key, value in pairs:
        place = root
        *above, last = [part for part in key.split(".") if part not in {"member", "entry"}]
        for part in above:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise ValueError(f"{key} is a value and a structure")
        place[last] = value
    return {key: _listed(value) for key, value in root.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(entry) for key, entry in value.items()}
    return list(inner.values()) if inner and all(key.isdigit() for key in inner) else inner


def _labels(service: str, name: str, path: str) -> dict[str, str]:
    """What the path of a REST call says, by the names of the operation's model."""
    template = _paths(_MODELS.get(service, service)).get(name, "")
    found = _expression(template.partition("?")[0].rstrip("/") or "/").fullmatch(path.rstrip("/") or "/")
    names = [label for label, _ in _LABEL.findall(template.partition("?")[0])]
    return dict(zip(names, map(unquote, found.groups()), strict=True)) if found else {}


@cache
def _paths(service: str) -> Mapping[str, str]:
    try:
        model = botocore.session.Session().get_service_model(service)
    except UnknownServiceError:
        return {}
    return dict(_templates(model))


def _templates(model: Any) -> Iterator[tuple[str, str]]:
    return ((name, model.operation_model(name).http["requestUri"]) for name in model.operation_names)


@cache
def _expression(template: str) -> re.Pattern[str]:
    fixed = [re.escape(text) for text in _LABEL.sub("\0", template).split("\0")]
    labels = ["(.+)" if greedy else "([^/]+)" for _, greedy in _LABEL.findall(template)]
    return re.compile("".join(text + label for text, label in zip(fixed, [*labels, ""], strict=True)))
