"""The ECS agent of one cluster: runs what RunTask asked for, and reports by the agent's own API calls.

Command and environment are those of the task definition with the real call's overrides; what it cannot do is pull an
image, so the machine has the runner already, as it has the identity that AWS knows. Must never run anything that no
task says.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.standins.container import Container
from tests.standins.node import Node

#: Of a container definition that names none.
_STOP_TIMEOUT_SECONDS = 30


class EcsAgent(Node):
    """One machine of one cluster."""

    def __init__(self, ecs: Any, cluster: str, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__(folder, environment)
        self.ecs = ecs
        self.cluster = cluster
        self._asked: dict[str, datetime] = {}
        self._reported: set[str] = set()
        ecs.discover_poll_endpoint(cluster=cluster)

    def of(self, started_by: str) -> Container:
        """The container of a run."""
        (arn,) = {task["taskArn"] for task in self.seen if task["startedBy"] == started_by}
        return self.containers[arn]

    def look(self) -> None:
        """Tends every task that is not over."""
        for task in self._tasks():
            self._tend(task)

    def _tasks(self) -> list[Any]:
        arns = [
            arn
            for status in ("RUNNING", "STOPPED")
            for arn in self.ecs.list_tasks(cluster=self.cluster, desiredStatus=status)["taskArns"]
            if arn not in self._reported
        ]
        found: list[Any] = self.ecs.describe_tasks(cluster=self.cluster, tasks=arns)["tasks"] if arns else []
        return found

    def _tend(self, task: Any) -> None:
        arn, container = task["taskArn"], self.containers.get(task["taskArn"])
        if container is None:
            if task["desiredStatus"] == "STOPPED":
                self._report(arn, "STOPPED", None)
            elif not self.holding.is_set():
                self._begin(task)
        elif container.exit_code is not None:
            self._report(arn, "STOPPED", container.exit_code)
        elif task["desiredStatus"] == "STOPPED":
            self._end(arn, container, task)

    def _begin(self, task: Any) -> None:
        definition = self._definition(task)
        override = next(each for each in task["overrides"]["containerOverrides"] if each["name"] == definition["name"])
        named = [*definition.get("environment", []), *override.get("environment", [])]
        environment = {each["name"]: each["value"] for each in named}
        self.seen.append(task)
        host = f"ip-{task['taskArn'].rpartition('/')[2][:12]}"
        scratch = self.folder / host
        scratch.mkdir()
        own = {"HOME": str(scratch), "TMPDIR": str(scratch), "PULUMI_HOME": str(scratch / "pulumi")}
        self.containers[task["taskArn"]] = Container(
            host,
            override.get("command") or definition["command"],
            {**self.environment, **own, **environment},
            self.folder / f"{host}.out",
        )
        self._report(task["taskArn"], "RUNNING", None)

    def _end(self, arn: str, container: Container, task: Any) -> None:
        """SIGTERM, after the container's time SIGKILL."""
        if arn not in self._asked:
            self._asked[arn] = datetime.now(UTC)
            container.ask()
        timeout = self._definition(task).get("stopTimeout", _STOP_TIMEOUT_SECONDS)
        if (datetime.now(UTC) - self._asked[arn]).total_seconds() > timeout:
            container.kill()

    def _definition(self, task: Any) -> Any:
        described = self.ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])
        (definition,) = described["taskDefinition"]["containerDefinitions"]
        return definition

    def _report(self, arn: str, status: str, code: int | None) -> None:
        container: dict[str, Any] = {"containerName": "runner", "status": status}
        if code is not None:
            container["exitCode"] = code
        why = {"reason": "Essential container in task exited"} if status == "STOPPED" else {}
        self.ecs.submit_task_state_change(cluster=self.cluster, task=arn, status=status, containers=[container], **why)
        if status == "STOPPED":
            self._reported.add(arn)
