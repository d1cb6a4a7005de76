"""What the container of a service is given, wherever it runs: its variables, its check, its definition for ECS.

Must never hold a secret's value, nor a variable that differs from start to start (JOB_ID, STRATEGY, STRATEGY_ID and
what is backtested, 002 §2.5): whoever starts a task sets those.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import pulumi

from tradai_blueprints.tradai.config.services import STRATEGY_DEFAULTS, Service, executor_mode
from tradai_blueprints.tradai.layers.compute.wiring import Wiring, environment_of
from tradai_iac.core.environment import EnvironmentBuilder

LaunchMode = Literal["ecs", "stepfunctions"]

#: The table that strategy containers know by a name of their own (002 §2.5 DYNAMODB_TABLE).
_STRATEGY_TABLE: Final = "workflow-state"
#: How long a strategy may take to close what it has open: what Spot leaves it, and the most that Fargate takes.
_STOP_SECONDS: Final = 120
_CHECK_SECONDS: Final = 5


@dataclass(frozen=True, kw_only=True)
class ContainerArgs:
    """What a definition needs beside the service's row."""

    image: pulumi.Input[str]
    variables: pulumi.Input[list[dict[str, str]]]
    log_group: pulumi.Input[str]
    region: str


def variables(service: Service, wiring: Wiring, *, region: str, launch_mode: LaunchMode) -> EnvironmentBuilder:
    """The variables of a service: what it needs, and what its kind reads (002 §2.4, §2.5)."""
    builder = environment_of(service.needs, wiring).add("AWS_REGION", region)
    builder.add_if(bool(service.needs.runs_tasks), "BACKEND_EXECUTOR_MODE", executor_mode(launch_mode))
    if service.trading_mode:
        builder.add("TRADING_MODE", service.trading_mode).add_all(STRATEGY_DEFAULTS)
        if _STRATEGY_TABLE in service.needs.tables:
            builder.add("DYNAMODB_TABLE", wiring.table_names[_STRATEGY_TABLE])
    return builder


def definitions(service: Service, args: ContainerArgs) -> pulumi.Output[str]:
    """ECS's container definitions: one container that has the service's name; JSON."""
    own: dict[str, Any] = {
        "name": service.name,
        "image": args.image,
        "essential": True,
        "environment": args.variables,
        "portMappings": _ports(service),
        # freqtrade writes below its own directory
        "readonlyRootFilesystem": False,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": args.log_group,
                "awslogs-region": args.region,
                "awslogs-stream-prefix": service.name,
            },
        },
    }
    if service.trading_mode:
        own["stopTimeout"] = _STOP_SECONDS
    if service.behind_load_balancer:
        own["healthCheck"] = health_check(service)
    return pulumi.Output.json_dumps([own], sort_keys=True)


def health_check(service: Service) -> Mapping[str, Any]:
    """Asks the service on its own path (002 §2.1), in seconds; by Python, as every image has it and few have curl."""
    url = f"http://127.0.0.1:{service.port}{service.health_check_path}"
    ask = f"import urllib.request; urllib.request.urlopen('{url}', timeout={_CHECK_SECONDS - 1})"
    return {
        "command": ["CMD", "python", "-c", ask],
        "interval": 30,
        "timeout": _CHECK_SECONDS,
        "retries": 3,
        "startPeriod": 60,
    }


def _ports(service: Service) -> list[dict[str, Any]]:
    if service.port is None:
        return []
    return [{"containerPort": service.port, "hostPort": service.port, "protocol": "tcp"}]
