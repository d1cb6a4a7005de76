"""An API server as whoever writes to it without a client's own work: requests by connections that stay open.

Must never repeat a request, nor take an answer for a success that is none.
"""

import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import urllib3

from tests.official import connection
from tradai_operator.model import keys

_KIND: Final = f"/apis/{keys.GROUP}/{keys.VERSION}"
_JSON_PATCH: Final = "application/json-patch+json"
_SECONDS: Final = 30.0


class Server:
    """By a kubeconfig."""

    def __init__(self, kubeconfig: Path) -> None:
        self._api: Any = connection(kubeconfig)
        known = self._api.configuration.auth_settings().values()
        self._headers: dict[str, str] = {each["key"]: each["value"] for each in known}

    def serves(self) -> bool:
        """Whether it says that it is ready, and has environments."""
        try:
            return self._ask("GET", "/readyz").status == HTTPStatus.OK and bool(self.environments())
        except (urllib3.exceptions.HTTPError, RuntimeError):
            return False

    def environments(self, limit: int = 1) -> list[dict[str, Any]]:
        """Some environments of any namespace, 0 for all."""
        asked = f"{_KIND}/{keys.PLURAL}?limit={limit}"
        found: list[dict[str, Any]] = json.loads(_right(self._ask("GET", asked)).data)["items"]
        return found

    def write_status(self, body: Mapping[str, Any], message: str) -> float:
        """Replaces a status as the operator does, with another message; the seconds that it took."""
        meta = body["metadata"]
        patch = [
            {"op": "test", "path": "/metadata/uid", "value": meta["uid"]},
            {"op": "add", "path": "/status", "value": body["status"] | {"message": message}},
        ]
        path = f"{_KIND}/namespaces/{meta['namespace']}/{keys.PLURAL}/{meta['name']}/status"
        given, began = json.dumps(patch).encode(), time.perf_counter()
        _right(self._ask("PATCH", path, given, {"Content-Type": _JSON_PATCH}))
        return time.perf_counter() - began

    def close(self) -> None:
        """Ends the connections."""
        self._api.close()

    def _ask(
        self, verb: str, path: str, given: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        found: urllib3.BaseHTTPResponse = self._api.rest_client.pool_manager.request(
            verb,
            self._api.configuration.host + path,
            body=given,
            headers=self._headers | dict(headers or {}),
            timeout=_SECONDS,
            retries=False,
        )
        return found


def _right(answer: urllib3.BaseHTTPResponse) -> urllib3.BaseHTTPResponse:
    if answer.status != HTTPStatus.OK:
        raise RuntimeError(f"the API server answered {answer.status}: {answer.data[:500].decode(errors='replace')}")
    return answer
