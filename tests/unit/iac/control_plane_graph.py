"""The graph of the control plane as tests look at it: with images, one environment to serve, and one client."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from tests.unit.iac.calls_of_ours import DEPLOY_ROLE, STATE_KEY, STATES
from tests.unit.iac.pulumi_mocks import REGION, Run
from tradai_blueprints.control_plane.config import GroundConfig, Network, Served, ServiceConfig
from tradai_blueprints.control_plane.declaration import CONTROL_PLANE
from tradai_iac.rendering import render

ENVIRONMENTS = ("dev", "staging", "prod", "eph-pr123456")
ACCOUNT = "123456789012"
DIGEST = "@sha256:" + "0" * 64
ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
IMAGES = {"control_plane_image": f"{ECR}/home/control-plane{DIGEST}", "operator_image": f"{ECR}/home/operator{DIGEST}"}
SERVED = Served(deploy_role_arn=DEPLOY_ROLE, state_bucket=STATES, state_key_arn=STATE_KEY)
FOUR = ("kine", "kube-apiserver", "kube-controller-manager", "operator")
TASK = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/tradaihome-cluster-prod/0123456789abcdef"
EXISTING = Network(
    vpc_id="vpc-0123456789abcdef0",
    task_subnet_ids=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    database_subnet_ids=["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
)


def graph(environment: str = "prod", *, clients: tuple[str, ...] = (), **ground: Any) -> dict[str, Run]:
    configs = {
        "ground": GroundConfig(**ground),
        "service": ServiceConfig(**IMAGES, environments=[SERVED], client_cidrs=list(clients)),
    }
    return render(CONTROL_PLANE, environment, REGION, configs, "state")


@cache
def standing() -> Mapping[str, Run]:
    return graph(clients=("10.0.0.0/8",))


def definition(name: str) -> list[dict[str, Any]]:
    found = standing()["service"].of("aws:ecs/taskDefinition:TaskDefinition")[name]
    parsed: list[dict[str, Any]] = json.loads(found["containerDefinitions"])
    return parsed


def container(name: str) -> dict[str, Any]:
    return next(each for each in definition("control") if each["name"] == name)
