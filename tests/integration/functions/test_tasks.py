"""Tasks of a cluster over the endpoint: whole listings, and stops that hurt nobody else."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared import clients
from shared.tasks import Tasks, UnknownTasksError

Run = Callable[..., list[str]]


@pytest.fixture
def run(deployed: Any) -> Run:
    """Starts tasks with variables in the test's own cluster; their ARNs."""
    return deployed.cluster()  # type: ignore[no-any-return]


def test_what_runs_is_listed_with_its_variables(deployed: Any, run: Run) -> None:
    (first,), (second,) = run(JOB_ID="j1"), run(JOB_ID="j2")
    found = {task.arn: task.job_id for task in Tasks(deployed.mark).listed()}
    assert found == {first: "j1", second: "j2"}
    assert {task.family for task in Tasks(deployed.mark).listed()} == {f"strategy-{deployed.mark}"}


def test_all_pages_are_listed_and_described_in_hundreds(deployed: Any, run: Run) -> None:
    arns = run(count=101, JOB_ID="j")
    pages = {None: {"taskArns": arns[:100], "nextToken": "more"}, "more": {"taskArns": arns[100:]}}
    described: list[int] = []
    deployed.trouble(clients.client("ecs"), "ListTasks", lambda asked: pages[asked.get("nextToken")])
    deployed.trouble(clients.client("ecs"), "DescribeTasks", lambda asked: described.append(len(asked["tasks"])))
    assert {task.arn for task in Tasks(deployed.mark).listed()} == set(arns)
    assert described == [100, 1]


def test_an_empty_cluster_has_no_tasks(deployed: Any, run: Run) -> None:
    assert Tasks(deployed.mark).listed() == []


def test_a_cluster_that_is_none_is_not_an_empty_one(deployed: Any) -> None:
    with pytest.raises(ClientError, match="ClusterNotFound"):
        Tasks("no-such-cluster").listed()


def test_a_task_that_was_forgotten_between_two_questions_is_left_out(deployed: Any, run: Run) -> None:
    (arn,) = run()
    failures = {"tasks": [], "failures": [{"arn": arn, "reason": "MISSING"}]}
    deployed.trouble(clients.client("ecs"), "DescribeTasks", lambda _: failures)
    assert Tasks(deployed.mark).listed() == []


def test_a_task_that_ecs_cannot_describe_is_unknown(deployed: Any, run: Run) -> None:
    (arn,) = run()
    failures = {"tasks": [], "failures": [{"arn": arn, "reason": "INTERNAL"}, {"arn": "b", "reason": "MISSING"}]}
    deployed.trouble(clients.client("ecs"), "DescribeTasks", lambda _: failures)
    with pytest.raises(UnknownTasksError, match="could not describe 1 of 1 tasks: INTERNAL"):
        Tasks(deployed.mark).listed()


def test_a_stop_stops_that_task_alone(deployed: Any, run: Run) -> None:
    (first,), (second,) = run(), run()
    tasks = Tasks(deployed.mark)
    assert tasks.stop(first, "why " * 200)
    assert tasks.stop(first, "again")
    assert [task.arn for task in tasks.listed()] == [second]
    (stopped,) = tasks.listed("STOPPED")
    assert (stopped.arn, stopped.desired_status) == (first, "STOPPED")


def test_a_task_that_ecs_has_forgotten_needs_no_stop(deployed: Any, run: Run) -> None:
    error = {"Error": {"Code": "InvalidParameterException", "Message": "The referenced task was not found."}}
    deployed.trouble(clients.client("ecs"), "StopTask", lambda _: error)
    assert Tasks(deployed.mark).stop("gone", "why") is False


@pytest.mark.parametrize(
    ("code", "message"), [("ThrottlingException", "Rate exceeded"), ("InvalidParameterException", "reason too long")]
)
def test_any_other_refusal_of_a_stop_is_raised(deployed: Any, run: Run, code: str, message: str) -> None:
    deployed.trouble(clients.client("ecs"), "StopTask", lambda _: {"Error": {"Code": code, "Message": message}})
    with pytest.raises(ClientError, match=message):
        Tasks(deployed.mark).stop("a", "why")
