"""The services as tasks: rights, definitions, what stands and what scales (002 §2.2, §10).

Must never make an ECS service for what the consolidated instance runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from tradai_blueprints.tradai.config.overrides import ComputeConfig
from tradai_blueprints.tradai.config.services import SCALING, Service
from tradai_blueprints.tradai.config.settings import Settings
from tradai_blueprints.tradai.context import Context
from tradai_blueprints.tradai.contracts.compute import ComputeInputs
from tradai_blueprints.tradai.layers.compute.autoscaling import Autoscaling, AutoscalingArgs
from tradai_blueprints.tradai.layers.compute.ecs_services import EcsServices, EcsServicesArgs, Placement
from tradai_blueprints.tradai.layers.compute.ground import Ground
from tradai_blueprints.tradai.layers.compute.iam import TaskPolicies, TaskPoliciesArgs
from tradai_blueprints.tradai.layers.compute.task_definitions import TaskDefinitions, TaskDefinitionsArgs
from tradai_blueprints.tradai.layers.compute.wiring import Wiring


@dataclass(frozen=True)
class Fleet:
    """A definition for each service, and the services that stand as tasks."""

    definitions: TaskDefinitions
    services: EcsServices


def fleet(config: ComputeConfig, context: Context, inputs: ComputeInputs, made: Ground, wiring: Wiring) -> Fleet:
    """Declare them; raises ValueError for a number that is asked of the instance's services, KeyError for a missing
    image.
    """
    settings = context.settings
    counts = desired_counts(config, settings)
    policies = TaskPolicies(
        "task-policies",
        TaskPoliciesArgs(naming=context.naming, services=settings.services, roles=made.iam.task_roles, wiring=wiring),
    )
    definitions = TaskDefinitions("definitions", _definitions_args(config, context, inputs, made, wiring))
    placements = [
        _placement(service, counts[service.name], settings, made, policies, definitions)
        for service in settings.services
        if not settings.on_instance(service)
    ]
    services = EcsServices(
        "services",
        EcsServicesArgs(
            naming=context.naming,
            placements=placements,
            cluster_arn=made.ecs.cluster.arn,
            subnet_ids=inputs.foundation.private_subnet_ids,
            security_group_id=inputs.foundation.ecs_security_group_id,
        ),
    )
    if settings.stage.autoscaling_max_factor:
        _scale(context, settings.stage.autoscaling_max_factor, placements, made, services)
    return Fleet(definitions, services)


def desired_counts(config: ComputeConfig, settings: Settings) -> Mapping[str, int]:
    """Service → how many tasks of it are to stand; raises ValueError where the configuration asks the impossible."""
    return {
        service.name: settings.desired_count(service, config.services.of(service.name).desired_count)
        for service in settings.services
    }


def scales(service: Service, count: int, settings: Settings) -> bool:
    """Whether auto scaling keeps a service's number: one that stands, with any task at all, where the stage says so."""
    return bool(settings.stage.autoscaling_max_factor) and service.standing and count > 0


def _placement(
    service: Service,
    count: int,
    settings: Settings,
    made: Ground,
    policies: TaskPolicies,
    definitions: TaskDefinitions,
) -> Placement:
    rule = made.alb.rules.get(service.name) if made.alb else None
    ready: list[pulumi.Resource] = [policies.policies[service.name], made.iam.execution_policy, made.ecs.capacity]
    return Placement(
        service=service,
        desired_count=count,
        scaled=scales(service, count, settings),
        definition_arn=definitions.arns[service.name],
        target_group_arn=made.alb.target_group_arns.get(service.name) if made.alb else None,
        registry_arn=made.discovery.registry_arns.get(service.name),
        ready=[*ready, rule] if rule else ready,
    )


def _scale(
    context: Context, max_factor: int, placements: list[Placement], made: Ground, services: EcsServices
) -> Autoscaling:
    scaled = {placement.service.name: placement.desired_count for placement in placements if placement.scaled}
    return Autoscaling(
        "autoscaling",
        AutoscalingArgs(
            naming=context.naming,
            cluster_name=made.ecs.cluster.name,
            services={name: services.services[name] for name in scaled},
            desired_counts=scaled,
            max_factor=max_factor,
            scaling=SCALING,
        ),
    )


def _definitions_args(
    config: ComputeConfig, context: Context, inputs: ComputeInputs, made: Ground, wiring: Wiring
) -> TaskDefinitionsArgs:
    return TaskDefinitionsArgs(
        naming=context.naming,
        region=context.region,
        services=context.settings.services,
        repositories=inputs.persistent.ecr_repository_urls,
        digests=context.images,
        log_groups=made.log_groups,
        execution_role_arn=made.iam.execution_role.arn,
        task_role_arns=made.iam.task_role_arns,
        wiring=wiring,
        launch_mode=config.launch_mode,
    )
