"""Reads what our own runs have noted in the bucket about a stack.

Must never take a note that cannot be read for one that is not there: nothing is done on half a memory.
"""

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from tradai_iac.failure import Failure

if TYPE_CHECKING:
    from tradai_runner.bucket.store import Store

_M = TypeVar("_M", bound=BaseModel)


class UnfitStateError(Exception):
    """The state, or what belongs to it, is none to work on; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.error)


def noted(kind: type[_M], store: "Store", key: str, what: str) -> _M | None:
    """The note under a key, None where there is none; `what` says in words what it tells.

    Raises UnfitStateError where it cannot be read, and botocore's ClientError and connection errors.
    """
    body = store.get(key)
    try:
        return None if body is None else kind.model_validate_json(body)
    except ValidationError:
        raise UnfitStateError(_unreadable(key, what)) from None


def _unreadable(key: str, what: str) -> Failure:
    return Failure(
        kind="Backend",
        error=f"{what} cannot be read: {key} of the state bucket is damaged",
        hint="Nothing was touched. Put an older version of that object back (`aws s3api list-object-versions --prefix "
        f"{key}`); it is tried again automatically.",
    )
