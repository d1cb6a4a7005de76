"""Containers of runs as ECS tasks: RunTask of one task definition, told apart by `startedBy`.

The task definition says image, roles and log; a run adds its command and its references. The values of its secrets go
through a short-lived secret of Secrets Manager, which the run reads and removes: an override shows in CloudTrail.
Must never start a task twice.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tradai_operator.adapters.runs.remote import HostError, labels
from tradai_runner.contract import RunRequest
from tradai_runner.journal.address import RunAddress
from tradai_runner.process.tracing import Tracing
from tradai_runner.process.writes import point
from tradai_runner.remote import secrets as handed
from tradai_runner.remote.command import COMMAND

#: ECS tells of a new task only after a while; a run that nobody can see for longer was never started.
_APPEARS_SECONDS: Final = 30.0
#: The same of a task that RunTask has named: ECS says that it may take up to five minutes to agree with itself.
_AGREES_SECONDS: Final = 300.0
_MISSING: Final = "MISSING"
_PREFIX: Final = "tradai-run-"
#: No run lasts longer; a secret that is left after that has lost its run.
_STALE: Final = timedelta(hours=12)
_SWEEP_SECONDS: Final = 3600.0

Clients = Callable[[str, str], Any]


@dataclass(frozen=True)
class EcsSettings:
    """What whoever runs the operator decides for all tasks: `environment` is that of the container.

    `public_addresses` says that the subnets have no NAT: tasks then reach AWS by addresses of their own.
    """

    cluster: str
    task_definition: str
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    region: str
    container: str = "runner"
    public_addresses: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def name_of(run: RunAddress) -> str:
    """What a run's task is started by and its secret is called: at most 36 characters, which `startedBy` takes."""
    return f"{_PREFIX}{sha256(str(run).encode()).hexdigest()[:24]}"


def _client(service: str, region: str) -> Any:
    make: Any = boto3.client  # its stubs know each service by a literal name
    return make(service, region_name=region)


class EcsHost:
    """The `Host` of executor `ecs`; without settings it sees runs to their end and starts none."""

    name = "ecs"

    def __init__(
        self, settings: EcsSettings | None, tracing: Tracing | None = None, clients: Clients = _client
    ) -> None:
        self._settings = settings
        self._tracing = tracing or Tracing()
        self._make_client = clients
        self._made: dict[tuple[str, str], Any] = {}
        self._tasks: dict[str, str] = {}
        self._first_looks: dict[str, float] = {}
        self._swept = -_SWEEP_SECONDS

    def place(self, run: RunAddress) -> dict[str, str]:
        """Cluster and region of the task, what it is started by, and the region of its secret."""
        wanted = self._wanted
        return {
            "cluster": wanted.cluster,
            "region": wanted.region,
            "started_by": name_of(run),
            "secrets_region": run.region,
        }

    async def launch(self, run: RunAddress, request: RunRequest, secrets: Mapping[str, str]) -> None:
        """The secret, then the task that reads it."""
        await self._ask("create the secret of a run", lambda: self._hand(run, request, secrets))
        answer = await self._ask("run a task", lambda: self._run(run, request))
        tasks, failures = answer.get("tasks", []), answer.get("failures", [])
        if not tasks:
            why = "; ".join(str(failure.get("reason", failure)) for failure in failures) or "ECS gave none"
            raise HostError(f"could not run a task: {why}")
        self._tasks[name_of(run)] = tasks[0]["taskArn"]

    async def lives(self, place: Mapping[str, str]) -> bool:
        """Whether the task is there and not stopped, or may still appear: one that is not shown may be too young."""
        task, started_by = await self._ask("find the task of a run", lambda: self._task(place)), place["started_by"]
        if task is not None:
            self._first_looks.pop(started_by, None)
            return bool(task["lastStatus"] != "STOPPED")
        first = self._first_looks.setdefault(started_by, time.monotonic())
        return time.monotonic() - first < (_AGREES_SECONDS if started_by in self._tasks else _APPEARS_SECONDS)

    async def trouble(self, place: Mapping[str, str]) -> str:
        """What ECS says of the task: why it stopped, or what it waits for."""
        task = await self._ask("find the task of a run", lambda: self._task(place))
        if task is None:
            return "ECS has no such task"
        containers = [str(each["reason"]) for each in task.get("containers", []) if each.get("reason")]
        return "; ".join([str(task.get("stoppedReason") or f"the task is {task['lastStatus']}"), *containers])

    async def stop(self, place: Mapping[str, str]) -> None:
        """StopTask: SIGTERM, and SIGKILL after the container's stopTimeout."""
        task = await self._ask("find the task of a run", lambda: self._task(place))
        if task is not None and task["desiredStatus"] != "STOPPED":
            stop = {"cluster": place["cluster"], "task": task["taskArn"], "reason": "the operator asks the run to stop"}
            with point("task.stop"):
                await self._ask("stop the task of a run", lambda: self._ecs(place).stop_task(**stop))

    async def clean(self, place: Mapping[str, str]) -> None:
        """Removes the secret, where the run has not; ECS forgets stopped tasks by itself."""
        await self._ask(
            "delete the secret of a run", lambda: self._forget(place["secrets_region"], place["started_by"])
        )
        self._tasks.pop(place["started_by"], None)
        self._first_looks.pop(place["started_by"], None)

    def _hand(self, run: RunAddress, request: RunRequest, secrets: Mapping[str, str]) -> None:
        manager = self._client("secretsmanager", run.region)
        self._sweep(manager)
        marks = [{"Key": key, "Value": value} for key, value in labels(run, request).items()]
        try:
            with point("task.secret"):
                manager.create_secret(Name=name_of(run), SecretString=json.dumps(dict(secrets)), Tags=marks)
        except manager.exceptions.ResourceExistsException:
            return

    def _run(self, run: RunAddress, request: RunRequest) -> Any:
        wanted, name = self._wanted, name_of(run)
        environment = {**wanted.environment, **self._tracing.carrier(), handed.REFERENCE: name}
        override = {
            "name": wanted.container,
            "command": [*COMMAND, str(run)],
            "environment": [{"name": key, "value": value} for key, value in sorted(environment.items())],
        }
        network = {
            "subnets": list(wanted.subnets),
            "securityGroups": list(wanted.security_groups),
            "assignPublicIp": "ENABLED" if wanted.public_addresses else "DISABLED",
        }
        with point("task.run"):
            return self._client("ecs", wanted.region).run_task(
                cluster=wanted.cluster,
                taskDefinition=wanted.task_definition,
                count=1,
                launchType="FARGATE",
                startedBy=name,
                clientToken=name,
                networkConfiguration={"awsvpcConfiguration": network},
                overrides={"containerOverrides": [override]},
                tags=[{"key": key, "value": value} for key, value in labels(run, request).items()],
            )

    def _task(self, place: Mapping[str, str]) -> Any:
        ecs, cluster, started_by = self._ecs(place), place["cluster"], place["started_by"]
        arn = self._tasks.get(started_by)
        for status in () if arn else ("RUNNING", "STOPPED"):
            found = ecs.list_tasks(cluster=cluster, startedBy=started_by, desiredStatus=status)["taskArns"]
            arn = found[0] if found else arn
        if arn is None:
            return None
        self._tasks[started_by] = arn
        answer = ecs.describe_tasks(cluster=cluster, tasks=[arn])
        if unknown := [each for each in answer.get("failures", []) if each.get("reason") != _MISSING]:
            raise HostError(f"could not find the task of a run: {unknown[0].get('reason')}")
        return answer["tasks"][0] if answer["tasks"] else None

    def _sweep(self, manager: Any) -> None:
        """Now and then removes the secrets of runs whose operator died before it could."""
        if time.monotonic() - self._swept < _SWEEP_SECONDS:
            return
        pages = manager.get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": [_PREFIX]}])
        for secret in (found for page in pages for found in page["SecretList"]):
            if secret["Name"].startswith(_PREFIX) and datetime.now(UTC) - secret["CreatedDate"] > _STALE:
                with point("task.secret.delete"):
                    manager.delete_secret(SecretId=secret["Name"], ForceDeleteWithoutRecovery=True)
        self._swept = time.monotonic()

    def _forget(self, region: str, name: str) -> None:
        manager = self._client("secretsmanager", region)
        try:
            with point("task.secret.delete"):
                manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        except manager.exceptions.ResourceNotFoundException:
            return

    def _ecs(self, place: Mapping[str, str]) -> Any:
        return self._client("ecs", place["region"])

    def _client(self, service: str, region: str) -> Any:
        if (service, region) not in self._made:
            self._made[service, region] = self._make_client(service, region)
        return self._made[service, region]

    async def _ask(self, action: str, call: Callable[[], Any]) -> Any:
        try:
            return await asyncio.to_thread(call)
        except (ClientError, BotoCoreError) as error:
            raise HostError(f"could not {action}: {error}") from error

    @property
    def _wanted(self) -> EcsSettings:
        if self._settings is None:
            raise HostError("executor ecs is not set up: TRADAI_ECS_CLUSTER is missing")
        return self._settings
