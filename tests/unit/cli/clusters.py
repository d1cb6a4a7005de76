"""An API server for the command line that is in trouble: whatever is asked of it, by any word, meets the same fault."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from tests.fakes.bodies import body
from tradai_operator.model import EnvironmentStatus, LayerStatus, PlanStatus
from tradai_operator.model.status import Run

ASKED = (
    LayerStatus(name="persistent", state="Ready"),
    LayerStatus(name="compute", state="Running", run=Run(id="r1", executor="local", handle="r1@1")),
)
#: An environment of which every word has something to say to Kubernetes.
STATUS = EnvironmentStatus(layers=ASKED, plan=PlanStatus(number=1, digest="p1", expires_at="2027-01-16T08:00:00Z"))
WINDOWS = {"windows": [{"schedule": "0 22 * * SAT", "duration": "4h"}]}
BODY = body(maintenance=WINDOWS, drift={"enabled": True}) | {"status": STATUS.dump()}
_NAMED = "/tradaienvironments/"

Answer = Callable[[httpx2.Request], httpx2.Response]


def kubeconfig(path: Path) -> Path:
    """A kubeconfig of a server that only a replaced transport reaches."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": "http://kubernetes.test"}}],
        "users": [{"name": "c", "user": {"token": "x"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
    }
    path.write_text(yaml.safe_dump(document))
    return path


def status(code: int, reason: str, message: str, **details: str) -> httpx2.Response:
    """What an API server says when it refuses."""
    content = {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message}
    return _json(code, content | ({"details": details} if details else {}))


def well(request: httpx2.Request) -> httpx2.Response:
    """A server with the environment `dev`."""
    response = _well(request)
    response.headers["x-well"] = "yes"
    return response


def _well(request: httpx2.Request) -> httpx2.Response:
    if request.url.path.endswith("/selfsubjectreviews"):
        return _json(201, {"status": {"userInfo": {"username": "ann"}}})
    if request.url.path.endswith("/namespaces/kube-system"):
        return _json(200, {"metadata": {"uid": "kube"}})
    return _json(200, BODY if _NAMED in request.url.path else {"metadata": {}, "items": [BODY]})


def silent(request: httpx2.Request) -> httpx2.Response:
    """Nobody listens."""
    raise httpx2.ConnectError("[Errno 111] Connection refused", request=request)


def forbidden(request: httpx2.Request) -> httpx2.Response:
    """The server knows who asks, and lets them do nothing."""
    told = f'tradaienvironments.tradai.io is forbidden: User "ann" cannot {request.method.lower()} resource'
    return status(403, "Forbidden", told)


def unknown(_: httpx2.Request) -> httpx2.Response:
    """The credentials are nobody's."""
    return status(401, "Unauthorized", "Unauthorized")


def empty(request: httpx2.Request) -> httpx2.Response:
    """The namespace has no environment."""
    return _not_found() if _NAMED in request.url.path else _json(200, {"metadata": {}, "items": []})


def bare(_: httpx2.Request) -> httpx2.Response:
    """A cluster in which nobody has installed anything."""
    return httpx2.Response(404, headers={"content-type": "text/plain"}, content=b"404 page not found\n")


def starting(_: httpx2.Request) -> httpx2.Response:
    """A server that has only just begun."""
    return status(503, "ServiceUnavailable", "apiserver not ready")


def no_api(_: httpx2.Request) -> httpx2.Response:
    """Something else than an API server listens there."""
    return httpx2.Response(200, headers={"content-type": "text/html"}, content=b"<html>welcome</html>")


def proxied(_: httpx2.Request) -> httpx2.Response:
    """Somebody between refuses, in words of their own."""
    return httpx2.Response(502, headers={"content-type": "text/html"}, content=b"<html>bad gateway</html>")


def gone_after(answers: int) -> Answer:
    """The environment is deleted after so many answers."""
    left = [answers]

    def answer(request: httpx2.Request) -> httpx2.Response:
        left[0] -= 1
        return well(request) if left[0] >= 0 else empty(request)

    return answer


@dataclass
class Transport:
    """Stands for the network between command line and API server; knows what was asked and not answered well."""

    answer: Answer
    asked: list[str] = field(default_factory=list)
    refused: bool = False

    def begin(self, answer: Answer) -> None:
        """From now on it answers so."""
        self.answer, self.refused = answer, False

    def __call__(self, _: Any, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(f"{request.method} {request.url}")
        self.refused, before = True, self.refused
        response = self.answer(request)
        self.refused = before or response.headers.get("x-well") != "yes"
        response.request = request
        return response

    def between(self, monkeypatch: pytest.MonkeyPatch) -> "Transport":
        """Puts it in the place of every connection."""
        monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", lambda *told: self(*told))
        return self


def _not_found() -> httpx2.Response:
    told = 'tradaienvironments.tradai.io "dev" not found'
    return status(404, "NotFound", told, name="dev", kind="tradaienvironments")


def _json(code: int, content: Any) -> httpx2.Response:
    headers = {"content-type": "application/json"}
    return httpx2.Response(code, headers=headers, content=json.dumps(content).encode())
