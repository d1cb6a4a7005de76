"""The consolidated instance put together, where the environment has one (001 §6, 002 §10).

Must never run a service that has tasks of its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import pulumi

from tradai_blueprints.tradai.config.consolidated import ConsolidatedInstance
from tradai_blueprints.tradai.config.overrides import ComputeConfig
from tradai_blueprints.tradai.config.services import Service
from tradai_blueprints.tradai.context import Context
from tradai_blueprints.tradai.contracts.compute import ComputeInputs
from tradai_blueprints.tradai.layers.compute.containers import variables
from tradai_blueprints.tradai.layers.compute.ec2_compose import Container
from tradai_blueprints.tradai.layers.compute.ec2_consolidated import (
    Consolidated,
    ConsolidatedArgs,
    group_arn,
    launch_hook,
)
from tradai_blueprints.tradai.layers.compute.ec2_role import InstanceRoleArgs
from tradai_blueprints.tradai.layers.compute.ec2_userdata import FirstStart
from tradai_blueprints.tradai.layers.compute.ground import Ground
from tradai_blueprints.tradai.layers.compute.images import image_uri
from tradai_blueprints.tradai.layers.compute.wiring import Wiring


def machine(
    config: ComputeConfig, context: Context, inputs: ComputeInputs, made: Ground, wiring: Wiring
) -> Consolidated | None:
    """The instance, None where every service has tasks of its own.

    Raises KeyError, naming it, for an image that is missing, and ValueError where an image of the instance is asked for
    and there is no instance.
    """
    settings = context.settings
    services = [service for service in settings.services if settings.on_instance(service)]
    if not services:
        _refuse_an_image(config, context)
        return None
    row = machine_row(config, settings.consolidated_instance)
    groups = made.alb.target_group_arns if made.alb else {}
    return Consolidated(
        row.component,
        ConsolidatedArgs(
            naming=context.naming,
            machine=row,
            role=_role_args(context, inputs, made, wiring, row, services),
            first_start=_first_start(config, context, inputs, made, wiring, row, services),
            subnet_ids=inputs.foundation.private_subnet_ids,
            security_group_id=inputs.foundation.consolidated_security_group_id,
            target_group_arns=[groups[service.name] for service in services if service.name in groups],
            tags=settings.tags.required(context.environment),
            ready=list(made.alb.rules.values()) if made.alb else [],
        ),
    )


def machine_row(config: ComputeConfig, row: ConsolidatedInstance) -> ConsolidatedInstance:
    """The instance with the image that people ask for."""
    asked = config.consolidated_image_parameter
    return row.model_copy(update={"image_parameter": asked}) if asked else row


def _refuse_an_image(config: ComputeConfig, context: Context) -> None:
    if config.consolidated_image_parameter:
        raise ValueError(
            f"consolidatedImageParameter has no meaning in {context.environment}: its services run on Fargate; "
            "leave it out"
        )


def _role_args(
    context: Context,
    inputs: ComputeInputs,
    made: Ground,
    wiring: Wiring,
    row: ConsolidatedInstance,
    services: Sequence[Service],
) -> InstanceRoleArgs:
    return InstanceRoleArgs(
        naming=context.naming,
        component=row.component,
        services=services,
        wiring=wiring,
        repository_arns=inputs.persistent.ecr_repository_arns,
        log_group_arns=[made.ecs.log_groups[service.name].arn for service in services],
        registry_arns=[made.discovery.registry_arns[service.name] for service in services],
        hosted_zone_id=made.discovery.namespace.hosted_zone,
        group_arn=group_arn(context.naming, row, account_id=context.account_id, region=context.region),
    )


def _first_start(
    config: ComputeConfig,
    context: Context,
    inputs: ComputeInputs,
    made: Ground,
    wiring: Wiring,
    row: ConsolidatedInstance,
    services: Sequence[Service],
) -> pulumi.Output[FirstStart]:
    repositories = inputs.persistent.ecr_repository_urls
    parts = [
        pulumi.Output.all(
            host=pulumi.Output.from_input(wiring.services[service.name]).apply(_host),
            image=image_uri(service.image, repositories, context.images),
            variables=variables(service, wiring, region=context.region, launch_mode=config.launch_mode).build(),
            log_group=made.log_groups[service.name],
            service_id=made.discovery.service_ids[service.name],
        )
        for service in services
    ]

    def start(known: Sequence[Mapping[str, Any]]) -> FirstStart:
        return FirstStart(
            region=context.region,
            machine=row,
            containers=[_container(service, part) for service, part in zip(services, known, strict=True)],
            service_ids=[part["service_id"] for part in known],
            group=context.naming.name(row.component),
            hook=launch_hook(context.naming, row),
        )

    return pulumi.Output.all(*parts).apply(start)


def _container(service: Service, known: Mapping[str, Any]) -> Container:
    return Container(
        service=service,
        host=known["host"],
        image=known["image"],
        variables=known["variables"],
        log_group=known["log_group"],
    )


def _host(address: str) -> str:
    host = urlsplit(address).hostname
    if host is None:
        raise ValueError(f"no host in the address {address!r}")
    return host
