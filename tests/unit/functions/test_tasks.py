"""What a task of ECS says of itself."""

from typing import Any

import pytest

from shared.tasks import of

ARN = "arn:aws:ecs:eu-central-1:123456789012:task/c/1"


def said(*variables: tuple[str, str], **more: Any) -> dict[str, Any]:
    environment = [{"name": name, "value": value} for name, value in variables]
    return {"taskArn": ARN, "overrides": {"containerOverrides": [{"name": "c", "environment": environment}]}, **more}


def test_a_task_says_whose_it_is_by_its_variables() -> None:
    task = of(said(("JOB_ID", "j"), ("STRATEGY_ID", "s")))
    assert (task.job_id, task.strategy_id) == ("j", "s")


@pytest.mark.parametrize(
    ("task", "job", "whose"),
    [
        (said(("JOB_ID", "j")), "j", True),
        (said(("JOB_ID", "j")), "other", False),
        (said(startedBy="j"), "j", True),
        (said(("JOB_ID", "j"), startedBy="other"), "other", False),
        (said(("JOB_ID", "j")), "", False),
        ({"taskArn": ARN}, "j", False),
    ],
)
def test_a_variable_goes_before_who_started_it(task: dict[str, Any], job: str, whose: bool) -> None:
    assert of(task).is_of(job) is whose


def test_a_task_says_its_family_and_how_it_ended() -> None:
    definition = "arn:aws:ecs:eu-central-1:123456789012:task-definition/strategy-dev:7"
    containers = [{"name": "a", "exitCode": 3}, {"name": "b"}]
    task = of(
        said(taskDefinitionArn=definition, containers=containers, stoppedReason="why", stopCode="TaskFailedToStart")
    )
    assert (task.family, task.exit_codes) == ("strategy-dev", {"a": 3})
    assert (task.stopped_reason, task.stop_code) == ("why", "TaskFailedToStart")
