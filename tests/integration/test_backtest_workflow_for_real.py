"""The backtest workflow, as it is declared, with the project's own functions: all its ways, and what people hear."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.integration.backtest_estate import Backtests, asked, heard, service
from tests.integration.lambda_estate import Functions
from tests.integration.provider_server import moto_server
from tests.integration.workflow_estate import FAMILY, Workflows, until, variables

WAY_TO_TASK = ("ValidateStrategy", "EvaluateValidation", "EnsureData", "UpdateStatusRunning", "RunBacktest")
AFTERMATH = ("CleanupResources", "NotifyFailure", "BacktestFailed")
BAD_END = ("HandleFailure", *AFTERMATH)
SYNC = "/api/v1/data/sync"
GAP = {"pair": "ETH/USDT", "timerange": "20240103-20240105", "reason": "the exchange has none"}


@pytest.fixture(scope="module")
def standing() -> Iterator[Backtests]:
    with service() as asked, moto_server() as url:
        made = Backtests(Workflows(Functions(url)), asked)
        made.lay_ground()
        yield made


@pytest.fixture
def backtests(standing: Backtests) -> Backtests:
    """The strategy is registered, its candles are there."""
    standing.service.answers = {
        "/api/v1/strategies/PascalStrategy": (200, {"name": "PascalStrategy"}),
        SYNC: (200, {"sync_id": "s", "status": "complete"}),
    }
    return standing


@pytest.fixture
def job(backtests: Backtests) -> str:
    """A job that a consumer has recorded."""
    name = f"job-{uuid4().hex[:8]}"
    backtests.record(name)
    return name


def test_a_backtest_runs_from_its_request_to_its_end(backtests: Backtests, job: str) -> None:
    execution = backtests.workflows.start("backtest", asked(job))
    given = variables(backtests.task(job))
    assert (given["STRATEGY"], given["PAIRS"]) == ("PascalStrategy", "BTC/USDT,ETH/USDT")
    assert (given["CONFIG_PATH"], given["EXPERIMENT_NAME"]) == ("/freqtrade/user_data/config.json", "default")
    assert backtests.job(job)["status"] == "running"
    backtests.says(job, "RUNNING")
    backtests.says(job, "STOPPED", exit_code=0)
    told = backtests.workflows.told(execution)
    assert told.states == (*WAY_TO_TASK, "HandleSuccess", "NotifySuccess")
    assert told.status == "SUCCEEDED"
    ended = backtests.job(job)
    assert (ended["status"], ended["execution_arn"]) == ("completed", execution)
    assert (ended["task_arn"], ended["results_bucket"]) == (backtests.task(job)["taskArn"], "tradai-results-dev")
    message = heard(backtests, job, "backtest-completed")
    assert message.startswith("The backtest has completed.")
    assert ended["task_arn"] in message


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"strategy": "Nobody"}, "strategy: nobody has registered it"),
        ({"timerange": "20240101-20240101"}, "timerange: the first day must be before the last"),
        ({"config_path": "active"}, "config_path: the strategy has no active configuration"),
        ({"pairs": ",".join(f"C{at:04}/USDT" for at in range(700))}, "pairs: too many"),
    ],
    ids=["unknown strategy", "bad range", "no configuration", "too large"],
)
def test_what_is_refused_runs_nothing_and_says_why(
    backtests: Backtests, job: str, changes: dict[str, str], why: str
) -> None:
    told = backtests.workflows.run("backtest", asked(job, **changes))
    assert told.states == ("ValidateStrategy", "EvaluateValidation", *BAD_END)
    assert (told.status, told.error) == ("FAILED", "BacktestFailed")
    assert backtests.workflows.tasks(job) == []
    assert backtests.job(job)["status"] == "failed"
    assert any(why in each["S"] for each in backtests.job(job)["errors"])
    assert why in heard(backtests, job, "backtest-failed")


def test_a_service_that_cannot_be_asked_is_a_failure_and_no_refusal(backtests: Backtests, job: str) -> None:
    backtests.service.answers["/api/v1/strategies/PascalStrategy"] = (500, {})
    told = backtests.workflows.run("backtest", asked(job))
    assert told.states == ("ValidateStrategy", *BAD_END)
    ended = backtests.job(job)
    assert (ended["status"], "errors" in ended) == ("failed", False)
    assert ended["error"]["Error"]["S"] == "UnansweredError"
    assert "UnansweredError" in heard(backtests, job, "backtest-failed")


def test_candles_that_cannot_be_had_fail_it_by_pair_and_range(backtests: Backtests, job: str) -> None:
    backtests.service.answers[SYNC] = (200, {"sync_id": "s", "status": "complete", "missing": [GAP]})
    told = backtests.workflows.run("backtest", asked(job))
    assert told.states == (*WAY_TO_TASK[:3], *BAD_END)
    assert backtests.job(job)["error"]["Error"]["S"] == "DataMissingError"
    assert "ETH/USDT 1h 20240103-20240105 (the exchange has none)" in heard(backtests, job, "backtest-failed")


def test_candles_that_take_longer_than_the_function_are_waited_for(
    backtests: Backtests, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arns = backtests.workflows.arns
    monkeypatch.setitem(arns, "data-collection-proxy", backtests.hurried("data-collection-proxy", seconds=7))
    backtests.service.answers |= {path: (200, {"sync_id": "s", "status": "running"}) for path in (SYNC, f"{SYNC}/s")}
    backtests.service.asked.clear()
    execution = backtests.workflows.start("backtest", asked(job))
    until(lambda: backtests.service.asked.count(("POST", SYNC)) > 1)
    backtests.service.answers |= {path: (200, {"sync_id": "s", "status": "complete"}) for path in (SYNC, f"{SYNC}/s")}
    backtests.says(job, "STOPPED", exit_code=0)
    assert backtests.workflows.told(execution).status == "SUCCEEDED"
    heard(backtests, job, "backtest-completed")


def test_a_strategy_that_fails_fails_the_backtest_with_its_exit_code(backtests: Backtests, job: str) -> None:
    execution = backtests.workflows.start("backtest", asked(job))
    backtests.says(job, "RUNNING")
    backtests.says(job, "STOPPED", exit_code=3)
    told = backtests.workflows.told(execution)
    assert told.states == (*WAY_TO_TASK, *BAD_END)
    assert backtests.job(job)["status"] == "failed"
    assert "strategy-container ended with 3" in heard(backtests, job, "backtest-failed")


@pytest.mark.parametrize("up", [True, False], ids=["runs for too long", "never starts"])
def test_a_task_beyond_its_time_is_told_apart_and_stopped(backtests: Backtests, job: str, up: bool) -> None:
    other = f"{job}-other"
    backtests.record(other)
    beside = backtests.workflows.start("backtest", asked(other))
    backtests.says(other, "RUNNING")
    execution = backtests.workflows.start("backtest", asked(job), limit_s=4)
    if up:
        backtests.says(job, "RUNNING")
    told = backtests.workflows.told(execution)
    assert told.states == (*WAY_TO_TASK, "HandleTimeout", *AFTERMATH)
    assert backtests.job(job)["status"] == "timed_out"
    stopped = backtests.task(job)
    assert stopped["desiredStatus"] == "STOPPED"
    assert "cleanup-resources" in stopped["stoppedReason"]
    assert "it took longer than its limit" in heard(backtests, job, "backtest-failed")
    assert backtests.task(other)["desiredStatus"] == "RUNNING"
    backtests.says(other, "STOPPED", exit_code=0)
    assert backtests.workflows.told(beside).status == "SUCCEEDED"
    heard(backtests, other, "backtest-completed")


def test_a_start_that_ecs_refuses_fails_the_backtest(backtests: Backtests, job: str) -> None:
    family = backtests("ecs").describe_task_definition(taskDefinition=FAMILY)["taskDefinition"]["taskDefinitionArn"]
    told = backtests.workflows.run("backtest", asked(job, task_definition=f"{family.removesuffix(':1')}:99"))
    assert told.states == (*WAY_TO_TASK, *BAD_END)
    assert backtests.job(job)["error"]["Error"]["S"].startswith("ECS.")
    heard(backtests, job, "backtest-failed")


def test_a_cancelled_run_stays_so_whatever_its_task_says(backtests: Backtests, job: str) -> None:
    execution = backtests.workflows.start("backtest", asked(job))
    backtests.says(job, "RUNNING")
    backtests("dynamodb").update_item(
        TableName="tradai-workflow-state-dev",
        Key={"run_id": {"S": job}},
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": {"S": "cancelled"}},
    )
    backtests("stepfunctions").stop_execution(executionArn=execution)
    told = backtests.workflows.told(execution)
    assert (told.status, told.states) == ("ABORTED", WAY_TO_TASK)
    event = {"request": asked(job), "execution_arn": execution, "cluster_arn": backtests.cluster}
    _, error, answer = backtests.workflows.functions.invoke("real-cleanup-resources", event)
    assert (error, answer["stopped"]) == ("", [backtests.task(job)["taskArn"]])
    late = {"request": asked(job), "execution_arn": execution, "status": "completed", "detail": {}}
    _, _, answer = backtests.workflows.functions.invoke("real-update-status", late)
    assert answer["result"] == "late"
    assert backtests.job(job)["status"] == "cancelled"


def test_an_execution_without_a_request_ends_and_is_told(backtests: Backtests) -> None:
    told = backtests.workflows.run("backtest", {})
    assert told.states == ("ValidateStrategy", "EvaluateValidation", *BAD_END)
    assert told.status == "FAILED"
    message = backtests.told("an unnamed request")
    assert "strategy: Field required" in message["Message"]
    assert "clean-up has failed too" in message["Message"]
