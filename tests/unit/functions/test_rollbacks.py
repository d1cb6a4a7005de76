"""Which champion was before, after any promotions, rollbacks and hands at the alias."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_rollback.logic import ModelRollback, chosen
from shared import clock
from shared.entry import RefusedError, parsed
from shared.rollbacks import ABANDONED, KEPT, History, Kind, Move, abandoned, after, before, finished, standing
from shared.tables import stored

VERSION = st.integers(1, 6).map(str)
AT = datetime(2026, 11, 29, 10, tzinfo=UTC)


def move(to: str, since: str | None, kind: Kind = Kind.PROMOTION, **more: Any) -> Move:
    said = {"key": "k", "strategy": "S", "by": "me", "reason": "why", "at": clock.text(AT)} | more
    return Move(kind=kind, to_version=to, from_version=since, **said)


def done(found: History, each: Move) -> History:
    return History.model_validate({"model_name": "m", **finished(found, each)})


def promoted(*versions: str) -> History:
    found = History(model_name="m")
    for since, to in zip((None, *versions), versions, strict=False):
        found = done(found, move(to, since))
    return found


@given(st.lists(VERSION, min_size=1, max_size=8))
def test_as_many_rollbacks_as_promotions_go_all_the_way_back(versions: list[str]) -> None:
    changes = [each for at, each in enumerate(versions) if at == 0 or versions[at - 1] != each]
    found, champion, seen = promoted(*changes), changes[-1], [changes[-1]]
    while target := before(found, champion):
        found = done(found, move(target, champion, Kind.ROLLBACK))
        champion = target
        seen.append(champion)
    assert seen == changes[::-1]


def test_after_a_rollback_the_next_one_does_not_go_forward_again() -> None:
    found = done(promoted("1", "2", "3"), move("2", "3", Kind.ROLLBACK))
    assert (found.champions, before(found, "2")) == (("1", "2"), "1")


def test_a_champion_that_was_there_before_our_history_is_gone_back_to() -> None:
    found = done(History(model_name="m"), move("7", "4"))
    assert before(found, "7") == "4"


@pytest.mark.parametrize(
    ("known", "observed", "then"),
    [
        ((), None, None),
        ((), "1", None),
        (("1",), "1", None),
        (("1", "2"), "2", "1"),
        (("1", "2"), "9", "2"),  # a hand has gone on
        (("1", "2", "3"), "2", "1"),  # a hand has gone back
        (("1", "2"), None, "2"),  # a hand has taken the alias away
    ],
)
def test_what_was_before_is_what_we_know_behind_what_mlflow_has(
    known: tuple[str, ...], observed: str | None, then: str | None
) -> None:
    assert before(History(model_name="m", champions=known), observed) == then


@given(st.lists(VERSION, max_size=6), st.one_of(st.none(), VERSION), VERSION, st.sampled_from(Kind))
def test_after_a_move_its_version_is_the_last(champions: list[str], since: str | None, to: str, kind: Kind) -> None:
    then = after(champions, move(to, since, kind))
    assert then[-1] == to
    assert standing(then, to) == then
    assert before(History(model_name="m", champions=then), to) != to or then.count(to) > 1


def test_an_item_of_the_largest_moves_is_below_what_dynamodb_takes() -> None:
    large: dict[str, Any] = {
        "key": "k" * 128,
        "strategy": "\U0001f4c8" * 128,
        "by": "\U0001f4c8" * 128,
        "reason": "\U0001f4c8" * 500,
    }
    found = History(model_name="m" * 128)
    for at in range(KEPT + 20):
        found = done(found, move(str(10**17 + at), str(10**17 + at - 1), **large))
    assert len(found.moves) == len(found.champions) == KEPT
    whole = stored(found.model_dump(mode="json") | {"pending": found.moves[-1].model_dump(mode="json")})
    assert len(repr(whole).encode()) < 400_000


@pytest.mark.parametrize(
    ("age", "is_over"),
    [
        (timedelta(0), False),
        (ABANDONED, False),
        (ABANDONED + timedelta(seconds=1), True),
        (-ABANDONED, False),
        (timedelta(days=-1), True),
    ],
)
def test_a_move_is_abandoned_when_nobody_can_be_at_work_on_it(age: timedelta, is_over: bool) -> None:
    assert abandoned(move("1", None), AT + age) is is_over


ASKED = {"model_name": "m", "reason": "it loses", "requested_by": "ann", "request_id": "r1"}


def asked(**more: Any) -> ModelRollback:
    return parsed(ModelRollback, ASKED | more)


def test_without_a_version_it_goes_back_to_the_champion_before() -> None:
    found = chosen(asked(), promoted("1", "2"), "2")
    assert (found.to_version, found.from_version, found.kind, found.key) == ("1", "2", Kind.ROLLBACK, "r1")


@pytest.mark.parametrize(
    ("event", "versions", "observed", "says"),
    [
        ({}, ("1",), "1", "nothing to go back to"),
        ({}, (), None, "nothing to go back to"),
        ({"to_version": "9"}, ("1", "2"), "2", "never been the champion"),
        ({"to_version": "2"}, ("1", "2"), "2", "is the champion already"),
    ],
)
def test_what_cannot_be_gone_back_to_is_said(
    event: dict[str, str], versions: tuple[str, ...], observed: str | None, says: str
) -> None:
    with pytest.raises(RefusedError, match=says):
        chosen(asked(**event), promoted(*versions), observed)


def test_a_rollback_is_undone_by_naming_the_version() -> None:
    found = done(promoted("1", "2"), move("1", "2", Kind.ROLLBACK))
    assert chosen(asked(to_version="2"), found, "1").to_version == "2"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"model_name": ""}, "model_name"),
        ({"to_version": "latest"}, "to_version"),
        ({"to_version": "0"}, "to_version"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"request_id": "a b"}, "request_id"),
        ({"requested_by": None}, "requested_by"),
    ],
)
def test_a_malformed_request_is_refused_by_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(RefusedError, match=rf"ModelRollback: {field}"):
        asked(**wrong)
