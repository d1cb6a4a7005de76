"""The control addresses of workloads, in front of the endpoint's application.

Must never answer a call of AWS.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from tradai_sandbox.aws.latency import WsgiApp
from tradai_sandbox.workloads.running import FLEET, RECIPES, TOLD
from tradai_sandbox.workloads.words import RECIPES_PATH, WORKLOADS_PATH, Manners, Recipes

_OK: Final = "200 OK"
_BAD: Final = "400 Bad Request"


class Asked:
    """An application that is told about workloads beside AWS's calls."""

    def __init__(self, app: WsgiApp, changed: Callable[[], None]) -> None:
        self._app, self._changed = app, changed

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        """Answer as the application does."""
        control = {RECIPES_PATH: _recipes, WORKLOADS_PATH: self._manners}.get(environ["PATH_INFO"])
        if control is None:
            return self._app(environ, start_response)
        said = environ["wsgi.input"].read() if environ["REQUEST_METHOD"] == "PUT" else b""
        try:
            status, body = _OK, control(said)
        except (ValidationError, ValueError, OSError) as error:
            status, body = _BAD, {"error": str(error)}
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    def _manners(self, said: bytes) -> Mapping[str, Any]:
        if said:
            known = TOLD.manners.model_dump()
            TOLD.manners = Manners.model_validate({**known, **json.loads(said)})
            self._changed()
        return {**TOLD.manners.model_dump(mode="json"), "processes": FLEET.running()}


def _recipes(said: bytes) -> Mapping[str, Any]:
    if said:
        RECIPES.add(Recipes.model_validate_json(said))
    return RECIPES.all().model_dump(mode="json")
