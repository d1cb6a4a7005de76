"""The machine of one ECS service: runs the containers of its task definition as processes, by ECS's own rules.

Which rules: the order of `dependsOn`, health checks, a restart policy (what ran for its period is started again, what
dies sooner is not), a task that ends with an essential container or an unhealthy one, another task in its place, one
task at a time where the service says so. Seconds of ECS are shorter here. What it cannot do is pull an image, so the
machine has what the images have, at places that the definition names otherwise; every container sees the machine's own
network. Must never run anything that the definition does not say.
"""

import re
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.standins.container import Container
from tests.standins.node import Node

#: What a second of ECS's lasts here, of those that nobody needs to wait for.
_SECOND = 1 / 6
_STOP_SECONDS = 30.0
#: How often the service itself is asked for.
_ASKED_SECONDS = 0.5


@dataclass
class _Check:
    """The health check of one container: the one that is under way, and how many have failed in a row."""

    began: float
    healthy: bool | None = None
    failed: int = 0
    asking: "subprocess.Popen[bytes] | None" = None
    due: float = 0.0


@dataclass
class _Held:
    """One container of a task."""

    definition: Mapping[str, Any]
    container: Container | None = None
    began: float = 0.0
    check: _Check | None = None
    over: bool = False
    stopped: float = 0.0


@dataclass
class Task:
    """One task: its containers by name, and why it ended."""

    number: int
    revision: str
    held: dict[str, _Held]
    restarts: list[str] = field(default_factory=list)
    ended: str = ""


class ServiceMachine(Node):
    """`with` starts it; `places` says where the machine has what a container has (a longer place first)."""

    def __init__(
        self,
        ecs: Any,
        service: tuple[str, str],
        folder: Path,
        environment: Mapping[str, str],
        places: Mapping[str, str],
    ) -> None:
        super().__init__(folder, environment)
        self.ecs = ecs
        self.cluster, self.service = service
        self.places = places
        self.tasks: list[Task] = []
        #: While set, what runs goes on, and nothing is checked, started again or replaced.
        self.untended = threading.Event()
        self._deployment = ""
        self._asked = 0.0
        self._wanted: Mapping[str, Any] = {}

    @property
    def task(self) -> Task:
        """The one that runs, or ran last."""
        return self.tasks[-1]

    def container(self, name: str) -> Container:
        """The container of that name in the present task."""
        found = self.task.held[name].container
        assert found, f"{name} has not begun"
        return found

    def healthy(self, name: str) -> bool:
        """Whether its last check said so."""
        check = self.task.held[name].check if self.tasks else None
        return bool(check and check.healthy)

    def output(self, name: str) -> str:
        """What it has said so far."""
        return (self._folder(self.task) / f"{name}.out").read_text(errors="replace")

    def look(self) -> None:
        """One task of the newest deployment, whose containers are tended."""
        if self.untended.is_set():
            return
        self._ask()
        if not self._wanted:
            return
        if not self.tasks or self.task.ended:
            self.tasks.append(self._new_task())
        if self._stale():
            self._end(self.task, "another deployment")
            return
        for name in self.task.held:
            self._tend(self.task, name)
            if self.task.ended:
                return

    def __exit__(self, *said: object) -> None:
        super().__exit__(*said)
        for task in self.tasks:
            for held in task.held.values():
                _forget(held.check)

    def _ask(self) -> None:
        if time.monotonic() - self._asked < _ASKED_SECONDS:
            return
        self._asked = time.monotonic()
        (found,) = self.ecs.describe_services(cluster=self.cluster, services=[self.service])["services"]
        if not found["desiredCount"]:
            self._wanted = {}
            return
        newest = next(each for each in found["deployments"] if each["status"] == "PRIMARY")
        if newest["id"] != self._deployment:
            described = self.ecs.describe_task_definition(taskDefinition=newest["taskDefinition"])
            self._deployment, self._wanted = newest["id"], described["taskDefinition"]

    def _stale(self) -> bool:
        return self.task.revision != self._deployment

    def _new_task(self) -> Task:
        containers = {each["name"]: _Held(each) for each in self._wanted["containerDefinitions"]}
        task = Task(len(self.tasks) + 1, self._deployment, containers)
        self._folder(task).mkdir(parents=True)
        for volume in self._wanted.get("volumes", []):
            (self._folder(task) / volume["name"]).mkdir()
        return task

    def _folder(self, task: Task) -> Path:
        return self.folder / f"task-{task.number}"

    def _tend(self, task: Task, name: str) -> None:
        held = task.held[name]
        if held.over:
            return
        if held.container is None:
            if all(self._met(task, each) for each in held.definition.get("dependsOn", [])):
                self._begin(task, name)
        elif held.container.exit_code is not None:
            self._ended(task, name)
        elif self._unhealthy(task, name) and held.definition["essential"]:
            self._end(task, f"{name} is unhealthy")

    def _met(self, task: Task, dependency: Mapping[str, str]) -> bool:
        other = task.held[dependency["containerName"]]
        if dependency["condition"] == "SUCCESS":
            return other.over and other.container is not None and other.container.exit_code == 0
        assert dependency["condition"] == "HEALTHY", dependency
        return bool(other.check and other.check.healthy)

    def _begin(self, task: Task, name: str) -> None:
        held = task.held[name]
        held.began = time.monotonic()
        held.check = _Check(held.began) if "healthCheck" in held.definition else None
        key = f"{task.number}-{name}-{len(task.restarts)}"
        held.container = self.containers[key] = Container(
            name, self._words(task, held, "command"), self._environment(task, held), self._folder(task) / f"{name}.out"
        )

    def _ended(self, task: Task, name: str) -> None:
        """Started again where its policy lets, else over; an essential one takes the task along."""
        held = task.held[name]
        policy = held.definition.get("restartPolicy") or {}
        _forget(held.check)
        if policy.get("enabled") and time.monotonic() - held.began >= policy["restartAttemptPeriod"] * _SECOND:
            task.restarts.append(name)
            self._begin(task, name)
            return
        held.over = True
        code = held.container.exit_code if held.container else None
        if held.definition["essential"]:
            self._end(task, f"{name} exited with {code}")
        elif code and any(
            name == each["containerName"]
            for other in task.held.values()
            for each in other.definition.get("dependsOn", [])
        ):
            self._end(task, f"{name}, which others wait for, exited with {code}")

    def _end(self, task: Task, why: str) -> None:
        """SIGTERM to all, those that wait for others first; after their time SIGKILL."""
        task.ended = why
        for held in reversed(task.held.values()):
            _forget(held.check)
            if held.container and held.container.exit_code is None:
                held.container.ask()
        deadline = time.monotonic() + _STOP_SECONDS
        for held in task.held.values():
            while held.container and held.container.exit_code is None and time.monotonic() < deadline:
                time.sleep(0.05)
            if held.container:
                held.container.kill()

    def _unhealthy(self, task: Task, name: str) -> bool:
        """Whether as many checks have failed in a row as the definition bears, once its start is over."""
        held = task.held[name]
        check, said = held.check, held.definition.get("healthCheck")
        if check is None or said is None:
            return False
        if check.asking is None and time.monotonic() >= check.due:
            check.due = time.monotonic() + said["interval"] * _SECOND
            words = self._words(task, held, "healthCheck")
            check.asking = subprocess.Popen(
                words,
                env=dict(self._environment(task, held)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        elif check.asking is not None and (code := check.asking.poll()) is not None:
            check.asking = None
            self._note(check, code, said)
        return check.healthy is False

    def _note(self, check: _Check, code: int, said: Mapping[str, Any]) -> None:
        if code == 0:
            check.healthy, check.failed = True, 0
        elif check.healthy or time.monotonic() - check.began >= said.get("startPeriod", 0) * _SECOND:
            check.failed += 1
            check.healthy = False if check.failed >= said["retries"] else check.healthy

    def _words(self, task: Task, held: _Held, of: str) -> list[str]:
        words = held.definition["command"] if of == "command" else held.definition["healthCheck"]["command"][1:]
        return [self._here(task, word) for word in words]

    def _environment(self, task: Task, held: _Held) -> dict[str, str]:
        own = {each["name"]: self._here(task, each["value"]) for each in held.definition.get("environment", [])}
        mounted = {each["containerPath"]: each["sourceVolume"] for each in held.definition.get("mountPoints", [])}
        files = str(self._folder(task) / mounted["/control-plane"])
        return {**self.environment, "TRADAI_FILES": files, **own}

    def _here(self, task: Task, text: str) -> str:
        """A place of the container as the place that it has here."""
        mounted = {
            each["containerPath"]: str(self._folder(task) / each["sourceVolume"])
            for held in task.held.values()
            for each in held.definition.get("mountPoints", [])
        }
        known = {**self.places, **mounted}
        longest_first = "|".join(re.escape(each) for each in sorted(known, key=len, reverse=True))
        return re.sub(rf"({longest_first})(?=$|[/?&:,])", lambda found: known[found[0]], text)


def _waited_for(task: Task) -> set[str]:
    return {each["containerName"] for held in task.held.values() for each in held.definition.get("dependsOn", [])}


def _forget(check: _Check | None) -> None:
    if check and check.asking and check.asking.poll() is None:
        check.asking.kill()
        check.asking.wait(10)
