"""Runs of the compute stack under mocks, and how its tests read them.

Must never assert anything.
"""

import json
from functools import cache
from typing import Any

from tests.unit.iac.frozen import frozen
from tests.unit.iac.pulumi_mocks import Recorded, Run, context_for, run_program
from tests.unit.iac.upstream_outputs import compute_inputs
from tradai_blueprints.tradai.config.overrides import ComputeConfig
from tradai_blueprints.tradai.layers.compute.program import program

ENVIRONMENTS = ("dev", "staging", "prod")
SERVICE = "aws:ecs/service:Service"
DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
STATE_BUCKET = "tradai-pulumi-state-dev"


@cache
def deployed(environment: str) -> Run:
    """The layer without any configuration."""
    return frozen(configured(environment, {}))


def configured(environment: str, config: dict[str, Any], **upstream: Any) -> Run:
    """The layer as `spec.layers.compute.config` has it; `upstream` replaces what the layers below export."""
    typed = ComputeConfig.model_validate(config)
    return run_program(program, typed, context_for(environment, state_bucket=STATE_BUCKET), compute_inputs(**upstream))


def recorded(made: Run, type_: str, name: str) -> Recorded:
    """One resource with its options."""
    (found,) = [resource for resource in made if (resource.type, resource.name) == (type_, name)]
    return found


def statements(made: Run, role: str) -> list[dict[str, Any]]:
    """What the inline policy of a role allows and denies."""
    return list(json.loads(made.of("aws:iam/rolePolicy:RolePolicy")[role]["policy"])["Statement"])


def container(made: Run, service: str) -> dict[str, Any]:
    """The one container of a service's task definition."""
    (only,) = json.loads(made.of(DEFINITION)[service]["containerDefinitions"])
    return dict(only)


def variables(made: Run, service: str) -> dict[str, str]:
    """The variables of that container."""
    return {pair["name"]: pair["value"] for pair in container(made, service)["environment"]}
