"""compare-models on a deployed table and a real MLflow."""

from typing import Any

import pytest
from models_estate import BETTER, RETURNS

from shared.entry import RefusedError
from shared.http import UnansweredError


def test_a_challenger_that_is_better_wins_and_one_that_is_not_does_not(models: Any) -> None:
    models.train("r1", None, BETTER)
    first = models.compare("r1")
    assert (first["challenger_wins"], first["verdict"], first["champion_version"]) == (True, "better", None)
    models.crown("1")
    models.train("r2", "1", BETTER)
    better = models.compare("r2")
    assert (better["challenger_wins"], better["champion_version"], better["challenger_version"]) == (True, "1", "2")
    assert better["model_name"] == models.model and better["days"] == 40
    models.train("r3", "1", {day: value - 0.001 for day, value in RETURNS.items()})
    worse = models.compare("r3")
    assert (worse["challenger_wins"], worse["verdict"], worse["challenger_version"]) == (False, "not_better", "3")


def test_without_a_hold_out_shadow_tests_that_are_over_decide(models: Any) -> None:
    for run in ("r1", "r2"):
        models.mlflow.train(models.model, run, returns={})
    models.crown("1")
    shadow = {
        "test_id": "t1",
        "model_name": models.model,
        "champion_version": "1",
        "challenger_version": "2",
        "trades": {"champion": 40, "challenger": 40},
        "returns": {
            f"2026-10-{day + 1:02}": {"champion": "0.001", "challenger": f"0.00{2 + day % 2}"} for day in range(30)
        },
    }
    for status, verdict in (("running", "not_enough"), ("completed", "better")):
        item = shadow | {"status_created_at": f"{status}#2026-11-01T00:00:00Z"}
        models.tables["shadow-test-state"].put_item(Item=item)
        answer = models.compare("r2")
        assert answer["verdict"] == verdict
    assert (answer["days"], answer["champion_trades"]) == (30, 40)


def test_a_job_that_has_registered_nothing_is_said(models: Any) -> None:
    with pytest.raises(RefusedError, match=r"no version of .* with the tag job_id r1"):
        models.compare("r1")


def test_mlflow_that_is_away_gives_no_verdict(models: Any) -> None:
    models.train("r1", None, BETTER)
    models.deployed.set(MLFLOW_TRACKING_URI="http://127.0.0.1:9/mlflow")
    models.restart()
    with pytest.raises(UnansweredError):
        models.compare("r1")
