"""The two task definitions, and the service that keeps one task of the control plane.

Must never run two tasks at once: two versions of kine would write one database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from tradai_blueprints.control_plane.config import ServiceConfig
from tradai_blueprints.control_plane.context import Context
from tradai_blueprints.control_plane.contracts import GroundOfService
from tradai_blueprints.control_plane.layers.service.balancer import Balancer
from tradai_blueprints.control_plane.layers.service.containers import SCRATCH, VOLUME, Container
from tradai_blueprints.control_plane.layers.service.roles import Roles
from tradai_blueprints.control_plane.settings import API_PORT
from tradai_iac.core.component import Component

#: The container that a run is, and how long it may take to stop cleanly: the most that Fargate gives.
RUNNER = "runner"
_STOP_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class TaskArgs:
    """What both definitions refer to."""

    config: ServiceConfig
    context: Context
    roles: Roles
    log_group: pulumi.Input[str]
    operator_image: str


class RunnerTask(Component):
    """`definition`: what each run is a task of; the operator adds command and variables."""

    def __init__(self, name: str, args: TaskArgs) -> None:
        super().__init__("service:RunnerTask", name)
        container: Container = {
            "name": RUNNER,
            "image": args.operator_image,
            "essential": True,
            "stopTimeout": _STOP_SECONDS,
            "environment": [{"name": "LANG", "value": "C.UTF-8"}],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": args.log_group,
                    "awslogs-region": args.context.region,
                    "awslogs-stream-prefix": RUNNER,
                },
            },
        }
        size = args.config.runner_cpu, args.config.runner_memory_mb
        self.definition = _definition(self, RUNNER, [container], size, args.roles.runner.arn, args)
        self.register_outputs({"arn": self.definition.arn})


@dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    """Where the task stands, and what is before it."""

    task: TaskArgs
    ground: GroundOfService
    cluster_arn: pulumi.Input[str]
    containers: Sequence[Container]
    balancer: Balancer | None


class ControlPlane(Component):
    """`definition`, and `running`: the service that runs it."""

    def __init__(self, name: str, args: ServiceArgs) -> None:
        super().__init__("service:ControlPlane", name)
        config = args.task.config
        size = config.cpu, config.memory_mb
        self.definition = _definition(
            self, "control", args.containers, size, args.task.roles.operator.arn, args.task, (VOLUME, SCRATCH)
        )
        self.running = self._service(args)
        self.register_outputs({"name": self.running.name})

    def _service(self, args: ServiceArgs) -> aws.ecs.Service:
        """The old task ends before the new one starts, and nothing goes back by itself: an older version must not
        read what a newer one has written."""
        listener = [args.balancer.listener] if args.balancer else []
        return aws.ecs.Service(
            "control",
            name=args.task.context.naming.name("control", kind="ecs-service"),
            cluster=args.cluster_arn,
            task_definition=self.definition.arn,
            desired_count=1,
            launch_type="FARGATE",
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
                subnets=args.ground.task_subnet_ids,
                security_groups=[args.ground.task_group_id],
                assign_public_ip=args.ground.public_addresses,
            ),
            load_balancers=_load_balancers(args.balancer),
            deployment_minimum_healthy_percent=0,
            deployment_maximum_percent=100,
            availability_zone_rebalancing="DISABLED",
            deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=False),
            enable_execute_command=True,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            wait_for_steady_state=True,
            opts=self.child(depends_on=[*args.task.roles.ready, *listener]),
        )


def _load_balancers(balancer: Balancer | None) -> list[aws.ecs.ServiceLoadBalancerArgs] | None:
    if balancer is None:
        return None
    return [
        aws.ecs.ServiceLoadBalancerArgs(
            target_group_arn=balancer.target_group_arn, container_name="kube-apiserver", container_port=API_PORT
        )
    ]


def _definition(
    within: Component,
    component: str,
    containers: Sequence[Any],
    size: tuple[int, int],
    role_arn: pulumi.Input[str],
    args: TaskArgs,
    volumes: Sequence[str] = (),
) -> aws.ecs.TaskDefinition:
    return aws.ecs.TaskDefinition(
        component,
        family=args.context.naming.name(component, kind="task-definition"),
        cpu=str(size[0]),
        memory=str(size[1]),
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
            cpu_architecture="X86_64", operating_system_family="LINUX"
        ),
        execution_role_arn=args.roles.execution.arn,
        task_role_arn=role_arn,
        volumes=[aws.ecs.TaskDefinitionVolumeArgs(name=each) for each in volumes] or None,
        container_definitions=pulumi.Output.json_dumps(list(containers), sort_keys=True),
        opts=within.child(),
    )
