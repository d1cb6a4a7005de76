"""A champion changes once and whole, whatever crashes and whoever comes between."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.champions import BusyError, Champions
from shared.deployments import Deployment
from shared.entry import RefusedError
from shared.mlflow import CHALLENGER, CHAMPION, Model
from shared.rollbacks import ABANDONED, History, Kind, Move, before, finished

START = datetime(2026, 11, 29, 10, tzinfo=UTC)


class CrashError(Exception):
    """The process is gone."""


@dataclass
class World:
    """MLflow, tables and topic in memory; `between` is called before and after each write."""

    aliases: dict[str, str] = field(default_factory=lambda: {CHAMPION: "1", CHALLENGER: "2"})
    versions: set[str] = field(default_factory=lambda: {"1", "2", "3"})
    item: History = field(default_factory=lambda: History(model_name="m"))
    records: dict[str, Deployment] = field(default_factory=dict)
    told: list[Move] = field(default_factory=list)
    at: datetime = START
    between: Callable[[], None] = lambda: None
    set_to: list[str] = field(default_factory=list)

    def step(self) -> None:
        self.between()

    def model(self, name: str) -> Model | None:
        return Model(name=name, aliases=dict(self.aliases))

    def set_alias(self, name: str, alias: str, version: str) -> bool:
        self.step()
        if version not in self.versions:
            return False
        if self.aliases.get(alias) != version:
            self.set_to.append(version)
        self.aliases[alias] = version
        self.step()
        return True

    def remove_alias(self, name: str, alias: str) -> None:
        self.step()
        self.aliases.pop(alias, None)
        self.step()

    def get(self, model_name: str) -> History:
        return self.item

    def begin(self, found: History, move: Move) -> bool:
        return self.write(found, {"pending": move})

    def finish(self, found: History, move: Move) -> bool:
        return self.write(found, finished(found, move))

    def drop(self, found: History) -> bool:
        return self.write(found, {"pending": None})

    def mark_told(self, found: History, key: str) -> bool:
        moves = [each.model_copy(update={"told": each.told or each.key == key}) for each in found.moves]
        return self.write(found, {"moves": moves})

    def write(self, found: History, changes: dict[str, Any]) -> bool:
        self.step()
        if found.version != self.item.version:
            return False
        whole = self.item.model_dump() | changes | {"version": found.version + 1}
        self.item = History.model_validate(whole)
        self.step()
        return True

    def record(self, deployment: Deployment) -> bool:
        self.step()
        new = deployment.deployment_id not in self.records
        self.records.setdefault(deployment.deployment_id, deployment)
        self.step()
        return new

    def tell(self, name: str, move: Move) -> None:
        self.step()
        self.told.append(move)
        self.step()

    def champions(self) -> Champions:
        return Champions(self, Book(self), self, "dev", lambda: self.at)

    def promote(self, key: str = "p", to: str = "2", since: str | None = "1") -> Move:
        def choose(_found: History, observed: str | None) -> Move:
            if observed not in (since, to):
                raise RefusedError("the champion is another")
            return made(key, Kind.PROMOTION, to, observed)

        return self.champions().move("m", key, choose, self.tell)[0]

    def roll_back(self, key: str = "r") -> Move:
        def choose(found: History, observed: str | None) -> Move:
            if (target := before(found, observed)) is None:
                raise RefusedError("nothing to go back to")
            return made(key, Kind.ROLLBACK, target, observed)

        return self.champions().move("m", key, choose, self.tell)[0]


@dataclass
class Book:
    """The table's words; `told` is another thing in the world."""

    world: World

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world, "mark_told" if name == "told" else name)


def made(key: str, kind: Kind, to: str, since: str | None) -> Move:
    return Move(key=key, kind=kind, to_version=to, from_version=since, strategy="S", by="me", reason="why")


def counted(at: int, what: Callable[[], None]) -> Callable[[], None]:
    """Does something at the step of that number, once."""
    left = [at]

    def step() -> None:
        left[0] -= 1
        if left[0] == -1:
            what()

    return step


def crash() -> None:
    raise CrashError


def whole(world: World) -> None:
    """Nothing is begun, all that is done is recorded, the history has what MLflow has, and each key once."""
    assert world.item.pending is None
    assert world.item.champions[-1:] == (world.aliases[CHAMPION],)
    keys = [move.key for move in world.item.moves]
    assert len(keys) == len(set(keys))
    assert {f"m:{key}" for key in keys} == set(world.records)
    assert {move.key for move in world.told} == set(keys)
    assert all(move.told for move in world.item.moves)


def test_a_promotion_remembers_who_was_champion_and_takes_the_other_alias_away() -> None:
    world = World()
    world.promote()
    assert world.aliases == {CHAMPION: "2"}
    assert world.item.champions == ("1", "2")
    whole(world)


def test_the_history_knows_the_champion_before_the_alias_moves() -> None:
    world = World()
    world.between = lambda: seen.append((world.aliases[CHAMPION], world.item.pending))
    seen: list[tuple[str, Move | None]] = []
    world.promote()
    first = next(pending for champion, pending in seen if champion == "2")
    assert first and first.from_version == "1"


def test_called_twice_is_called_once() -> None:
    world = World()
    first, again = world.promote(), world.promote()
    assert first == again.model_copy(update={"told": first.told})
    assert (len(world.told), world.set_to) == (1, ["2"])


def test_a_challenger_alias_that_is_of_a_newer_version_stays() -> None:
    world = World(aliases={CHAMPION: "1", CHALLENGER: "3"})
    world.promote()
    assert world.aliases == {CHAMPION: "2", CHALLENGER: "3"}


def test_a_promotion_against_another_champion_is_refused_and_nothing_is_left_begun() -> None:
    world = World(aliases={CHAMPION: "3"})
    with pytest.raises(RefusedError, match="another"):
        world.promote()
    assert (world.item.pending, world.aliases, world.records) == (None, {CHAMPION: "3"}, {})


def test_a_version_that_mlflow_has_no_more_is_refused_and_nothing_is_left_begun() -> None:
    world = World(versions={"1"})
    with pytest.raises(RefusedError, match="no version 2"):
        world.promote()
    assert (world.item.pending, world.aliases[CHAMPION]) == (None, "1")


def test_a_hand_that_moves_the_alias_in_between_is_not_overwritten() -> None:
    world = World()
    world.between = counted(1, lambda: world.aliases.update({CHAMPION: "3"}))
    with pytest.raises(RefusedError, match="has become version 3"):
        world.promote()
    assert (world.aliases[CHAMPION], world.item.pending) == ("3", None)


#: Before and after each of: noted, moved, the other alias taken, noted as done, recorded, told, noted as told.
STEPS = 14


@pytest.mark.parametrize("at", range(STEPS))
def test_a_crash_at_any_step_is_healed_by_the_same_call(at: int) -> None:
    world = World()
    world.between = counted(at, crash)
    with pytest.raises(CrashError):
        world.promote()
    world.between = lambda: None
    world.promote()
    whole(world)
    assert (world.item.champions, world.set_to) == (("1", "2"), ["2"])
    assert len(world.told) == (2 if at in (11, 12) else 1)


def test_there_are_no_more_steps() -> None:
    world = World()
    world.between = counted(STEPS, crash)
    world.promote()


@given(st.lists(st.integers(0, STEPS), max_size=6), st.sampled_from([0, 30, -30, 10_000, -10_000]))
def test_any_crashes_and_a_clock_that_jumps_are_healed_by_the_same_call(steps: list[int], jump: int) -> None:
    world = World()
    for at in steps:
        world.between = counted(at, crash)
        with suppress(CrashError):
            world.promote()
        world.at += timedelta(seconds=jump)
    world.between = lambda: None
    world.promote()
    whole(world)
    assert (world.item.champions, world.set_to) == (("1", "2"), ["2"])


def again(act: Callable[[], Move], world: World) -> str:
    """What a caller that tries again for as long as it helps comes to."""
    for _ in range(6):
        try:
            act()
        except (BusyError, CrashError):
            world.at += timedelta(seconds=50)
        except RefusedError:
            return "refused"
        else:
            return "done"
    raise AssertionError("it never ended")


@given(
    st.integers(0, 16),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 16)),
    st.one_of(st.none(), st.integers(0, 16)),
)
def test_a_promotion_and_a_rollback_in_any_interleaving_end_in_one_history(
    at: int, rollback_first: bool, first_dies: int | None, second_dies: int | None
) -> None:
    """The second runs whole, or dies, at one step of the first; then both are called again until they have ended."""
    world = World(aliases={CHAMPION: "1", CHALLENGER: "2"})
    world.promote("p0", "3", "1")  # so that there is something to go back to
    acts: list[Callable[[], Move]] = [lambda: world.promote("p", "2", "3"), lambda: world.roll_back("r")]
    first, second = acts[::-1] if rollback_first else acts

    def cut_in() -> None:
        world.between = counted(second_dies, crash) if second_dies is not None else (lambda: None)
        with suppress(BusyError, CrashError, RefusedError):
            second()
        world.between = counted(first_dies, crash) if first_dies is not None else (lambda: None)

    world.between = counted(at, cut_in)
    with suppress(BusyError, CrashError, RefusedError):
        first()
    world.between = lambda: None
    ends = {again(acts[0], world), again(acts[1], world)}
    again(acts[0], world)
    assert "done" in ends
    whole(world)
    assert world.aliases[CHAMPION] in {"1", "3"}
    assert len(world.told) <= len(world.item.moves) + 3


def test_another_move_under_way_is_busy_until_nobody_can_be_at_work_on_it() -> None:
    world = World()
    world.between = counted(2, crash)
    with pytest.raises(CrashError):
        world.promote()
    world.between = lambda: None
    with pytest.raises(BusyError, match="a promotion of m is under way"):
        world.promote("q", "3")
    world.at += ABANDONED + timedelta(seconds=1)
    world.promote("q", "3")
    assert world.item.champions == ("1", "3")
    with pytest.raises(RefusedError):
        world.promote()


def test_what_a_dead_call_had_moved_counts_as_done() -> None:
    world = World()
    world.between = counted(3, crash)
    with pytest.raises(CrashError):
        world.promote()
    world.between = lambda: None
    assert world.aliases[CHAMPION] == "2"
    world.at += 2 * ABANDONED
    assert world.roll_back().to_version == "1"
    assert [move.key for move in world.item.moves] == ["p", "r"]
    world.promote()
    whole(world)


@pytest.mark.parametrize("at", range(STEPS))
def test_what_a_dead_call_left_is_recorded_and_told_by_the_next_move_of_another_key(at: int) -> None:
    world = World()
    world.between = counted(at, crash)
    with pytest.raises(CrashError):
        world.promote()
    world.between = lambda: None
    world.at += 2 * ABANDONED
    world.promote("q", "3", world.aliases[CHAMPION])
    whole(world)
    assert "q" in {move.key for move in world.item.moves}


@pytest.mark.parametrize("at", range(STEPS))
def test_whoever_dies_while_telling_what_a_dead_call_left_leaves_it_to_the_next_one(at: int) -> None:
    world = World()
    world.between = counted(4, crash)
    with pytest.raises(CrashError):
        world.promote()
    for key in ("q", "q2"):
        world.between = counted(at, crash) if key == "q" else (lambda: None)
        world.at += 2 * ABANDONED
        with suppress(CrashError):
            world.promote(key, "3", world.aliases[CHAMPION])
    whole(world)
    assert "p" in {move.key for move in world.told}


def test_what_a_dead_call_left_is_told_even_where_the_next_move_is_refused() -> None:
    world = World()
    world.between = counted(4, crash)
    with pytest.raises(CrashError):
        world.promote()
    world.between = lambda: None
    world.at += 2 * ABANDONED
    with pytest.raises(RefusedError, match="another"):
        world.promote("q", "3", "1")
    whole(world)
    assert [move.key for move in world.told] == ["p"]


def test_what_somebody_may_be_about_to_tell_is_left_to_them() -> None:
    world = World()
    world.between = counted(8, crash)
    with pytest.raises(CrashError):
        world.promote()
    world.between = lambda: None
    assert world.item.done("p")
    world.roll_back()
    assert [move.key for move in world.told] == ["r"]
    world.promote()
    whole(world)


@pytest.mark.parametrize("aliases", [{}, {CHAMPION: "1"}])
def test_an_alias_that_does_not_stay_is_no_success(aliases: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(aliases=dict(aliases))
    monkeypatch.setattr(world, "set_alias", lambda *_: True)
    with pytest.raises(BusyError, match="although MLflow took it"):
        world.promote(since=aliases.get(CHAMPION))
    assert world.item.moves == ()
