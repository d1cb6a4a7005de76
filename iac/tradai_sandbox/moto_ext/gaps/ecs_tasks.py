"""ECS tasks that run: in a cluster that an agent works for they are what the agent says, until then they wait.

In others they run here, where it is known what their image is.

An agent says so by DiscoverPollEndpoint and SubmitTaskStateChange, as the real one does. Must never change a task that
neither has: it goes on by itself, as moto has it.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ecs import models, responses

from tradai_sandbox.moto_ext.gaps.patching import add, wrap
from tradai_sandbox.workloads.tasks import TASKS


def repair() -> None:
    """Let an agent report, and a client token start a task once."""
    add(responses.EC2ContainerServiceResponse, discover_poll_endpoint, submit_task_state_change)
    wrap(responses.EC2ContainerServiceResponse, run_task=_placed)
    wrap(responses.EC2ContainerServiceResponse, run_task=_once)
    wrap(models.EC2ContainerServiceBackend, run_task=_waiting, stop_task=_asked)
    wrap(models.Task, advance=_as_told)
    wrap(models.Task, __init__=_dated)
    # A task asks its interface for this, which has none unless its network gives host names.
    NetworkInterface.private_dns_name = ""


def discover_poll_endpoint(self: Any) -> ActionResult:
    """An agent begins to work for a cluster."""
    self.ecs_backend._get_cluster(self._get_param("cluster", "default")).agent = True
    return ActionResult({"endpoint": "http://127.0.0.1", "telemetryEndpoint": "http://127.0.0.1"})


def submit_task_state_change(self: Any) -> ActionResult:
    """An agent says how a task and its containers are."""
    cluster = self.ecs_backend._get_cluster(self._get_param("cluster", "default"))
    task = self.ecs_backend.tasks[cluster.name][self._get_param("task")]
    task.last_status = self._get_param("status")
    if task.last_status == "STOPPED":
        task.desired_status = "STOPPED"
        task.stopped_reason = task.stopped_reason or self._get_param("reason") or ""
        task.stopped_at = utcnow()
    told = {each["containerName"]: each for each in self._get_param("containers") or []}
    for container in task.containers:
        if said := told.get(container.name):
            container.last_status = said.get("status", task.last_status)
            container.exitCode = said.get("exitCode")
    return ActionResult({"acknowledgment": "ACCEPT"})


def _once(original: Any) -> Any:
    def run_task(self: Any) -> Any:
        token = self._get_param("clientToken")
        known: dict[str, Any] = vars(self.ecs_backend).setdefault("answers_by_token", {})
        if token is None or token not in known:
            answer = original(self)
            if token is None:
                return answer
            known[token] = answer
        return known[token]

    return run_task


def _placed(original: Any) -> Any:
    """What finds no place is a failure in the answer, no error."""

    def run_task(self: Any) -> Any:
        definition = self.ecs_backend.describe_task_definition(self._get_param("taskDefinition"))
        if why := TASKS.refused(definition):
            return ActionResult({"tasks": [], "failures": [{"reason": why}]})
        return original(self)

    return run_task


def _waiting(original: Any) -> Any:
    def run_task(self: Any, cluster_str: str, *args: Any, **kwargs: Any) -> Any:
        tasks = original(self, cluster_str, *args, **kwargs)
        agent = getattr(self._get_cluster(cluster_str), "agent", False)
        for task in tasks:
            if agent or TASKS.takes(task):
                task.told = True
                task.last_status = "PROVISIONING"
            if not agent:
                TASKS.begin(task)
        return tasks

    return run_task


def _asked(original: Any) -> Any:
    def stop_task(self: Any, cluster_str: str, task_str: str, reason: str) -> Any:
        tasks = self.tasks.get(self._get_cluster(cluster_str).name, {})
        task = next((task for arn, task in tasks.items() if arn.endswith(task_str.split("/")[-1])), None)
        if task is None or not getattr(task, "told", False):
            return original(self, cluster_str, task_str, reason)
        task.desired_status = "STOPPED"
        task.stopped_reason = task.stopped_reason or reason
        TASKS.stop(task)
        return task

    return stop_task


def _as_told(original: Any) -> Any:
    def advance(self: Any) -> None:
        if not getattr(self, "told", False):
            original(self)

    return advance


def _dated(original: Any) -> Any:
    """Each task says when it was asked for, in whatever cluster."""

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.created_at = utcnow()

    return init
