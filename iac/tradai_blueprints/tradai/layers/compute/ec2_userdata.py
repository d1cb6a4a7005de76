"""The first start of the consolidated instance as a script (001 §6): Docker, services, their names, and then the word
that the instance is ready.

Pure. Must never hold a secret: whoever may describe the instance reads its user data.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tradai_blueprints.tradai.config.consolidated import ConsolidatedInstance
from tradai_blueprints.tradai.layers.compute.ec2_compose import Container, compose_file
from tradai_iac.core.shell_templates import render

TEMPLATES: Final = Path(__file__).with_name("templates")
#: What EC2 takes, before base64.
LIMIT_BYTES: Final = 16 * 1024


@dataclass(frozen=True, kw_only=True)
class FirstStart:
    """What the script knows: the containers, the ids of their entries in Service Discovery, and the group's names.

    `group` is also what its instance is called in Service Discovery; `hook` holds a launch until the script ends it.
    """

    region: str
    machine: ConsolidatedInstance
    containers: Sequence[Container]
    service_ids: Sequence[str]
    group: str
    hook: str


def user_data(start: FirstStart) -> str:
    """The script in base64, as a launch template takes it; raises ValueError where EC2 would refuse its size."""
    script = first_start(start).encode()
    if len(script) > LIMIT_BYTES:
        raise ValueError(
            f"the user data of {start.group} has {len(script)} bytes and EC2 takes {LIMIT_BYTES}: "
            "move some of it into the instance's image (ami/)"
        )
    return base64.b64encode(script).decode()


def first_start(start: FirstStart) -> str:
    """The script."""
    return render(
        TEMPLATES / "consolidated.sh.j2",
        region=start.region,
        group=start.group,
        instance_name=start.group,
        hook=start.hook,
        swap_mb=start.machine.swap_mb,
        healthy_within=start.machine.healthy_within,
        registries=sorted({container.image.partition("/")[0] for container in start.containers}),
        service_ids=start.service_ids,
        compose=compose_file(start.containers, start.machine, start.region).rstrip("\n"),
    )
