"""Both workflows run by the local endpoint's interpreter, on each of their ways to each of their ends."""

from collections.abc import Iterator

import pytest

from tests.integration.lambda_estate import Functions
from tests.integration.provider_server import moto_server
from tests.integration.workflow_estate import FAMILY, Workflows, until, variables

FAILS = "raise RuntimeError('broken')"
WAY_TO_TASK = ("ValidateStrategy", "EvaluateValidation", "EnsureData", "UpdateStatusRunning", "RunBacktest")
WAY_OF_TRAINING = ("CheckRetrainingNeeded", "EvaluateNeed", "RunTraining", "CompareModels", "EvaluateComparison")
AFTERMATH = ("CleanupResources", "NotifyFailure", "BacktestFailed")
BAD_END = ("HandleFailure", *AFTERMATH)
NO_TRAINING = ("NotifyFailure", "RetrainingFailed")
FIRST_TIME_FAILS = """
    import boto3
    ssm = boto3.client("ssm")
    try:
        ssm.put_parameter(Name="/tried/" + event["request"]["job_id"] + event["status"], Value="1", Type="String")
    except ssm.exceptions.ParameterAlreadyExists:
        return {}
    raise RuntimeError("not yet")
"""


@pytest.fixture(scope="module")
def workflows() -> Iterator[Workflows]:
    with moto_server("--moto-api") as url:
        made = Workflows(Functions(url))
        made.lay_ground()
        yield made


@pytest.fixture
def request_of(request: pytest.FixtureRequest) -> dict[str, str]:
    """A whole request without what may be left out, for a job of the test's own."""
    return {
        "run_id": "run-1",
        "job_id": request.node.name,
        "trace_id": "trace-1",
        "strategy": "PascalStrategy",
        "strategy_id": "pascal-btc",
        "timeframe": "1h",
        "timerange": "20260101-20260201",
        "pairs": "BTC/USDT,ETH/USDT",
        "model_name": "pascal",
    }


def test_a_backtest_that_succeeds_is_completed_and_told(workflows: Workflows, request_of: dict[str, str]) -> None:
    told = workflows.run("backtest", request_of)
    assert told.states == (*WAY_TO_TASK, "HandleSuccess", "NotifySuccess")
    assert told.status == "SUCCEEDED"
    assert told.payload("UpdateStatusRunning")["status"] == "running"
    completed = told.payload("HandleSuccess")
    (task,) = workflows.tasks(request_of["job_id"])
    assert (completed["status"], completed["request"]) == ("completed", request_of)
    assert completed["detail"] == {"task_arn": task["taskArn"], "results_bucket": "tradai-results-dev"}
    assert told.payload("NotifySuccess")["outcome"] == "completed"


def test_the_task_is_run_on_spot_with_the_variables_of_the_request(
    workflows: Workflows, request_of: dict[str, str]
) -> None:
    workflows.run("backtest", request_of)
    (task,) = workflows.tasks(request_of["job_id"])
    assert task["capacityProviderName"] == "FARGATE_SPOT"
    assert task["taskDefinitionArn"].endswith(f":task-definition/{FAMILY}:1")
    given = variables(task)
    assert (given["STRATEGY"], given["PAIRS"], given["TRADING_MODE"]) == (
        "PascalStrategy",
        "BTC/USDT,ETH/USDT",
        "backtest",
    )
    assert (given["CONFIG_PATH"], given["EXPERIMENT_NAME"]) == ("/freqtrade/user_data/config.json", "default")


def test_what_a_request_names_is_taken_before_the_default(workflows: Workflows, request_of: dict[str, str]) -> None:
    workflows.run("backtest", {**request_of, "config_path": "/mine.json", "experiment_name": "mine"})
    (task,) = workflows.tasks(request_of["job_id"])
    assert (variables(task)["CONFIG_PATH"], variables(task)["EXPERIMENT_NAME"]) == ("/mine.json", "mine")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("return {'valid': False, 'errors': ['no such strategy']}", id="refused"),
        pytest.param("return {'valid': True, 'request': {'job_id': '1'}}", id="incomplete"),
        pytest.param("return {'valid': True, 'request': {k: 1 for k in event['defaults']}}", id="wrong types"),
        pytest.param("return {'valid': 'yes', 'request': {**event['defaults'], **event['request']}}", id="no boolean"),
        pytest.param("return {}", id="empty"),
    ],
)
def test_a_strategy_that_is_not_plainly_valid_runs_nothing(
    workflows: Workflows, request_of: dict[str, str], answer: str
) -> None:
    told = workflows.run("backtest", request_of, {"validate-strategy": answer})
    assert told.states == ("ValidateStrategy", "EvaluateValidation", *BAD_END)
    assert (told.status, told.error) == ("FAILED", "BacktestFailed")
    assert told.payload("HandleFailure")["status"] == "failed"
    assert told.payload("HandleFailure")["request"] == request_of
    assert workflows.tasks(request_of["job_id"]) == []


@pytest.mark.parametrize(
    ("function", "states"),
    [
        ("validate-strategy", WAY_TO_TASK[:1]),
        ("data-collection-proxy", WAY_TO_TASK[:3]),
    ],
)
def test_a_function_that_fails_fails_the_backtest(
    workflows: Workflows, request_of: dict[str, str], function: str, states: tuple[str, ...]
) -> None:
    told = workflows.run("backtest", request_of, {function: FAILS})
    assert told.states == (*states, *BAD_END)
    assert told.status == "FAILED"
    assert told.payload("HandleFailure")["detail"]["error"]["Error"] == "RuntimeError"
    assert told.payload("NotifyFailure")["outcome"] == "failed"


def test_a_task_that_does_not_start_fails_the_backtest(workflows: Workflows, request_of: dict[str, str]) -> None:
    told = workflows.run("backtest", {**request_of, "task_definition": f"{FAMILY}:99"})
    assert told.states == (*WAY_TO_TASK, *BAD_END)
    assert told.payload("HandleFailure")["detail"]["error"]["Error"].startswith("ECS.")


def test_a_task_that_is_stopped_fails_the_backtest(workflows: Workflows, request_of: dict[str, str]) -> None:
    with workflows.tasks_that_never_end():
        execution = workflows.start("backtest", request_of)
        until(lambda: bool(workflows.tasks(request_of["job_id"])))
        (task,) = workflows.tasks(request_of["job_id"])
        workflows("ecs").stop_task(cluster="workflows", task=task["taskArn"], reason="Spot wants it back")
        told = workflows.told(execution)
    assert told.states == (*WAY_TO_TASK, *BAD_END)
    assert (told.status, told.error) == ("FAILED", "BacktestFailed")
    error = told.payload("HandleFailure")["detail"]["error"]
    assert error["Error"] == "States.TaskFailed"
    assert "Spot wants it back" in error["Cause"]


def test_a_task_that_takes_too_long_is_told_apart_and_stopped(workflows: Workflows, request_of: dict[str, str]) -> None:
    with workflows.tasks_that_never_end():
        told = workflows.run("backtest", request_of, limit_s=3)
        (task,) = workflows.tasks(request_of["job_id"])
    assert told.states == (*WAY_TO_TASK, "HandleTimeout", *AFTERMATH)
    assert told.payload("HandleTimeout")["status"] == "timed_out"
    assert told.payload("HandleTimeout")["detail"]["error"]["Error"] == "States.Timeout"
    assert (task["lastStatus"], task["stoppedReason"]) == ("STOPPED", "cleanup")
    assert (told.status, told.error) == ("FAILED", "BacktestFailed")


def test_a_status_that_cannot_be_written_at_first_is_written_later(
    workflows: Workflows, request_of: dict[str, str]
) -> None:
    told = workflows.run("backtest", request_of, {"update-status": FIRST_TIME_FAILS})
    assert told.status == "SUCCEEDED"
    assert told.states == (*WAY_TO_TASK, "HandleSuccess", "NotifySuccess")


@pytest.mark.parametrize(
    ("broken", "states"),
    [
        ({"update-status": FAILS}, WAY_TO_TASK[:4]),
        ({"data-collection-proxy": FAILS, "cleanup-resources": FAILS}, WAY_TO_TASK[:3]),
        ({"data-collection-proxy": FAILS, "notify-completion": FAILS}, WAY_TO_TASK[:3]),
    ],
    ids=["status", "cleanup", "message"],
)
def test_whatever_else_breaks_a_failure_goes_all_its_way(
    workflows: Workflows, request_of: dict[str, str], broken: dict[str, str], states: tuple[str, ...]
) -> None:
    told = workflows.run("backtest", request_of, broken)
    assert told.states == (*states, *BAD_END)
    assert (told.status, told.error) == ("FAILED", "BacktestFailed")


@pytest.mark.parametrize("name", ["backtest", "retraining"])
def test_a_message_that_fails_fails_nothing(workflows: Workflows, request_of: dict[str, str], name: str) -> None:
    assert workflows.run(name, request_of, {"notify-completion": FAILS}).status == "SUCCEEDED"


def test_a_retraining_that_is_not_needed_ends_well_and_quietly(
    workflows: Workflows, request_of: dict[str, str]
) -> None:
    told = workflows.run(
        "retraining", request_of, {"check-retraining-needed": "return {'needed': False, 'reason': 'new'}"}
    )
    assert told.states == ("CheckRetrainingNeeded", "EvaluateNeed", "RetrainingFinished")
    assert told.status == "SUCCEEDED"


def test_a_better_challenger_is_promoted(workflows: Workflows, request_of: dict[str, str]) -> None:
    told = workflows.run("retraining", request_of)
    assert told.states == (*WAY_OF_TRAINING, "PromoteModel", "NotifyCompletion", "RetrainingFinished")
    assert told.status == "SUCCEEDED"
    (task,) = workflows.tasks(request_of["job_id"])
    assert variables(task)["TRADING_MODE"] == "train"
    promotion = told.payload("PromoteModel")
    assert promotion["request"]["model_name"] == "pascal"
    assert promotion["comparison"] == {"challenger_wins": True, "metric": 1.5}
    assert told.payload("NotifyCompletion")["detail"]["promotion"] == {"answer": {"version": "7"}}


def test_the_champion_stays_where_the_challenger_is_worse(workflows: Workflows, request_of: dict[str, str]) -> None:
    told = workflows.run("retraining", request_of, {"compare-models": "return {'challenger_wins': False}"})
    assert told.states == (*WAY_OF_TRAINING, "NotifyCompletion", "RetrainingFinished")
    assert told.status == "SUCCEEDED"
    assert "promotion" not in told.payload("NotifyCompletion")["detail"]


@pytest.mark.parametrize(
    ("broken", "states"),
    [
        ({"check-retraining-needed": FAILS}, WAY_OF_TRAINING[:1]),
        ({"check-retraining-needed": "return {'needed': True}"}, WAY_OF_TRAINING[:2]),
        ({"check-retraining-needed": "return {}"}, WAY_OF_TRAINING[:2]),
        ({"compare-models": FAILS}, WAY_OF_TRAINING[:4]),
        ({"compare-models": "return None"}, WAY_OF_TRAINING),
        ({"promote-model": FAILS}, (*WAY_OF_TRAINING, "PromoteModel")),
    ],
    ids=["check fails", "check is incomplete", "check says nothing", "compare fails", "no comparison", "promote fails"],
)
def test_a_retraining_that_fails_is_told_and_fails(
    workflows: Workflows, request_of: dict[str, str], broken: dict[str, str], states: tuple[str, ...]
) -> None:
    told = workflows.run("retraining", request_of, broken)
    assert told.states == (*states, *NO_TRAINING)
    assert (told.status, told.error) == ("FAILED", "RetrainingFailed")
    assert told.payload("NotifyFailure")["outcome"] == "failed"


def test_a_training_that_fails_compares_nothing(workflows: Workflows, request_of: dict[str, str]) -> None:
    with workflows.tasks_that_never_end():
        told = workflows.run("retraining", request_of, limit_s=3)
    assert told.states == (*WAY_OF_TRAINING[:3], *NO_TRAINING)
    assert told.payload("NotifyFailure")["detail"]["error"]["Error"] == "States.Timeout"
