"""cleanup-resources on a cluster: a run's tasks are stopped, all of them, and no others."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanup_resources import handler
from shared import clients
from shared.entry import RefusedError
from shared.settings import SettingsError
from shared.tasks import Tasks, UnknownTasksError

Run = Callable[..., list[str]]


@pytest.fixture
def run(deployed: Any) -> Run:
    handler.ENTRY.reset()
    deployed.set(ECS_CLUSTER=deployed.mark)
    return deployed.cluster()  # type: ignore[no-any-return]


@pytest.fixture
def event(deployed: Any) -> dict[str, Any]:
    return {"request": {"job_id": "j1", "run_id": "j1"}, "execution_arn": "e", "cluster_arn": deployed.mark}


def running(cluster: str) -> set[str]:
    return {task.arn for task in Tasks(cluster).listed()}


def test_the_tasks_of_the_run_are_stopped_and_no_others(
    deployed: Any, run: Run, event: dict[str, Any], context: Any
) -> None:
    ours, others = run(2, JOB_ID="j1"), [*run(JOB_ID="j2"), *run(STRATEGY_ID="s"), *run()]
    assert sorted(handler.handle(event, context)["stopped"]) == sorted(ours)
    assert running(deployed.mark) == set(others)
    (stopped, _) = Tasks(deployed.mark).listed("STOPPED")
    assert "cleanup-resources" in (stopped.stopped_reason or "")


def test_twice_there_is_nothing_more_to_stop(run: Run, event: dict[str, Any], context: Any) -> None:
    run(JOB_ID="j1")
    handler.handle(event, context)
    assert handler.handle(event, context) == {"job_id": "j1", "stopped": [], "gone": []}


def test_a_task_that_ecs_has_forgotten_meanwhile_is_fine(
    deployed: Any, run: Run, event: dict[str, Any], context: Any
) -> None:
    arns = run(JOB_ID="j1")
    error = {"Error": {"Code": "InvalidParameterException", "Message": "The referenced task was not found."}}
    deployed.trouble(clients.client("ecs"), "StopTask", lambda _: error)
    assert handler.handle(event, context)["gone"] == arns


def test_one_that_cannot_be_stopped_keeps_no_other_from_it(
    deployed: Any, run: Run, event: dict[str, Any], context: Any
) -> None:
    stuck, *_ = run(3, JOB_ID="j1")
    error = {"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}
    deployed.trouble(clients.client("ecs"), "StopTask", lambda asked: error if asked["task"] == stuck else None)
    with pytest.raises(handler.NotStoppedError, match=r"1 tasks of job j1 could not be stopped.*Rate exceeded"):
        handler.handle(event, context)
    assert running(deployed.mark) == {stuck}


def test_what_could_not_be_listed_or_described_is_not_none(
    deployed: Any, run: Run, event: dict[str, Any], context: Any
) -> None:
    run(JOB_ID="j1")
    failures = {"tasks": [], "failures": [{"reason": "INTERNAL"}]}
    deployed.trouble(clients.client("ecs"), "DescribeTasks", lambda _: failures)
    with pytest.raises(UnknownTasksError):
        handler.handle(event, context)
    error = {"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}
    deployed.trouble(clients.client("ecs"), "ListTasks", lambda _: error)
    with pytest.raises(ClientError, match="Rate exceeded"):
        handler.handle(event, context)


def test_another_cluster_is_not_touched(run: Run, event: dict[str, Any], context: Any) -> None:
    with pytest.raises(RefusedError, match="cluster_arn: only tasks of"):
        handler.handle(event | {"cluster_arn": "another"}, context)


def test_a_missing_variable_is_named(deployed: Any, event: dict[str, Any], context: Any) -> None:
    handler.ENTRY.reset()
    with pytest.raises(SettingsError, match="ECS_CLUSTER"):
        handler.handle(event, context)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({}, "request: Field required; execution_arn"),
        ({"request": "text"}, "request: "),
        ({"request": {"job_id": ""}, "execution_arn": "e", "cluster_arn": "c"}, r"request\.job_id"),
        ({"request": {"job_id": 7}, "execution_arn": "e", "cluster_arn": "c"}, r"request\.job_id"),
        ({"request": {"job_id": "j"}, "execution_arn": "e", "cluster_arn": ""}, "cluster_arn"),
    ],
)
def test_what_is_no_event_is_refused_by_its_fields(run: Run, context: Any, wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(RefusedError, match=rf"not an event of CleanupResources: .*{named}"):
        handler.handle(wrong, context)
