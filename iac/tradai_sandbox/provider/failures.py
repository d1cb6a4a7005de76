"""What can go wrong in the provider, and how AWS's errors are told to a person.

Must never lose AWS's own error code, message or request id: whoever reads the log acts upon them.
"""

import re
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

#: Error codes that say "there is no such thing"; a row adds its own where a service spells it otherwise.
_GONE: Final = re.compile(r"NotFound|NoSuch|NonExist|DoesNotExist|\bNotExist", re.IGNORECASE)


class ProviderError(Exception):
    """The provider cannot do what it was asked to; the text says why."""


class NotImplementedByEndpointError(ProviderError):
    """The endpoint lacks the operation (or broke in it): trying again is of no use."""


class ApiError(ProviderError):
    """AWS refused a call. Carries `code`, and a text with code, message, request id and operation."""

    def __init__(self, service: str, operation: str, error: ClientError) -> None:
        said = error.response.get("Error", {})
        meta = error.response.get("ResponseMetadata", {})
        self.code = str(said.get("QueryErrorCode") or said.get("Code", "Unknown"))
        request = meta.get("RequestId", "none")
        super().__init__(
            f"operation error {service}: {operation}, https response error StatusCode: "
            f"{meta.get('HTTPStatusCode', 0)}, RequestID: {request}, "
            f"api error {self.code}: {said.get('Message', 'no message').strip()}, request id: {request}"
        )


class CallError(ProviderError):
    """A call never got as far as an answer: refused by the model's validation, or the endpoint is away."""

    def __init__(self, service: str, operation: str, error: BotoCoreError) -> None:
        super().__init__(f"operation error {service}: {operation}, {error}")


class PartlyCreatedError(ProviderError):
    """A resource exists, but a later call that makes it whole failed. Carries its `id`."""

    def __init__(self, id_: str, cause: ProviderError) -> None:
        self.id = id_
        super().__init__(str(cause))


def is_gone(error: ApiError, extra: frozenset[str] = frozenset()) -> bool:
    """Whether an error says that the thing itself is not there."""
    return error.code in extra or _GONE.search(error.code) is not None
