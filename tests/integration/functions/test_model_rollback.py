"""model-rollback on deployed tables and a real MLflow."""

import json
from typing import Any

import pytest

from shared import clock
from shared.champions import BusyError
from shared.entry import RefusedError
from shared.http import UnansweredError
from shared.rollbacks import Rollbacks


def test_a_model_goes_back_to_the_champion_before_once_a_request(models: Any) -> None:
    models.promoted("r1", "r2")
    models.told("registration")
    back = models.roll_back("q1")
    said = {"model_name": models.model, "from_version": "2", "to_version": "1", "request_id": "q1"}
    assert back == said | {"result": "rolled_back"}
    assert models.champion() == "1"
    assert models.roll_back("q1") == said | {"result": "already"}
    [alert] = models.told("alerts")
    assert alert["Subject"] == f"[dev] {models.model} was rolled back to version 1"
    assert "ann rolled" in alert["Message"] and "it loses money" in alert["Message"]
    [event] = [json.loads(each["Message"]) for each in models.told("registration")]
    assert (event["kind"], event["version"], event["previous"], event["strategy"]) == (
        "model.rolled_back",
        "1",
        "2",
        "S",
    )
    with pytest.raises(RefusedError, match="no champion before version 1"):
        models.roll_back("q2")


def test_who_did_what_and_why_stays(models: Any) -> None:
    models.promoted("r1", "r2")
    models.roll_back("q1")
    last = models.history().moves[-1]
    assert (last.key, last.by, last.reason, last.from_version, last.to_version) == (
        "q1",
        "ann",
        "it loses money",
        "2",
        "1",
    )
    records = models.tables["deployments"].query(
        IndexName="environment-created_at-index",
        KeyConditionExpression="environment = :dev",
        ExpressionAttributeValues={":dev": "dev"},
    )["Items"]
    assert [(each["kind"], each["model_version"], "ttl" in each) for each in records] == [
        ("model-promotion", "1", False),
        ("model-promotion", "2", False),
        ("model-rollback", "1", False),
    ]


def test_a_request_id_is_of_one_request(models: Any) -> None:
    models.promoted("r1", "r2")
    with pytest.raises(RefusedError, match="has been used for another change"):
        models.roll_back("r2")
    models.roll_back("q1", to_version="1")
    with pytest.raises(RefusedError, match="has been used for another change"):
        models.roll_back("q1", to_version="2")
    assert models.roll_back("q2", to_version="2")["to_version"] == "2"


def test_a_champion_that_a_hand_has_set_is_gone_back_from(models: Any) -> None:
    models.promoted("r1")
    models.mlflow.train(models.model, "r2", returns={})
    models.crown("2")
    back = models.roll_back("q1")
    assert (back["from_version"], back["to_version"], models.champion()) == ("2", "1", "1")


def test_a_version_that_is_gone_from_mlflow_is_not_gone_back_to(models: Any) -> None:
    models.promoted("r1", "r2")
    models.mlflow("DELETE", "model-versions/delete", name=models.model, version="1")
    with pytest.raises(RefusedError, match="MLflow has no version 1"):
        models.roll_back("q1")
    assert models.champion() == "2"
    assert models.history().pending is None


def test_a_model_that_mlflow_does_not_know_is_said(models: Any) -> None:
    with pytest.raises(RefusedError, match="MLflow has no model another"):
        models.roll_back("q1", model_name="another")


def test_while_a_promotion_is_under_way_it_says_so(models: Any) -> None:
    models.promoted("r1", "r2")
    rollbacks, found = Rollbacks(models.tables["rollback-state"].name), models.history()
    assert rollbacks.begin(found, found.moves[0].model_copy(update={"key": "r3", "at": clock.text(clock.now())}))
    with pytest.raises(BusyError, match=r"a promotion of .* is under way"):
        models.roll_back("q1")
    assert models.champion() == "2"


def test_mlflow_that_is_away_moves_nothing(models: Any) -> None:
    models.deployed.set(MLFLOW_TRACKING_URI="http://127.0.0.1:9/mlflow")
    models.restart()
    with pytest.raises(UnansweredError):
        models.roll_back("q1")
    assert models.history().version == 0
