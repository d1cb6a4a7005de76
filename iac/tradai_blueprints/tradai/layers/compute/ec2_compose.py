"""The Compose file of the consolidated instance: the standing services as they are as tasks, on one machine.

Each is given the image, variables, log group, check and memory that its task would have (002 §2.2). Pure; must never
hold a secret's value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from tradai_blueprints.tradai.config.consolidated import ConsolidatedInstance
from tradai_blueprints.tradai.config.services import Service
from tradai_blueprints.tradai.layers.compute.containers import health_check


@dataclass(frozen=True, kw_only=True)
class Container:
    """A service as it runs here: its image by digest, its variables and the log group that it writes to.

    `host` is its name in Service Discovery, by which the containers reach each other without leaving the instance, and
    before it is registered.
    """

    service: Service
    host: str
    image: str
    variables: Mapping[str, str]
    log_group: str


@dataclass(frozen=True)
class Memory:
    """A container's memory in MB: what it may fill, what is kept for it, and how much more it may swap out."""

    limit: int
    reserved: int
    swap: int


def memory_of(services: Sequence[Service], machine: ConsolidatedInstance) -> dict[str, Memory]:
    """Service → its memory; all of them together were made for more than the machine has.

    Each may fill what its task has, and no more. Of the machine's memory it is kept the share that it has of all
    tasks', and may swap out the rest of its own: so whatever the others do, each gets what its task would have.
    Raises ValueError where a service is without memory or the swap does not hold all that may have to go there.
    """
    asked = sum(service.memory_mb for service in services)
    usable = min(machine.memory_mb - machine.reserved_mb, asked)
    kept = {service.name: service.memory_mb * usable // asked for service in services}
    if asked - sum(kept.values()) > machine.swap_mb:
        raise ValueError(
            f"{', '.join(kept)} take {asked} MB together: {machine.instance_type} has {usable} MB for them and "
            f"{machine.swap_mb} MB of swap; give it more of either"
        )
    return {s.name: Memory(s.memory_mb, kept[s.name], s.memory_mb - kept[s.name]) for s in services}


def compose_file(containers: Sequence[Container], machine: ConsolidatedInstance, region: str) -> str:
    """The Compose file of these containers, YAML; raises what `memory_of` raises."""
    memory = memory_of([container.service for container in containers], machine)
    services = {c.service.name: _service(c, memory[c.service.name], region) for c in containers}
    return yaml.safe_dump({"name": "tradai", "services": services}, sort_keys=False, width=10_000)


def _service(container: Container, memory: Memory, region: str) -> dict[str, Any]:
    service = container.service
    return {
        "image": container.image,
        "restart": "always",
        "ports": [f"{service.port}:{service.port}"],
        "networks": {"default": {"aliases": [container.host]}},
        "environment": {name: _literal(value) for name, value in sorted(container.variables.items())},
        "cpu_shares": service.cpu,
        "mem_limit": f"{memory.limit}m",
        "mem_reservation": f"{memory.reserved}m",
        "memswap_limit": f"{memory.limit + memory.swap}m",
        "healthcheck": _health_check(service),
        "logging": {
            "driver": "awslogs",
            "options": {
                "awslogs-group": container.log_group,
                "awslogs-region": region,
                "tag": f"{service.name}/{{{{.ID}}}}",
            },
        },
    }


def _health_check(service: Service) -> dict[str, Any]:
    """The task's own check in Compose's spelling."""
    check = health_check(service)
    return {
        "test": list(check["command"]),
        "interval": f"{check['interval']}s",
        "timeout": f"{check['timeout']}s",
        "retries": check["retries"],
        "start_period": f"{check['startPeriod']}s",
    }


def _literal(value: str) -> str:
    """A value that Compose takes as it stands: it would put a variable in place of a single `$`."""
    return value.replace("$", "$$")
