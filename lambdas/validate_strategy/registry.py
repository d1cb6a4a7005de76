"""strategy-service over HTTP: is a strategy registered?

    GET /api/v1/strategies/{name} → {name, task_definition?}, or 404 where nobody has registered it

Must never take a service that does not answer, or answers anything else, for one that does not know the strategy.
"""

from typing import Final

from pydantic import ValidationError

from shared import http
from shared.http import UnansweredError
from validate_strategy.logic import Strategy

_UNKNOWN: Final = 404
#: What leaves the function its time for all else.
_WITHIN_S: Final = 12.0
_READ_S: Final = 5.0


class Registry:
    """The service at an address."""

    def __init__(self, address: str) -> None:
        self._url = address.rstrip("/") + "/api/v1/strategies/"

    def get(self, name: str) -> Strategy | None:
        """The strategy, None where the service says that there is none. Raises UnansweredError."""
        answer = http.call("GET", self._url + http.segment(name), read_s=_READ_S, within_s=_WITHIN_S)
        if answer.status == _UNKNOWN:
            return None
        try:
            found = Strategy.model_validate(answer.must_be_good().json())
        except ValidationError:
            raise UnansweredError(f"{answer.asked} answered {answer.status} with what is no strategy") from None
        if found.name != name:
            raise UnansweredError(f"{answer.asked} answered with another strategy")
        return found
