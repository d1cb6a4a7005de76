"""Which version a model goes back to, and how that is told. Must never call AWS or MLflow."""

from pydantic import Field

from shared.base import Frozen
from shared.entry import RefusedError
from shared.events import ROLLED_BACK, Registration
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


def told(name: str, move: Move, environment: str) -> Registration:
    """What is published of it for machines."""
    return Registration(
        event_id=f"{name}:{move.key}",
        kind=ROLLED_BACK,
        environment=environment,
        at=move.at,
        strategy=move.strategy,
        version=move.to_version,
        previous=move.from_version,
        model_name=name,
        by=move.by,
    )


def alert(name: str, move: Move) -> tuple[str, str]:
    """Subject and sentence for people."""
    return (
        f"{name} was rolled back to version {move.to_version}",
        f"{move.by} rolled {name} back from version {move.from_version or 'none'} to {move.to_version}: {move.reason}",
    )
