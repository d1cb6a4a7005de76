"""Our own history of each model's champion, in rollback-state: what it was, what it became, who wanted it and why.

A move is first noted as `pending`, then made in MLflow, then noted as done, so that whoever comes next knows what was
begun. MLflow's aliases have no past; this is where a rollback finds the version before. The item is bounded, and
deployments has the moves that fall out of it. Must never forget what was champion before the alias has moved.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final

from boto3.dynamodb.conditions import Attr
from pydantic import Field

from shared import clock
from shared.base import Frozen
from shared.deployed import DEPLOYED
from shared.tables import Table

#: Moves and earlier champions that one item holds: 100 of the largest are far below DynamoDB's 400 kB.
KEPT: Final = 100
#: After that long whoever began a move is gone for sure: no function that moves runs longer than its limit.
ABANDONED: Final = timedelta(
    seconds=60 + max(DEPLOYED.functions[name].timeout_seconds for name in ("promote-model", "model-rollback"))
)

#: What may stand in MLflow's paths and filters, and in ids of ours.
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._ -]{0,127}$")]
VersionNumber = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,17}$")]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$")]
Sentence = Annotated[str, Field(min_length=1, max_length=500)]


class Kind(StrEnum):
    """Why the champion changes."""

    PROMOTION = "promotion"
    ROLLBACK = "rollback"


class Move(Frozen):
    """One change of the champion, done once for its `key`: a run's or a request's id. `at` is when it began."""

    key: Key
    kind: Kind
    to_version: VersionNumber
    from_version: VersionNumber | None = None
    strategy: str = Field(min_length=1, max_length=128)
    by: str = Field(min_length=1, max_length=128)
    reason: Sentence
    at: str = ""
    told: bool = False


class History(Frozen):
    """One item. `champions` were champion one after the other, the last is; a rollback takes the end off."""

    model_name: str
    version: int = 0
    champions: tuple[str, ...] = ()
    pending: Move | None = None
    moves: tuple[Move, ...] = ()

    def done(self, key: str) -> Move | None:
        """The move of that key, where it is done."""
        return next((move for move in reversed(self.moves) if move.key == key), None)

    def strategy(self) -> str | None:
        """Whose model it is, as far as a move has said."""
        return self.moves[-1].strategy if self.moves else None


def standing(champions: Sequence[str], observed: str | None) -> tuple[str, ...]:
    """The champions up to the one that MLflow has now: somebody may have moved the alias by hand, on or back."""
    known = tuple(champions)
    if observed is None:
        return known
    return known[: len(known) - known[::-1].index(observed)] if observed in known else (*known, observed)


def before(found: History, observed: str | None) -> str | None:
    """The champion before the one that MLflow has now; where it has none, the last one that we know of."""
    known = standing(found.champions, observed)
    earlier = known if observed is None else known[:-1]
    return earlier[-1] if earlier else None


def was_champion(found: History, version: str) -> bool:
    """Whether our history knows it as a champion."""
    moved = {version for move in found.moves for version in (move.from_version, move.to_version)}
    return version in moved or version in found.champions


def after(champions: Sequence[str], move: Move) -> tuple[str, ...]:
    """The champions once a move is done."""
    known = standing(champions, move.from_version)
    if known[-1:] != (move.to_version,):
        known = standing(known, move.to_version) if move.kind is Kind.ROLLBACK else (*known, move.to_version)
    return known[-KEPT:]


def finished(found: History, move: Move) -> dict[str, Any]:
    """What an item becomes when a move is done."""
    return {
        "champions": list(after(found.champions, move)),
        "pending": None,
        "moves": [_item(each) for each in (*found.moves, move)[-KEPT:]],
    }


def abandoned(move: Move, at: datetime) -> bool:
    """Whether nobody can be at work on a pending move: its time has passed, or it is of a clock that was wrong."""
    return abs(at - clock.parsed(move.at)) > ABANDONED


def _item(move: Move) -> dict[str, Any]:
    return move.model_dump(mode="json", exclude_none=True)


class Rollbacks:
    """The table rollback-state."""

    def __init__(self, table: str) -> None:
        self.table = Table("rollback-state", table)

    def get(self, model_name: str) -> History:
        """A model's history as it is now; an empty one where there is none."""
        return History.model_validate(self.table.get(model_name) or {"model_name": model_name})

    def begin(self, found: History, move: Move) -> bool:
        """Note a move that is about to be made; False where the item is not as it was found."""
        return self.write(found, {"pending": _item(move)})

    def finish(self, found: History, move: Move) -> bool:
        """The pending move is done."""
        return self.write(found, finished(found, move))

    def drop(self, found: History) -> bool:
        """The pending move was not made."""
        return self.write(found, {"pending": None})

    def told(self, found: History, key: str) -> bool:
        """The move of that key has been told."""
        moves = [move.model_copy(update={"told": move.told or move.key == key}) for move in found.moves]
        return self.write(found, {"moves": [_item(move) for move in moves]})

    def write(self, found: History, changes: Mapping[str, Any]) -> bool:
        """Change an item that is as it was found; False, and nothing written, where it is not."""
        expected = Attr("version").eq(found.version) if found.version else Attr("version").not_exists()
        return self.table.update((found.model_name,), {**changes, "version": found.version + 1}, expected)
