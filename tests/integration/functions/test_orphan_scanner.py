"""orphan-scanner on deployed tables, a cluster and a workflow."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from orphan_scanner import handler
from orphan_scanner.logic import GRACE, GRACES
from shared import clients, clock
from shared.jobs import Job, Jobs, Status

WAITS = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
ROLE = "arn:aws:iam::123456789012:role/workflow"


class Estate:
    """Jobs, tasks and executions of one test; the clock is the function's own."""

    def __init__(self, deployed: Any, patch: pytest.MonkeyPatch) -> None:
        self.deployed = deployed
        self.jobs = Jobs(deployed.table("workflow-state").name)
        self.models = deployed.table("retraining-state")
        self.trading = deployed.table("trading-state")
        self.heard = deployed.topic("alerts")
        self.now = datetime.now(UTC)
        self.cluster = f"cluster-{deployed.mark}"
        ecs = deployed("ecs")
        arn = ecs.create_cluster(clusterName=self.cluster)["cluster"]["clusterArn"]
        container = {"name": "strategy-container", "image": "image", "memory": 128}
        ecs.register_task_definition(family="strategy", containerDefinitions=[container])
        made = deployed("stepfunctions").create_state_machine(
            name=f"backtest-{deployed.mark}", definition=json.dumps(WAITS), roleArn=ROLE
        )
        self.workflow = made["stateMachineArn"]
        deployed.set(ECS_CLUSTER=arn, BACKTEST_WORKFLOW_ARN=self.workflow)
        patch.setattr(clock, "now", lambda: self.now)

    def job(self, job_id: str, status: Status, **more: Any) -> None:
        at = clock.text(datetime.now(UTC))
        assert self.jobs.create(
            Job(run_id=job_id, job_id=job_id, trace_id=job_id, status=status, created_at=at, updated_at=at, **more)
        )

    def task(self, **variables: str) -> str:
        given = [{"name": name, "value": value} for name, value in variables.items()]
        started = self.deployed("ecs").run_task(
            cluster=self.cluster,
            taskDefinition="strategy",
            launchType="FARGATE",
            overrides={"containerOverrides": [{"name": "strategy-container", "environment": given}]},
        )
        return str(started["tasks"][0]["taskArn"])

    def execution(self, job_id: str) -> str:
        started = self.deployed("stepfunctions").start_execution(stateMachineArn=self.workflow, name=job_id)
        return str(started["executionArn"])

    def later(self, by: timedelta) -> None:
        self.now = datetime.now(UTC) + by + timedelta(minutes=1)

    def running(self) -> set[str]:
        return set(self.deployed("ecs").list_tasks(cluster=self.cluster, desiredStatus="RUNNING")["taskArns"])

    def status(self, job_id: str) -> Status:
        found = self.jobs.get(job_id)
        assert found
        return found.status

    def kinds(self) -> list[str]:
        return [one["MessageAttributes"]["kind"]["Value"] for one in self.deployed.heard(self.heard)]


@pytest.fixture
def estate(deployed: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Estate]:
    handler.ENTRY.reset()
    found = Estate(deployed, monkeypatch)
    yield found
    for arn in found.running():
        deployed("ecs").stop_task(cluster=found.cluster, task=arn)


def test_tasks_of_jobs_that_are_over_or_of_none_are_stopped_and_people_told_once(estate: Estate, context: Any) -> None:
    estate.job("over", Status.CANCELLED)
    estate.job("living", Status.RUNNING)
    stays = {estate.task(JOB_ID="living"), estate.task(), estate.task(STRATEGY_ID="s")}
    goes = {estate.task(JOB_ID="over"), estate.task(JOB_ID="nobody's")}
    assert handler.handle({}, context) == {"stopped": [], "ended": []}
    estate.later(GRACE)
    assert len(handler.handle({}, context)["stopped"]) == 2
    assert estate.running() == stays
    assert goes.isdisjoint(estate.running())
    handler.handle({}, context)
    assert sorted(estate.kinds()) == ["orphan-trading", "orphans-repaired"]


def test_a_stopped_task_says_why(estate: Estate, context: Any) -> None:
    arn = estate.task(JOB_ID="nobody's")
    estate.later(GRACE)
    handler.handle({}, context)
    said = estate.deployed("ecs").describe_tasks(cluster=estate.cluster, tasks=[arn])["tasks"][0]
    assert said["stoppedReason"] == "orphan-scanner: job nobody's is not recorded"


def test_jobs_without_anything_that_runs_have_failed(estate: Estate, context: Any) -> None:
    for status in GRACES:
        estate.job(status.value, status)
    estate.later(GRACE)
    handler.handle({}, context)
    assert [estate.status(status.value) for status in GRACES] == [Status.QUEUED, Status.LAUNCHING, Status.FAILED]
    estate.later(max(GRACES.values()))
    handler.handle({}, context)
    assert {estate.status(status.value) for status in GRACES} == {Status.FAILED}
    found = estate.jobs.table.get("running")
    assert found and found["error"] == {"Error": "Orphaned", "Cause": "no task runs for it"}
    assert estate.kinds() == ["orphans-repaired", "orphans-repaired"]


@pytest.mark.parametrize("known", [True, False])
def test_a_job_lives_with_its_execution_and_ends_with_it(estate: Estate, context: Any, known: bool) -> None:
    arn = estate.execution("j")
    estate.job("j", Status.RUNNING, **({"execution_arn": arn} if known else {}))
    estate.later(2 * GRACE)
    assert handler.handle({}, context)["ended"] == []
    estate.deployed("stepfunctions").stop_execution(executionArn=arn)
    estate.later(2 * GRACE)
    assert handler.handle({}, context)["ended"] == [
        "Job j is cancelled: its execution ended as ABORTED and nobody wrote it down."
    ]
    assert estate.status("j") is Status.CANCELLED


def test_a_job_that_changed_since_it_was_read_is_left_alone(
    estate: Estate, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate.job("j", Status.LAUNCHING)
    estate.later(GRACES[Status.LAUNCHING])
    whole = handler._execution

    def meanwhile(ground: Any, job: Job) -> Any:
        estate.jobs.move("j", Status.RUNNING)
        return whole(ground, job)

    monkeypatch.setattr(handler, "_execution", meanwhile)
    assert handler.handle({}, context)["ended"] == []
    assert estate.status("j") is Status.RUNNING


def test_a_run_of_the_retraining_lives_with_its_lease(estate: Estate, context: Any) -> None:
    held, lapsed = estate.task(JOB_ID="r1", TRADING_MODE="train"), estate.task(JOB_ID="r2", TRADING_MODE="train")
    until = clock.text(datetime.now(UTC) + timedelta(days=1))
    estate.models.put_item(Item={"model_name": "m", "run_id": "r1", "running_until": until, "version": 1})
    estate.later(GRACE)
    handler.handle({}, context)
    assert held in estate.running()
    assert lapsed not in estate.running()


def test_a_trading_task_is_never_stopped_and_told_of_once(estate: Estate, context: Any) -> None:
    arn = estate.task(STRATEGY_ID="s")
    estate.trading.put_item(Item={"strategy_id": "s", "status": "stopped", "heartbeat_at": "2020-01-01"})
    estate.later(timedelta(days=1))
    for _ in range(3):
        assert handler.handle({}, context) == {"stopped": [], "ended": []}
    assert arn in estate.running()
    assert estate.kinds() == ["orphan-trading"]


def test_two_trading_tasks_of_one_strategy_are_told_of_once_each(estate: Estate, context: Any) -> None:
    both = {estate.task(STRATEGY_ID="s"), estate.task(STRATEGY_ID="s")}
    estate.trading.put_item(Item={"strategy_id": "s", "status": "stopped", "heartbeat_at": "2020-01-01"})
    estate.later(timedelta(days=1))
    for _ in range(3):
        handler.handle({}, context)
    assert both <= estate.running()
    assert estate.kinds() == ["orphan-trading", "orphan-trading"]


def test_a_task_that_an_older_item_has_noted_is_told_of_no_more(estate: Estate, context: Any) -> None:
    arn = estate.task(STRATEGY_ID="s")
    estate.trading.put_item(Item={"strategy_id": "s", "status": "stopped", "orphan_task": arn})
    estate.task(STRATEGY_ID="s")
    estate.later(timedelta(days=1))
    for _ in range(3):
        handler.handle({}, context)
    assert estate.kinds() == ["orphan-trading"]


def test_who_could_not_be_told_of_a_trading_task_is_told_by_the_next_call(estate: Estate, context: Any) -> None:
    estate.task(STRATEGY_ID="s")
    estate.later(GRACE)
    fails("sns", "Publish", once=True)
    with pytest.raises(handler.UnfinishedError, match="task"):
        handler.handle({}, context)
    handler.handle({}, context)
    handler.handle({}, context)
    assert estate.kinds() == ["orphan-trading"]


def fails(service: str, operation: str, *, once: bool = False) -> None:
    """Calls of one operation are throttled."""
    refused: list[bool] = []

    def refuse(**_: Any) -> None:
        if not (once and refused):
            refused.append(True)
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, operation)

    clients.client(service).meta.events.register(f"before-call.*.{operation}", refuse)


@pytest.mark.parametrize("operation", ["ListTasks", "DescribeTasks"])
def test_a_listing_of_tasks_that_fails_ends_and_stops_nothing(estate: Estate, context: Any, operation: str) -> None:
    estate.job("j", Status.RUNNING)
    arn = estate.task(JOB_ID="nobody's")
    estate.later(GRACE)
    fails("ecs", operation)
    with pytest.raises(ClientError, match="Throttling"):
        handler.handle({}, context)
    assert estate.status("j") is Status.RUNNING
    assert arn in estate.running()


def test_a_job_whose_execution_could_not_be_asked_hinders_no_other(estate: Estate, context: Any) -> None:
    estate.job("j", Status.RUNNING)
    arn = estate.task(JOB_ID="nobody's")
    estate.later(GRACE)
    fails("stepfunctions", "DescribeExecution")
    with pytest.raises(handler.UnfinishedError, match="j"):
        handler.handle({}, context)
    assert estate.status("j") is Status.RUNNING
    assert arn not in estate.running()


def test_a_task_that_could_not_be_stopped_hinders_no_other(estate: Estate, context: Any) -> None:
    tasks = {estate.task(JOB_ID="a"), estate.task(JOB_ID="b")}
    estate.later(GRACE)
    fails("ecs", "StopTask", once=True)
    with pytest.raises(handler.UnfinishedError, match="task"):
        handler.handle({}, context)
    assert len(tasks & estate.running()) == 1
    handler.handle({}, context)
    assert not tasks & estate.running()


def test_more_tasks_than_a_page_holds_are_all_judged(estate: Estate, context: Any) -> None:
    for _ in range(11):
        estate.deployed("ecs").run_task(
            cluster=estate.cluster,
            taskDefinition="strategy",
            count=10,
            launchType="FARGATE",
            overrides={
                "containerOverrides": [
                    {"name": "strategy-container", "environment": [{"name": "JOB_ID", "value": "nobody's"}]}
                ]
            },
        )
    estate.later(GRACE)
    assert len(handler.handle({}, context)["stopped"]) == 110
    assert estate.running() == set()
