"""The client of MLflow against the real server, behind its prefix and its login."""

import math
from typing import Any
from uuid import uuid4

import pytest

from shared.http import UnansweredError
from shared.mlflow import CHALLENGER, CHAMPION, MLflow


@pytest.fixture
def client(mlflow: Any, deployed: Any) -> MLflow:
    return MLflow(mlflow.base, mlflow.deploy(deployed))


@pytest.fixture
def model(mlflow: Any) -> str:
    name = f"momentum {uuid4().hex[:8]}"
    mlflow("POST", "registered-models/create", name=name)
    return name


def test_a_model_that_is_not_there_is_none_and_one_without_aliases_has_none(client: MLflow, model: str) -> None:
    assert client.model("nobody's") is None
    assert client.champion("nobody's") is None
    found = client.model(model)
    assert found and not found.aliases
    assert client.champion(model) is None


def test_an_alias_is_set_moved_read_back_and_taken_away(mlflow: Any, client: MLflow, model: str) -> None:
    for job in ("a", "b"):
        mlflow.train(model, job, returns={})
    assert client.set_alias(model, CHAMPION, "1") and client.champion(model) == "1"
    assert client.set_alias(model, CHALLENGER, "2") and client.set_alias(model, CHAMPION, "2")
    found = client.model(model)
    assert found and found.aliases == {CHAMPION: "2", CHALLENGER: "2"}
    client.remove_alias(model, CHALLENGER)
    client.remove_alias(model, CHALLENGER)
    again = client.model(model)
    assert again and again.aliases == {CHAMPION: "2"}


def test_an_alias_of_a_version_that_is_not_there_is_not_set(client: MLflow, model: str) -> None:
    assert not client.set_alias(model, CHAMPION, "7")
    assert client.version(model, "7") is None
    assert client.champion(model) is None


def test_the_versions_of_a_job_are_found_by_their_tag(mlflow: Any, client: MLflow, model: str) -> None:
    for job in ("j-1", "j-2", "j-1"):
        mlflow.train(model, job, returns={})
    assert [each.version for each in client.of_job(model, "j-1")] == ["1", "3"]
    assert client.of_job(model, "j-3") == []
    found = client.version(model, "3")
    assert found and (found.tags["job_id"], found.status, bool(found.run_id)) == ("j-1", "READY", True)


def test_all_values_of_a_metric_are_read_page_by_page(
    mlflow: Any, client: MLflow, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.mlflow._PAGE", 7)
    mlflow.train(model, "j", returns={"holdout_return": {day: day / 100 for day in range(20)}})
    run_id = client.of_job(model, "j")[0].run_id
    assert {point.step: point.value for point in client.history(run_id, "holdout_return")} == {
        day: day / 100 for day in range(20)
    }
    assert client.history(run_id, "nothing") == []


def test_what_is_no_number_is_read_as_such(mlflow: Any, client: MLflow, model: str) -> None:
    mlflow.train(
        model, "j", returns={}, metrics={"a": "NaN", "b": "Infinity", "c": 2.5}, tags={"champion_version": "4"}
    )
    run = client.run(client.of_job(model, "j")[0].run_id)
    assert run and math.isnan(run.metrics["a"]) and run.metrics["c"] == 2.5 and run.metrics["b"] > 1e308
    assert run.tags["champion_version"] == "4"
    assert client.run("0" * 32) is None


def test_every_model_is_listed_with_its_aliases(
    mlflow: Any, client: MLflow, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.mlflow._PAGE", 2)
    others = [f"{model}-{at}" for at in range(3)]
    for other in others:
        mlflow("POST", "registered-models/create", name=other)
    mlflow.train(others[2], "j", returns={})
    client.set_alias(others[2], CHAMPION, "1")
    found = {each.name: dict(each.aliases) for each in client.models()}
    assert {name: found[name] for name in others} == {name: {} for name in others} | {others[2]: {CHAMPION: "1"}}


def test_a_login_that_was_rotated_is_read_anew(mlflow: Any, deployed: Any, model: str) -> None:
    arn = mlflow.deploy(deployed, password="an-older-one-of-it")
    client = MLflow(mlflow.base, arn)
    with pytest.raises(UnansweredError, match=r"answered 401: is the login in its secret right\?"):
        client.model(model)
    right = f'{{"username": "{mlflow.username}", "password": "{mlflow.password}"}}'
    deployed("secretsmanager").put_secret_value(SecretId=arn, SecretString=right)
    assert client.model(model)


def test_a_secret_that_is_no_login_is_said_without_its_words(mlflow: Any, deployed: Any) -> None:
    arn = mlflow.deploy(deployed)
    deployed("secretsmanager").put_secret_value(SecretId=arn, SecretString="hunter2")
    with pytest.raises(UnansweredError, match="holds no JSON") as told:
        MLflow(mlflow.base, arn).model("m")
    assert "hunter2" not in str(told.value)
    assert told.value.__context__ is None


def test_what_answers_elsewhere_than_mlflow_is_no_absence(mlflow: Any, deployed: Any) -> None:
    without_prefix = mlflow.base.removesuffix("/mlflow")
    with pytest.raises(UnansweredError, match="answered 404"):
        MLflow(without_prefix, mlflow.deploy(deployed)).model("m")


def test_a_server_that_is_away_is_no_absence(mlflow: Any, deployed: Any) -> None:
    with pytest.raises(UnansweredError):
        MLflow("http://127.0.0.1:9/mlflow", mlflow.deploy(deployed)).champion("m")
