"""Tasks of one ECS cluster: all that run, which job each is of, and the stop of one.

A listing is whole or raises; tasks that ECS has forgotten meanwhile are left out. Must never take an error of AWS, or
a part of a listing, for "no task".
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from botocore.exceptions import ClientError

from shared import clients
from shared.base import Frozen

#: The variables of a strategy container that say whose it is (002 §2.5).
JOB_VARIABLE: Final = "JOB_ID"
STRATEGY_VARIABLE: Final = "STRATEGY_ID"
#: DescribeTasks takes no more at once.
_AT_ONCE: Final = 100
#: What ECS says of a task that it has forgotten, about an hour after its end.
_GONE: Final = "MISSING"
_REASON_CHARACTERS: Final = 255

Desired = Literal["RUNNING", "STOPPED"]


class UnknownTasksError(Exception):
    """Tasks that ECS could not describe, by its reasons: whether they run is not known."""


class Task(Frozen):
    """One task; `variables` are those that it was started with, beside its definition's own."""

    arn: str
    family: str
    group: str
    last_status: str
    desired_status: str
    started_by: str | None
    created_at: datetime | None
    stopped_at: datetime | None
    stop_code: str | None
    stopped_reason: str | None
    exit_codes: Mapping[str, int]
    variables: Mapping[str, str]

    @property
    def job_id(self) -> str | None:
        """The job that the task was started for, None where its variables name none."""
        return self.variables.get(JOB_VARIABLE)

    @property
    def strategy_id(self) -> str | None:
        """The strategy that the task trades, where its variables name one."""
        return self.variables.get(STRATEGY_VARIABLE)

    def is_of(self, job_id: str) -> bool:
        """Whether it was started for this job: by its variable, or where it has none by who started it."""
        return job_id == (self.job_id or self.started_by)


class Tasks:
    """The tasks of a cluster, by its ARN or name."""

    def __init__(self, cluster: str) -> None:
        self.cluster = cluster

    def listed(self, desired: Desired = "RUNNING", **narrower: str) -> list[Task]:
        """All tasks that are to run (those that are still starting among them), or that have ended lately.

        `narrower` are filters of ListTasks: `family`, `startedBy`, `serviceName`. Raises UnknownTasksError,
        ClientError.
        """
        pages = clients.client("ecs").get_paginator("list_tasks").paginate
        found = pages(cluster=self.cluster, desiredStatus=desired, **narrower)
        return self.described([arn for page in found for arn in page["taskArns"]])

    def described(self, arns: Sequence[str]) -> list[Task]:
        """Those of the tasks that ECS still knows. Raises UnknownTasksError, ClientError."""
        return [task for some in _in_hundreds(arns) for task in self._described(some)]

    def _described(self, arns: Sequence[str]) -> list[Task]:
        answer = clients.client("ecs").describe_tasks(cluster=self.cluster, tasks=list(arns))
        failed = [each for each in answer.get("failures", []) if each.get("reason") != _GONE]
        if failed:
            reasons = sorted({str(each.get("reason")) for each in failed})
            raise UnknownTasksError(f"ECS could not describe {len(failed)} of {len(arns)} tasks: {', '.join(reasons)}")
        return [of(task) for task in answer["tasks"]]

    def stop(self, arn: str, reason: str) -> bool:
        """Ask ECS to stop a task; False where it has forgotten it. One that has ended is as good as stopped."""
        try:
            clients.client("ecs").stop_task(cluster=self.cluster, task=arn, reason=reason[:_REASON_CHARACTERS])
        except ClientError as error:
            said = error.response["Error"]
            # A cluster or a role that is wrong is InvalidParameterException or ClusterNotFoundException too.
            if said["Code"] == "InvalidParameterException" and "task was not found" in said["Message"].lower():
                return False
            raise
        return True


def of(said: Mapping[str, Any]) -> Task:
    """The task as DescribeTasks, or an event of ECS, has it."""
    overrides = said.get("overrides", {}).get("containerOverrides", [])
    return Task(
        arn=said["taskArn"],
        family=said.get("taskDefinitionArn", "").rpartition("/")[2].rpartition(":")[0],
        group=said.get("group", ""),
        last_status=said.get("lastStatus", ""),
        desired_status=said.get("desiredStatus", ""),
        started_by=said.get("startedBy") or None,
        created_at=said.get("createdAt"),
        stopped_at=said.get("stoppedAt"),
        stop_code=said.get("stopCode"),
        stopped_reason=said.get("stoppedReason"),
        exit_codes={each["name"]: each["exitCode"] for each in said.get("containers", []) if "exitCode" in each},
        variables={each["name"]: each["value"] for over in overrides for each in over.get("environment", [])},
    )


def _in_hundreds(arns: Sequence[str]) -> Iterator[Sequence[str]]:
    unique = list(dict.fromkeys(arns))
    yield from (unique[at : at + _AT_ONCE] for at in range(0, len(unique), _AT_ONCE))
