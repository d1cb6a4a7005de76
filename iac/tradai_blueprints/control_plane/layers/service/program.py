"""The service: cluster, roles, task definitions, the one task that is the control plane, its logs and alarms.

Must never hold a name: `naming` does.
"""

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.control_plane.config import ServiceConfig
from tradai_blueprints.control_plane.context import Context
from tradai_blueprints.control_plane.contracts import GroundOfService, ServiceInputs, ServiceOutputs
from tradai_blueprints.control_plane.layers.service.balancer import Balancer, BalancerArgs
from tradai_blueprints.control_plane.layers.service.containers import Container, ContainersArgs, containers
from tradai_blueprints.control_plane.layers.service.roles import Roles, RolesArgs
from tradai_blueprints.control_plane.layers.service.tasks import (
    RUNNER,
    ControlPlane,
    RunnerTask,
    ServiceArgs,
    TaskArgs,
)
from tradai_blueprints.control_plane.layers.service.watch import ServiceAlarms
from tradai_iac.core.component import Component

_LOGS: Final = ("control", RUNNER)
_NO_IMAGE: Final = "set layers.service.config.controlPlaneImage and operatorImage: images by their digests"


def program(config: ServiceConfig, context: Context, inputs: ServiceInputs) -> ServiceOutputs:
    """Declare the whole layer; raises ValueError where no image is named."""
    if not (config.control_plane_image and config.operator_image):
        raise ValueError(_NO_IMAGE)
    images = config.control_plane_image, config.operator_image
    ground, place = inputs.ground, Place("place", config, context)
    roles = Roles("roles", _roles(config, context, ground, place, images))
    balancer = _balancer(config, context, ground)

    def task(component: str) -> TaskArgs:
        log_group = place.logs[component].name
        return TaskArgs(config=config, context=context, roles=roles, log_group=log_group, operator_image=images[1])

    runner = RunnerTask("runner", task(RUNNER))
    runs = _runs(ground, place, runner)
    control = ControlPlane(
        "control",
        ServiceArgs(
            task=task("control"),
            ground=ground,
            cluster_arn=place.cluster.arn,
            containers=_containers(images, context, ground, place, balancer, runs),
            balancer=balancer,
        ),
    )
    ServiceAlarms("service-alarms", place.cluster.name, control.running.name, ground.topic_arn, context)
    return ServiceOutputs(
        cluster_name=place.cluster.name,
        service_name=control.running.name,
        task_definition_arn=control.definition.arn,
        runner_task_definition_arn=runner.definition.arn,
        operator_role_arn=roles.operator.arn,
        runner_role_arn=roles.runner.arn,
        api_host=balancer.host if balancer else "",
    )


class Place(Component):
    """`cluster`, and `logs` by task."""

    def __init__(self, name: str, config: ServiceConfig, context: Context) -> None:
        super().__init__("service:Place", name)
        self.cluster = aws.ecs.Cluster("cluster", name=context.naming.name("cluster"), opts=self.child())
        self.logs = {
            each: aws.cloudwatch.LogGroup(
                each,
                name=context.naming.name(each, kind="log-group"),
                retention_in_days=config.log_days,
                opts=self.child(),
            )
            for each in _LOGS
        }
        self.register_outputs({"cluster": self.cluster.arn})


def _roles(
    config: ServiceConfig, context: Context, ground: GroundOfService, place: Place, images: tuple[str, str]
) -> RolesArgs:
    return RolesArgs(
        context=context,
        images=images,
        log_group_arns=[each.arn for each in place.logs.values()],
        secrets=[ground.database_secret_arn],
        authority=ground.authority_secret_arn,
        cluster_arn=place.cluster.arn,
        environments=config.environments,
    )


def _balancer(config: ServiceConfig, context: Context, ground: GroundOfService) -> Balancer | None:
    if not config.client_cidrs:
        return None
    return Balancer("api", BalancerArgs(context=context, ground=ground, client_cidrs=tuple(config.client_cidrs)))


def _runs(ground: GroundOfService, place: Place, runner: RunnerTask) -> dict[str, pulumi.Input[str]]:
    """What the operator is told of the tasks that it may start: this very revision, not the family's newest."""
    public = pulumi.Output.from_input(ground.public_addresses)
    subnets = pulumi.Output.from_input(ground.task_subnet_ids)
    return {
        "TRADAI_ECS_CLUSTER": place.cluster.arn,
        "TRADAI_ECS_TASK_DEFINITION": runner.definition.arn,
        "TRADAI_ECS_SUBNETS": subnets.apply(lambda ids: ",".join(map(str, ids))),
        "TRADAI_ECS_SECURITY_GROUPS": ground.runner_group_id,
        "TRADAI_ECS_PUBLIC_ADDRESSES": public.apply(lambda taken: "true" if taken else "false"),
    }


def _containers(
    images: tuple[str, str],
    context: Context,
    ground: GroundOfService,
    place: Place,
    balancer: Balancer | None,
    runs: Mapping[str, pulumi.Input[str]],
) -> list[Container]:
    return containers(
        ContainersArgs(
            region=context.region,
            control_plane_image=images[0],
            operator_image=images[1],
            log_group=place.logs["control"].name,
            postgres=context.settings.postgres,
            database_host=ground.database_host,
            database_secret_arn=ground.database_secret_arn,
            authority_secret_arn=ground.authority_secret_arn,
            api_names=["localhost", *([balancer.host] if balancer else [])],
            runs=runs,
        )
    )
