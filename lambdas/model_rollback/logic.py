"""Which version a model goes back to. Must never call AWS or MLflow."""

from pydantic import Field

from shared.base import Frozen
from shared.entry import RefusedError
from shared.rollbacks import History, Key, Kind, Move, Name, Sentence, VersionNumber, before, was_champion


class ModelRollback(Frozen):
    """The event. Without `to_version` it goes back to the champion before this one."""

    model_name: Name
    to_version: VersionNumber | None = None
    reason: Sentence
    requested_by: str = Field(min_length=1, max_length=128)
    request_id: Key


def chosen(event: ModelRollback, found: History, observed: str | None) -> Move:
    """The move. Raises RefusedError where our history knows nothing to go back to."""
    name = event.model_name
    target = event.to_version or before(found, observed)
    if target is None:
        raise RefusedError(f"{name} has had no champion before version {observed or 'none'}: nothing to go back to")
    if not was_champion(found, target):
        raise RefusedError(f"version {target} of {name} has never been the champion: promote it instead")
    if target == observed:
        raise RefusedError(f"version {target} of {name} is the champion already")
    return Move(
        key=event.request_id,
        kind=Kind.ROLLBACK,
        to_version=target,
        from_version=observed,
        strategy=found.strategy() or name,
        by=event.requested_by,
        reason=event.reason,
    )


def asked_otherwise(event: ModelRollback, move: Move) -> bool:
    """Whether that request id was used for something else before."""
    return move.kind is not Kind.ROLLBACK or event.to_version not in (None, move.to_version)
