"""Which tasks and jobs are orphans."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orphan_scanner.logic import (
    GRACE,
    GRACES,
    Execution,
    Runs,
    due,
    message,
    trades,
    why_end,
    why_stop,
    why_stop_training,
    why_tell,
)
from orphan_scanner.settings import OrphanScannerSettings
from shared import clock
from shared.jobs import FINAL, Job, Status
from shared.tasks import Task
from shared.trading import Status as Trades
from shared.trading import Trader

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LONG = timedelta(days=30)


def task(age: timedelta = LONG, **more: Any) -> Task:
    said: dict[str, Any] = {
        "arn": "task-1",
        "family": "tradai-strategy-container-dev",
        "group": "",
        "last_status": "RUNNING",
        "desired_status": "RUNNING",
        "started_by": None,
        "created_at": NOW - age,
        "stopped_at": None,
        "stop_code": None,
        "stopped_reason": None,
        "exit_codes": {},
        "variables": {"JOB_ID": "j"},
    }
    return Task.model_validate(said | more)


def job(status: Status, age: timedelta = LONG) -> Job:
    at = clock.text(NOW - age)
    return Job(run_id="j", job_id="j", trace_id="t", status=status, created_at=at, updated_at=at)


def stopped(ago: timedelta, **more: Any) -> Task:
    return task(last_status="STOPPED", desired_status="STOPPED", stopped_at=NOW - ago, **more)


def execution(runs: Runs, ago: timedelta = LONG) -> Execution:
    return Execution(runs=runs, ended_at=NOW - ago)


@pytest.mark.parametrize("status", sorted(FINAL))
def test_a_task_whose_job_is_over_is_stopped(status: Status) -> None:
    assert why_stop(task(), job(status), NOW) == f"job j is {status.value}"


def test_a_task_of_no_job_is_stopped() -> None:
    assert why_stop(task(), None, NOW) == "job j is not recorded"


@pytest.mark.parametrize("status", sorted(set(Status) - FINAL))
def test_a_task_of_a_living_job_runs_on(status: Status) -> None:
    assert why_stop(task(), job(status), NOW) is None


def test_a_task_whose_age_nobody_knows_runs_on() -> None:
    assert why_stop(task(created_at=None), None, NOW) is None


@given(st.timedeltas(min_value=timedelta(), max_value=2 * GRACE), st.sampled_from(sorted(FINAL)))
def test_nothing_is_stopped_within_its_grace(age: timedelta, status: Status) -> None:
    young = age < GRACE
    assert (why_stop(task(age), None, NOW) is None) is young
    assert (why_stop(task(age), job(status), NOW) is None) is young
    assert (why_stop(task(), job(status, age), NOW) is None) is young
    assert (why_stop_training(task(age), frozenset(), NOW) is None) is young
    assert (why_tell(task(age), None, NOW) is None) is young


@pytest.mark.parametrize(("held", "stops"), [({"j"}, False), ({"other"}, True), (set(), True)])
def test_a_run_of_the_retraining_needs_its_model(held: set[str], stops: bool) -> None:
    assert bool(why_stop_training(task(), frozenset(held), NOW)) is stops


@pytest.mark.parametrize("status", GRACES)
def test_a_job_is_due_after_the_grace_of_its_status(status: Status) -> None:
    assert due(job(status, GRACES[status]), NOW)
    assert not due(job(status, GRACES[status] - SECOND), NOW)


@pytest.mark.parametrize(
    ("runs", "then"),
    [
        (Runs.SUCCEEDED, Status.COMPLETED),
        (Runs.FAILED, Status.FAILED),
        (Runs.TIMED_OUT, Status.TIMED_OUT),
        (Runs.ABORTED, Status.CANCELLED),
    ],
)
@pytest.mark.parametrize("tasks", [[], [task()]])
def test_a_job_ends_as_its_execution_did(runs: Runs, then: Status, tasks: list[Task]) -> None:
    end = why_end(job(Status.RUNNING), tasks, execution(runs), NOW)
    assert end and end.status is then
    assert why_end(job(Status.RUNNING), tasks, execution(runs, GRACE - SECOND), NOW) is None


@pytest.mark.parametrize("runs", [Runs.RUNNING, Runs.PENDING_REDRIVE])
def test_a_job_lives_as_long_as_its_execution(runs: Runs) -> None:
    assert why_end(job(Status.RUNNING), [stopped(LONG)], execution(runs), NOW) is None


@pytest.mark.parametrize(
    ("tasks", "why"),
    [
        ([], "no task runs for it"),
        ([stopped(LONG, exit_codes={"strategy-container": 1})], "strategy-container exited with 1"),
        ([stopped(LONG, stopped_reason="Host EC2 terminated")], "Host EC2 terminated"),
        ([stopped(LONG)], "ECS says no reason"),
    ],
)
def test_a_job_without_a_living_task_has_failed(tasks: list[Task], why: str) -> None:
    end = why_end(job(Status.RUNNING), tasks, Execution(), NOW)
    assert end and end.status is Status.FAILED
    assert why in end.why


@pytest.mark.parametrize(
    "one", [task(), task(last_status="PROVISIONING"), task(desired_status="STOPPED"), stopped(GRACE - SECOND)]
)
def test_a_job_lives_as_long_as_its_task_and_a_little_longer(one: Task) -> None:
    assert why_end(job(Status.RUNNING), [one], Execution(), NOW) is None


@pytest.mark.parametrize(("status", "why"), [(Status.QUEUED, "message has expired"), (Status.LAUNCHING, "launched")])
def test_a_job_that_never_began_says_so(status: Status, why: str) -> None:
    end = why_end(job(status), [], Execution(), NOW)
    assert end and why in end.why


TRADES: dict[str, Any] = {"variables": {"STRATEGY_ID": "s"}}


def test_what_has_a_strategy_and_no_job_trades() -> None:
    assert trades(task(**TRADES))
    assert not trades(task(variables={"STRATEGY_ID": "s", "JOB_ID": "j"}))
    assert not trades(task(variables={}))


def trader(**more: Any) -> Trader:
    return Trader.model_validate({"strategy_id": "s", "status": "running", "heartbeat_at": "2020-01-01"} | more)


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (None, "nobody has registered"),
        (Trader(strategy_id="s"), "nobody has registered"),
        (trader(status=Trades.STOPPED), "was stopped"),
        (trader(task_arn="task-2"), "another task, task-2"),
        (trader(task_arn="task-1"), None),
        (trader(), None),
        (trader(status=Trades.EXPECTED), None),
    ],
)
def test_people_are_told_of_a_task_that_trades_and_should_not(known: Trader | None, why: str | None) -> None:
    told = why_tell(task(**TRADES), known, NOW)
    assert told is None if why is None else why in str(told)


def test_one_message_says_all_that_was_repaired() -> None:
    kind, subject, *sentences = message(["Task a was stopped."], ["Job b is failed.", "Job c is failed."])
    assert (kind, subject) == ("orphans-repaired", "1 orphaned tasks stopped, 2 orphaned jobs ended")
    assert len(sentences) == 3


def test_an_execution_has_the_name_of_its_run() -> None:
    variables = {name: "x" for names in OrphanScannerSettings.variables().values() for name in names}
    arn = "arn:aws:states:eu-central-1:123456789012:stateMachine:tradai-backtest-workflow-dev"
    settings = OrphanScannerSettings.read(variables | {"BACKTEST_WORKFLOW_ARN": arn})
    assert settings.execution_of("j") == f"{arn.replace('stateMachine', 'execution')}:j"
