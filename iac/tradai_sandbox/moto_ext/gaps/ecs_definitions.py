"""ECS task definitions: the defaults that ECS fills in, what Fargate refuses, and which revision a family stands for.

Must never change what a container runs.
"""

from collections.abc import Mapping
from typing import Any, Final

from moto.ecs import models
from moto.ecs.exceptions import EcsClientException, TaskDefinitionNotFoundException

from tradai_sandbox.moto_ext.gaps.patching import wrap

_GIB: Final = 1024
#: CPU units of a Fargate task → the memory that fits, in MiB (RegisterTaskDefinition, `cpu`).
FARGATE_SIZES: Final[Mapping[int, range | tuple[int, ...]]] = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: range(1 * _GIB, 4 * _GIB + 1, _GIB),
    1024: range(2 * _GIB, 8 * _GIB + 1, _GIB),
    2048: range(4 * _GIB, 16 * _GIB + 1, _GIB),
    4096: range(8 * _GIB, 30 * _GIB + 1, _GIB),
    8192: range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB),
    16384: range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB),
}
#: What a health check is without words (`HealthCheck`).
_CHECK: Final = {"interval": 30, "timeout": 5, "retries": 3}
_HOST_PORTS: Final = frozenset({"awsvpc", "host"})


def repair() -> None:
    """Refuse what AWS refuses, fill in what AWS fills in, let a family mean its latest active revision."""
    wrap(models.TaskDefinition, __init__=_filled)
    wrap(models.EC2ContainerServiceBackend, register_task_definition=_checked, describe_task_definition=_latest)


def _filled(original: Any) -> Any:
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        for container in self.container_definitions:
            container.setdefault("systemControls", [])
            ports = container["portMappings"]
            container["portMappings"] = [_port(mapping, self.network_mode) for mapping in ports]
            if "healthCheck" in container:
                container["healthCheck"] = {**_CHECK, **container["healthCheck"]}

    return init


def _port(mapping: dict[str, Any], mode: str | None) -> dict[str, Any]:
    """A port of the host follows that of the container where the task has an address of its own, or the host's."""
    container = mapping.get("containerPort")
    host = container if mode in _HOST_PORTS else 0
    return {"protocol": "tcp", **({"hostPort": host} if container else {}), **mapping}


def _checked(original: Any) -> Any:
    def register_task_definition(self: Any, family: str, container_definitions: Any, **more: Any) -> Any:
        if "FARGATE" in (more.get("requires_compatibilities") or []):
            _refuse_what_fargate_refuses(container_definitions, more)
        return original(self, family, container_definitions, **more)

    return register_task_definition


def _refuse_what_fargate_refuses(containers: list[dict[str, Any]], more: Mapping[str, Any]) -> None:
    for size in ("cpu", "memory"):
        if not more.get(size):
            raise EcsClientException(f"Fargate requires that '{size}' be defined at the task level.")
    if more.get("network_mode") != "awsvpc":
        raise EcsClientException("Fargate only supports network mode 'awsvpc'.")
    cpu, memory = str(more["cpu"]), str(more["memory"])
    if cpu.isdigit() and memory.isdigit() and int(memory) not in FARGATE_SIZES.get(int(cpu), ()):
        raise EcsClientException(f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory.")
    drivers = {container.get("logConfiguration", {}).get("logDriver") for container in containers}
    if "awslogs" in drivers and not more.get("execution_role_arn"):
        raise EcsClientException(
            "Fargate requires task definition to have execution role ARN to support log driver awslogs."
        )


def _latest(original: Any) -> Any:
    def describe_task_definition(self: Any, task_definition_str: str) -> Any:
        name = task_definition_str.rpartition("/")[2]
        if ":" in name:
            return original(self, task_definition_str)
        revisions = self.task_definitions.get(name, {})
        active = [number for number, found in revisions.items() if found.status == "ACTIVE"]
        if not active:
            raise TaskDefinitionNotFoundException
        return revisions[max(active)]

    return describe_task_definition
