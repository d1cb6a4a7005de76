"""How a model's champion changes, once and whole: noted, moved in MLflow, read back, noted as done, recorded, told.

Each step finds what an earlier call left behind, so that the same call again finishes what a crash cut off. One model
has one move at a time. Must never move the alias on a decision that was made about another champion.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from shared import clock
from shared.deployments import Deployment
from shared.entry import RefusedError
from shared.mlflow import CHALLENGER, CHAMPION, Model
from shared.rollbacks import History, Kind, Move, abandoned


class BusyError(Exception):
    """Another move of the model is under way, or got in between: the same call again finds how it ended."""


class Registry(Protocol):
    """MLflow, as far as it is moved."""

    def model(self, name: str) -> Model | None:
        """A model with its aliases."""

    def set_alias(self, name: str, alias: str, version: str) -> bool:
        """Move an alias; False where there is no such version."""

    def remove_alias(self, name: str, alias: str) -> None:
        """Take an alias away."""


class Book(Protocol):
    """Our history; each write is False where somebody else was quicker."""

    def get(self, model_name: str) -> History:
        """As it is now."""

    def begin(self, found: History, move: Move) -> bool:
        """A move is about to be made."""

    def finish(self, found: History, move: Move) -> bool:
        """It is made."""

    def drop(self, found: History) -> bool:
        """It was not."""

    def told(self, found: History, key: str) -> bool:
        """It has been told."""


class Records(Protocol):
    """What was deployed."""

    def record(self, deployment: Deployment) -> bool:
        """Write it down once."""


#: What is to be moved, seen the history and the champion that MLflow has now. Raises RefusedError.
Choice = Callable[[History, str | None], Move]
#: Whom a done move is told: the model's name and the move, which may be another than the one that was called for.
#: May be called twice for one move.
Tell = Callable[[str, Move], None]


@dataclass(frozen=True)
class Champions:
    """All that changes a champion works on."""

    registry: Registry
    book: Book
    records: Records
    environment: str
    now: clock.Clock = clock.now

    def move(self, name: str, key: str, choose: Choice, tell: Tell) -> tuple[Move, bool]:
        """The move of that key, and whether this call has made it. Raises RefusedError, BusyError."""
        found = self.book.get(name)
        move = found.done(key)
        if made := move is None:
            found = self._made(name, key, choose, tell)
            move = found.done(key)
        if move is None:
            raise BusyError(f"the move {key} of {name} is not in its history yet")
        self._announce(name, found, move, tell)
        return move, made

    def _announce(self, name: str, found: History, move: Move, tell: Tell) -> None:
        """Record a done move, and tell it where it is not told."""
        self.records.record(_deployment(name, move, self.environment))
        if not move.told:
            tell(name, move)
            self._hold(self.book.told(found, move.key))

    def _made(self, name: str, key: str, choose: Choice, tell: Tell) -> History:
        found = self._caught_up(name, self._free(name, key), tell)
        if found.done(key):
            return found
        move = found.pending or choose(found, self._observed(name))
        # Noted anew where it was pending already: whoever takes it for abandoned finds it changed.
        move = move.model_copy(update={"at": clock.text(self.now())})
        self._hold(self.book.begin(found, move))
        found = self.book.get(name)
        if found.pending != move:
            raise BusyError(f"another move of {name} got in between")
        self._set(name, found, move)
        self._hold(self.book.finish(found, move))
        return self.book.get(name)

    def _free(self, name: str, key: str) -> History:
        """The history when no other move is under way; one that nobody is at work on any more is settled first."""
        found = self.book.get(name)
        if (other := found.pending) is None or other.key == key:
            return found
        if not abandoned(other, self.now()):
            raise BusyError(f"a {other.kind.value} of {name} is under way")
        moved = self._observed(name) == other.to_version
        self._hold(self.book.finish(found, other) if moved else self.book.drop(found))
        return self.book.get(name)

    def _caught_up(self, name: str, found: History, tell: Tell) -> History:
        """The history when moves that are done are told too, where nobody can be about to: their callers are gone."""
        for left in found.moves:
            if not left.told and abandoned(left, self.now()):
                self._announce(name, found, left, tell)
                found = self.book.get(name)
        return found

    def _set(self, name: str, found: History, move: Move) -> None:
        """Move the alias, where the champion is still what the move was decided about, and read it back."""
        observed = self._observed(name)
        if observed not in (move.from_version, move.to_version):
            self._hold(self.book.drop(found))
            raise RefusedError(f"the champion of {name} has become version {observed} meanwhile: decide again")
        if not self.registry.set_alias(name, CHAMPION, move.to_version):
            self._hold(self.book.drop(found))
            raise RefusedError(f"MLflow has no version {move.to_version} of {name} any more: name another")
        seen = self.registry.model(name)
        if seen is None or seen.aliases.get(CHAMPION) != move.to_version:
            raise BusyError(f"the champion of {name} is not version {move.to_version} although MLflow took it")
        if move.kind is Kind.PROMOTION and seen.aliases.get(CHALLENGER) == move.to_version:
            self.registry.remove_alias(name, CHALLENGER)

    def _observed(self, name: str) -> str | None:
        seen = self.registry.model(name)
        if seen is None:
            raise RefusedError(f"MLflow has no model {name}")
        return seen.aliases.get(CHAMPION)

    @staticmethod
    def _hold(written: bool) -> None:
        if not written:
            raise BusyError("the model's history changed meanwhile: the same call again finds how")


def _deployment(name: str, move: Move, environment: str) -> Deployment:
    return Deployment(
        strategy_name=move.strategy,
        deployment_id=f"{name}:{move.key}",
        environment=environment,
        created_at=move.at,
        kind="model-promotion" if move.kind is Kind.PROMOTION else "model-rollback",
        model_name=name,
        model_version=move.to_version,
        previous_version=move.from_version,
        requested_by=move.by,
        reason=move.reason,
    )
