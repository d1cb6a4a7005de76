"""How a task's container is started: the definition's command, variables and secrets, with the call's overrides.

Only the first container of a definition, which is all that moto knows of. Must never give it an identity but that of
the task's role.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends

from tradai_sandbox.workloads.places import INJECTED
from tradai_sandbox.workloads.recipes import Image
from tradai_sandbox.workloads.running import RECIPES
from tradai_sandbox.workloads.starts import surroundings, variables_of
from tradai_sandbox.workloads.telemetry import Log

_STOP_S: Final = 30
_NO_LIMIT: Final = 1 << 20


class SecretError(Exception):
    """A secret of the definition that is not there."""


@dataclass(frozen=True)
class Container:
    """What of a task is run; `stop_s` is how long it may take to end when it is asked to."""

    name: str
    image: Image
    command: Sequence[str]
    variables: Mapping[str, str]
    memory_mib: int
    stop_s: int
    log: Log


def image_of(definition: Any) -> Image | None:
    """What the first container's image is; None where nobody has said."""
    uri = str(definition.container_definitions[0].get("image", ""))
    return RECIPES.image(uri.rpartition("@")[2])


def container(task: Any, definition: Any) -> Container:
    """What is run for moto's task; raises SecretError, and LookupError where nobody has said what its image is."""
    image = image_of(definition)
    if image is None:
        raise LookupError(f"nobody has said what the image of {definition.arn} is")
    said = definition.container_definitions[0]
    every = (task.overrides or {}).get("containerOverrides") or []
    over: dict[str, Any] = next((each for each in every if each.get("name") == said["name"]), {})
    entry = said.get("entryPoint") or image.recipe.entry_point
    # as Docker does: another entry point forgets the image's command
    usual = () if said.get("entryPoint") else image.recipe.command
    memory = over.get("memory") or said.get("memory") or (task.overrides or {}).get("memory") or definition.memory
    return Container(
        name=said["name"],
        image=image,
        command=[*entry, *(over.get("command") or said.get("command") or usual)],
        variables={**_given(said), **dict(_secrets(task, said)), **_given(over)},
        memory_mib=int(memory or _NO_LIMIT),
        stop_s=int(said.get("stopTimeout") or _STOP_S),
        log=_log(task, said),
    )


def environment(task: Any, made: Container, scratch: Path) -> dict[str, str]:
    """Every variable of the process but its identity."""
    folder = made.image.place(made.image.recipe.folder)
    own = [
        made.image.place(each) for each in made.image.recipe.variables.get("PYTHONPATH", "").split(os.pathsep) if each
    ]
    around = surroundings(made.variables.get("ENVIRONMENT", ""), task.region_name, scratch, (folder, *own))
    image = {name: value for name, value in variables_of(made.image).items() if name != "PYTHONPATH"}
    return {
        **around,
        **image,
        **made.variables,
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        "PYTHONPATH": os.pathsep.join((str(INJECTED), around["PYTHONPATH"], made.variables.get("PYTHONPATH", ""))),
    }


def _given(said: Mapping[str, Any]) -> dict[str, str]:
    return {each["name"]: str(each["value"]) for each in said.get("environment") or []}


def _secrets(task: Any, said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in said.get("secrets") or []:
        try:
            yield each["name"], _secret(each["valueFrom"], task._account_id, task.region_name)
        except Exception as error:
            raise SecretError(f"unable to pull secrets or registry auth: {each['valueFrom']}: {error}") from error


def _secret(source: str, account: str, region: str) -> str:
    if ":secretsmanager:" not in source:
        parameter = ssm_backends[account][region].get_parameter(source.rpartition(":parameter")[2])
        if parameter is None:
            raise LookupError("there is no such parameter")
        return str(parameter.value)
    parts = source.split(":")
    secret = secretsmanager_backends[account][region].get_secret_value(":".join(parts[:7]), "", "")
    text = str(secret["SecretString"])
    key = parts[7] if len(parts) > 7 else ""
    return str(json.loads(text)[key]) if key else text


def _log(task: Any, said: Mapping[str, Any]) -> Log:
    options = (said.get("logConfiguration") or {}).get("options") or {}
    stream = "/".join((options.get("awslogs-stream-prefix", "ecs"), said["name"], task.id))
    region = options.get("awslogs-region", task.region_name)
    return Log(task._account_id, region, options.get("awslogs-group", ""), stream)
