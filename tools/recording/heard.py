"""What a request to AWS asks for: its call, by service and operation, and the rights that the call needs.

Must never keep a parameter: names of actions are all that leaves this module.
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from tradai_iac.iam.calls import Request, rights_of
from tradai_sandbox.aws.enforced.asked import asked
from tradai_sandbox.aws.operations import operation

#: No right depends on it.
_ACCOUNT: Final = "123456789012"
_REAL: Final = re.compile(r".+\.(amazonaws\.com(\.cn)?|api\.aws)")
_BUCKET: Final = re.compile(r"(.+)\.s3(?:[.-][a-z0-9.-]+)?\.amazonaws\.com(?:\.cn)?")
_S3_CONTROL: Final = "s3-control"


@dataclass(frozen=True)
class HeardCall:
    """`call` is like `sqs:CreateQueue`; `rights` are the actions that it needs, None where nobody knows them; `real` is
    whether AWS itself was asked, by TLS."""

    call: str
    rights: tuple[str, ...] | None
    real: bool


def heard(method: str, url: str, headers: Mapping[str, str], body: bytes) -> HeardCall | None:
    """None for what is not signed, and so is no call; headers by names in lower case."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    environ = _environ(method, _path(host, parts.path or "/"), parts.query, headers, body)
    request = asked(environ, _ACCOUNT)
    if request is None:
        return None
    if _is_s3_control(host):
        request = replace(request, operation=operation("s3control", environ))
    real = parts.scheme == "https" and bool(_REAL.fullmatch(host))
    return HeardCall(f"{request.prefix}:{request.operation}", _rights(request), real)


def _path(host: str, path: str) -> str:
    """With the bucket before it, where AWS has that in the host's name."""
    bucket = None if _is_s3_control(host) else _BUCKET.fullmatch(host)
    return f"/{bucket[1]}{path}" if bucket else path


def _is_s3_control(host: str) -> bool:
    """A service of its own, with the signature and the rights of S3."""
    return _S3_CONTROL in host.split(".")


def _environ(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": headers.get("content-type", ""),
        "HTTP_AUTHORIZATION": headers.get("authorization", ""),
        "HTTP_SMITHY_PROTOCOL": headers.get("smithy-protocol", ""),
        "HTTP_X_AMZ_TARGET": headers.get("x-amz-target", ""),
        "wsgi.input": io.BytesIO(body),
    }


def _rights(request: Request) -> tuple[str, ...] | None:
    try:
        return tuple(sorted({right.action for right in rights_of(request)}))
    except LookupError:
        return None
