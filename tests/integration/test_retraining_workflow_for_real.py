"""The retraining workflow, as it is declared, with the project's own functions: all its ways, and what people hear."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.integration import backtest_estate
from tests.integration.backtest_estate import heard
from tests.integration.lambda_estate import Functions
from tests.integration.provider_server import moto_server
from tests.integration.retraining_estate import Retrainings, registry
from tests.integration.workflow_estate import Workflows, variables

TRAINED = ("CheckRetrainingNeeded", "EvaluateNeed", "RunTraining")
COMPARED = (*TRAINED, "CompareModels", "EvaluateComparison")
FAILED = ("NotifyFailure", "RetrainingFailed")
FINISHED = ("NotifyCompletion", "RetrainingFinished")


@pytest.fixture(scope="module")
def standing() -> Iterator[Retrainings]:
    with registry() as mlflow, moto_server() as url:
        made = Retrainings(Workflows(Functions(url)), mlflow)
        made.lay_ground()
        yield made


@pytest.fixture
def model(standing: Retrainings) -> str:
    """A model whose champion is version 1."""
    name = f"pascal-{uuid4().hex[:8]}"
    standing.mlflow.champions[name] = "1"
    return name


def asked(model: str, **changes: str) -> dict[str, str]:
    """The request of an execution of a run that is called as its model, as the consumer starts it."""
    return backtest_estate.asked(model, model_name=model, **changes)


def test_a_challenger_that_is_better_becomes_the_champion(standing: Retrainings, model: str) -> None:
    execution = standing.workflows.start("retraining", asked(model))
    given = variables(standing.task(model))
    assert (given["TRADING_MODE"], given["JOB_ID"], given["PAIRS"]) == ("train", model, "BTC/USDT,ETH/USDT")
    assert standing.held(model)["execution_arn"] == execution
    version = standing.mlflow.train(model, model, edge=0.01)
    standing.says(model, "STOPPED", exit_code=0)
    told = standing.workflows.told(execution)
    assert (told.status, told.states) == ("SUCCEEDED", (*COMPARED, "PromoteModel", *FINISHED))
    assert standing.mlflow.champions[model] == version
    assert standing.held(model)["outcome"] == "promoted" and "running_until" not in standing.held(model)
    assert "the new version is the champion now" in heard(standing, model, "retraining-completed")


@pytest.mark.parametrize(("edge", "days", "verdict"), [(-0.01, 40, "not_better"), (0.01, 5, "not_enough")])
def test_a_challenger_that_is_not_better_or_not_known_enough_leaves_the_champion(
    standing: Retrainings, model: str, edge: float, days: int, verdict: str
) -> None:
    execution = standing.workflows.start("retraining", asked(model))
    standing.mlflow.train(model, model, edge, days)
    standing.says(model, "STOPPED", exit_code=0)
    told = standing.workflows.told(execution)
    assert (told.status, told.states) == ("SUCCEEDED", (*COMPARED, *FINISHED))
    assert told.payload("NotifyCompletion")["detail"]["comparison"]["answer"]["verdict"] == verdict
    assert standing.mlflow.champions[model] == "1"
    assert "the champion stays" in heard(standing, model, "retraining-completed")


@pytest.mark.parametrize(("verdict", "trains"), [("significant", True), ("moderate", False), ("unknown", False)])
def test_a_run_that_drift_asked_for_trains_while_there_is_some(
    standing: Retrainings, model: str, verdict: str, trains: bool
) -> None:
    run = f"drift-{model}"
    standing.drifted(model, verdict, datetime.now(UTC).isoformat())
    execution = standing.workflows.start("retraining", asked(model, run_id=run, job_id=run))
    if trains:
        standing.says(run, "STOPPED", exit_code=1)
        assert standing.workflows.told(execution).states == (*TRAINED, *FAILED)
        heard(standing, run, "retraining-failed")
    else:
        told = standing.workflows.told(execution)
        assert (told.status, told.states) == ("SUCCEEDED", (*TRAINED[:2], "RetrainingFinished"))
        assert standing.workflows.tasks(run) == []
        assert standing.held(model)["outcome"] == "kept"


def test_a_second_run_of_a_model_trains_nothing(standing: Retrainings, model: str) -> None:
    first = standing.workflows.start("retraining", asked(model))
    standing.task(model)
    told = standing.workflows.run("retraining", asked(model, run_id="second", job_id="second"))
    assert (told.status, told.states) == ("SUCCEEDED", (*TRAINED[:2], "RetrainingFinished"))
    assert standing.workflows.tasks("second") == []
    standing("stepfunctions").stop_execution(executionArn=first)
    assert standing.held(model)["run_id"] == model


def test_a_training_that_fails_leaves_the_champion_and_is_told(standing: Retrainings, model: str) -> None:
    execution = standing.workflows.start("retraining", asked(model))
    standing.says(model, "STOPPED", exit_code=3)
    told = standing.workflows.told(execution)
    assert (told.status, told.error, told.states) == ("FAILED", "RetrainingFailed", (*TRAINED, *FAILED))
    assert standing.mlflow.champions[model] == "1"
    heard(standing, model, "retraining-failed")


def test_a_training_that_registers_nothing_is_a_failure(standing: Retrainings, model: str) -> None:
    execution = standing.workflows.start("retraining", asked(model))
    standing.says(model, "STOPPED", exit_code=0)
    told = standing.workflows.told(execution)
    assert told.states == (*TRAINED, "CompareModels", *FAILED)
    assert "with the tag job_id" in heard(standing, model, "retraining-failed")


def test_a_promotion_that_fails_is_told_and_its_run_still_has_the_model(
    standing: Retrainings, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing.mlflow, "refuses", True)
    execution = standing.workflows.start("retraining", asked(model))
    standing.mlflow.train(model, model, edge=0.01)
    standing.says(model, "STOPPED", exit_code=0)
    told = standing.workflows.told(execution)
    assert told.states == (*COMPARED, "PromoteModel", *FAILED)
    assert (standing.mlflow.champions[model], "running_until" in standing.held(model)) == ("1", True)
    heard(standing, model, "retraining-failed")


def test_a_request_that_cannot_be_trained_is_told(standing: Retrainings, model: str) -> None:
    told = standing.workflows.run("retraining", asked(model, timerange="2024"))
    assert (told.status, told.states) == ("FAILED", (TRAINED[0], *FAILED))
    assert "timerange" in heard(standing, model, "retraining-failed")
