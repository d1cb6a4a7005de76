"""promote-model on deployed tables and a real MLflow."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from models_estate import BETTER, WON

from shared import clients, clock
from shared.entry import RefusedError
from shared.http import UnansweredError
from shared.retraining import Outcome, Retrainings
from shared.rollbacks import ABANDONED, Kind, Rollbacks


def retrainings(models: Any) -> Retrainings:
    return Retrainings(models.tables["retraining-state"].name)


def test_what_won_is_promoted_once_recorded_told_and_its_run_is_over(models: Any) -> None:
    retrainings(models).take(models.model, "r1", {}, timedelta(hours=1))
    models.train("r1", None, BETTER)
    comparison = models.compare("r1")
    first = models.promote("r1", comparison)
    assert (first["promoted"], first["version"], first["previous"], models.champion()) == (True, "1", None, "1")
    assert models.promote("r1", comparison) == first
    released = retrainings(models).get(models.model)
    assert released and (released.running_until, released.outcome) == (None, Outcome.PROMOTED)
    [event] = [json.loads(each["Message"]) for each in models.told("registration")]
    assert (event["kind"], event["version"], event["strategy"]) == ("model.promoted", "1", "S")
    [record] = models.tables["deployments"].scan()["Items"]
    assert (record["kind"], record["model_version"], "ttl" in record) == ("model-promotion", "1", False)


def test_the_next_one_remembers_the_champion_before_and_the_challenger_is_one_no_more(models: Any) -> None:
    models.promoted("r1")
    models.mlflow.train(models.model, "r2", returns={})
    models.mlflow("POST", "registered-models/alias", name=models.model, alias="challenger", version="2")
    won = WON | {"model_name": models.model, "challenger_version": "2", "champion_version": "1"}
    assert models.promote("r2", won)["previous"] == "1"
    found = models.mlflow.ask("registered-models/get", name=models.model)["registered_model"]
    assert found["aliases"] == [{"alias": "champion", "version": "2"}]
    assert models.history().champions == ("1", "2")


def test_a_comparison_that_says_no_win_of_this_run_promotes_nothing(models: Any) -> None:
    models.mlflow.train(models.model, "r1", returns={})
    answer = WON | {"model_name": models.model}
    for missing in ("challenger_wins", "verdict", "challenger_version", "champion_version"):
        with pytest.raises(RefusedError, match=missing):
            models.promote("r1", {key: value for key, value in answer.items() if key != missing})
    for wrong, says in (
        ({"challenger_wins": False}, r"comparison\.challenger_wins"),
        ({"verdict": "not_enough"}, r"comparison\.verdict"),
        ({"model_name": "another"}, "of another model"),
        ({"challenger_version": "7"}, "has no version 7"),
        ({"champion_version": "1", "challenger_version": "7"}, "has no version 7"),
    ):
        with pytest.raises(RefusedError, match=says):
            models.promote("r1", answer | wrong)
    with pytest.raises(RefusedError, match="is not of job r9"):
        models.promote("r9", answer)
    assert models.champion() is None
    assert models.history().moves == ()


def test_a_promotion_after_a_rollback_is_refused_and_the_rollback_holds(models: Any) -> None:
    models.promoted("r1", "r2")
    models.mlflow.train(models.model, "r3", returns={})
    models.roll_back("q1")
    late = WON | {"model_name": models.model, "challenger_version": "3", "champion_version": "2"}
    with pytest.raises(RefusedError, match="the champion is version 1 and the comparison was with 2"):
        models.promote("r3", late)
    assert models.champion() == "1"


def test_a_rollback_that_died_once_the_alias_had_moved_is_told_by_the_promotion_after_it(
    models: Any,
) -> None:
    models.promoted("r1", "r2")
    models.told("registration")
    rollbacks, found = Rollbacks(models.tables["rollback-state"].name), models.history()
    ago = clock.text(clock.now() - ABANDONED - timedelta(seconds=5))
    more = {"key": "q1", "kind": Kind.ROLLBACK, "to_version": "1", "from_version": "2", "by": "ann", "at": ago}
    assert rollbacks.begin(found, found.moves[-1].model_copy(update=more | {"told": False}))
    models.crown("1")
    models.mlflow.train(models.model, "r3", returns={})
    won = WON | {"model_name": models.model, "challenger_version": "3", "champion_version": "1"}
    assert models.promote("r3", won)["previous"] == models.history().champions[-2] == "1"
    events = [json.loads(each["Message"]) for each in models.told("registration")]
    assert [(each["kind"], each["version"]) for each in events] == [("model.rolled_back", "1"), ("model.promoted", "3")]
    [alert] = models.told("alerts")
    assert alert["Subject"] == f"[dev] {models.model} was rolled back to version 1"
    records = models.tables["deployments"].scan()["Items"]
    assert {f"{models.model}:{key}" for key in ("r1", "r2", "q1", "r3")} == {each["deployment_id"] for each in records}
    assert models.roll_back("q1")["result"] == "already"
    assert models.told("alerts") == []


def test_mlflow_that_is_away_moves_nothing(models: Any) -> None:
    models.deployed.set(MLFLOW_TRACKING_URI="http://127.0.0.1:9/mlflow")
    models.restart()
    with pytest.raises(UnansweredError):
        models.promote("r1", WON | {"model_name": models.model})
    assert models.history().version == 0


#: A call of AWS that fails, and how many of its kind succeed before.
TROUBLES = [
    *(("before-call.dynamodb.UpdateItem", before) for before in range(4)),
    ("before-call.dynamodb.PutItem", 0),
    ("before-call.sns.Publish", 0),
]


@pytest.mark.parametrize(("event", "before"), TROUBLES)
def test_a_promotion_that_is_throttled_anywhere_is_finished_by_the_same_call(
    models: Any, event: str, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    models.mlflow.train(models.model, "r1", returns={})
    retrainings(models).take(models.model, "r1", {}, timedelta(hours=1))
    won, left = WON | {"model_name": models.model}, [before]

    def throttle(**_: Any) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slowly"}}, event)

    hooked(monkeypatch, event, throttle)
    with pytest.raises(ClientError, match="slowly"):
        models.promote("r1", won)
    assert models.promote("r1", won)["version"] == models.champion() == "1"
    found = models.history()
    assert ([move.to_version for move in found.moves], found.pending) == (["1"], None)
    released = retrainings(models).get(models.model)
    assert released and released.outcome is Outcome.PROMOTED
    assert len({json.loads(each["Message"])["event_id"] for each in models.told("registration")}) == 1


def hooked(patch: pytest.MonkeyPatch, event: str, what: Callable[..., None]) -> None:
    """Each client and table that functions get from now on asks `what` before that call."""
    made_client, made_table = clients.client, clients.table

    def client(service: str) -> Any:
        found = made_client(service)
        found.meta.events.register_first(event, what, unique_id="trouble")
        return found

    def table(name: str) -> Any:
        found = made_table(name)
        found.meta.client.meta.events.register_first(event, what, unique_id="trouble")
        return found

    patch.setattr(clients, "client", client)
    patch.setattr(clients, "table", table)
