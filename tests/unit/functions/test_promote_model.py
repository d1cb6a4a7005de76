"""What a comparison permits."""

from typing import Any

import pytest

from promote_model.logic import PromoteModel, chosen, permitted
from shared.announcements import told
from shared.entry import RefusedError, parsed
from shared.mlflow import Version
from shared.rollbacks import History

EVENT: dict[str, Any] = {
    "request": {"run_id": "r1", "job_id": "j1", "strategy": "S", "model_name": "m"},
    "comparison": {
        "challenger_wins": True,
        "verdict": "better",
        "model_name": "m",
        "challenger_version": "2",
        "champion_version": "1",
    },
}
VERSION = Version(name="m", version="2", run_id="x", tags={"job_id": "j1"})


def event(**comparison: Any) -> PromoteModel:
    return parsed(PromoteModel, EVENT | {"comparison": EVENT["comparison"] | comparison})


def test_what_this_run_has_trained_and_compared_is_permitted() -> None:
    permitted(event(), VERSION)


@pytest.mark.parametrize(
    ("comparison", "version", "says"),
    [
        ({"model_name": "n"}, {}, "of another model"),
        ({}, {"tags": {"job_id": "j2"}}, "is not of job j1"),
        ({}, {"tags": {}}, "is not of job j1"),
        ({}, {"status": "PENDING_REGISTRATION"}, "not READY"),
    ],
)
def test_anything_else_is_refused(comparison: dict[str, Any], version: dict[str, Any], says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        permitted(event(**comparison), VERSION.model_copy(update=version))


def test_a_version_that_is_not_there_is_refused() -> None:
    with pytest.raises(RefusedError, match="no version 2"):
        permitted(event(), None)


@pytest.mark.parametrize("word", [False, None, "true", 1, 0, "yes"])
def test_only_a_plain_yes_is_a_win(word: object) -> None:
    with pytest.raises(RefusedError, match=r"comparison\.challenger_wins"):
        event(challenger_wins=word)


@pytest.mark.parametrize("observed", ["1", "2"])
def test_it_holds_against_the_champion_that_was_compared_or_where_it_is_done(observed: str) -> None:
    move = chosen(event(), History(model_name="m"), observed)
    assert (move.key, move.to_version, move.from_version, move.strategy) == ("r1", "2", observed, "S")


@pytest.mark.parametrize("observed", ["3", None])
def test_it_does_not_hold_against_another(observed: str | None) -> None:
    with pytest.raises(RefusedError, match="compare again"):
        chosen(event(), History(model_name="m"), observed)


def test_what_is_told_has_one_id_however_often() -> None:
    move = chosen(event(), History(model_name="m"), "1")
    once, again = (told("m", move.model_copy(update={"at": at}), "dev") for at in ("a", "b"))
    assert once.event_id == again.event_id == "m:r1"
    assert (once.version, once.previous, once.strategy) == ("2", "1", "S")
