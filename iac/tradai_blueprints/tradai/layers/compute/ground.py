"""What every workload of compute stands on: cluster, names, load balancer, roles, and the wiring that follows.

Must never make a workload.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi

from tradai_blueprints.tradai.config.overrides import ComputeConfig
from tradai_blueprints.tradai.context import Context
from tradai_blueprints.tradai.contracts.compute import ComputeInputs
from tradai_blueprints.tradai.layers.compute.alb import Alb, AlbArgs
from tradai_blueprints.tradai.layers.compute.discovery import Discovery, DiscoveryArgs, addresses
from tradai_blueprints.tradai.layers.compute.ecs import Ecs, EcsArgs
from tradai_blueprints.tradai.layers.compute.iam import Iam, IamArgs
from tradai_blueprints.tradai.layers.compute.task_definitions import family_arn
from tradai_blueprints.tradai.layers.compute.wiring import Database, Exported, Tasks, Wiring

#: The service whose tasks run strategies (002 §2.2), and whose task role 001 §6 exports.
STRATEGY: Final = "strategy-container"


@dataclass(frozen=True)
class Ground:
    """The parts; `alb` is None where it is left out."""

    ecs: Ecs
    discovery: Discovery
    alb: Alb | None
    iam: Iam

    @property
    def log_groups(self) -> Mapping[str, pulumi.Output[str]]:
        """Service → name of the log group of its tasks."""
        return {name: group.name for name, group in self.ecs.log_groups.items()}


def ground(config: ComputeConfig, context: Context, inputs: ComputeInputs) -> Ground:
    """Declare the parts."""
    settings = context.settings
    ecs = Ecs(
        "ecs",
        EcsArgs(
            naming=context.naming,
            services=settings.services,
            log_retention_days=settings.stage.log_retention_days,
            container_insights=settings.stage.container_insights,
        ),
    )
    names = DiscoveryArgs(naming=context.naming, services=settings.services, vpc_id=inputs.foundation.vpc_id)
    return Ground(
        ecs=ecs,
        discovery=Discovery("discovery", names),
        alb=None if config.skip_alb else Alb("alb", _alb_args(config, context, inputs)),
        iam=Iam("iam", _iam_args(context, inputs, ecs)),
    )


def wiring_of(context: Context, inputs: ComputeInputs, made: Ground) -> Wiring:
    """All that workloads can be given before there are functions and workflows."""
    persistent, foundation = inputs.persistent, inputs.foundation
    return Wiring(
        environment=context.environment,
        bucket_ids=_exported(persistent.s3_bucket_ids),
        bucket_arns=_exported(persistent.s3_bucket_arns),
        table_names=_exported(persistent.dynamodb_table_names),
        table_arns=_exported(persistent.dynamodb_table_arns),
        secret_arns=_exported(foundation.secret_arns),
        services=addresses(context.naming, context.settings.services),
        queue_urls={
            "backtest": foundation.backtest_queue_url,
            "retraining": foundation.retraining_queue_url,
            "dead-letter": foundation.backtest_dlq_url,
        },
        queue_arns={
            "backtest": foundation.backtest_queue_arn,
            "retraining": foundation.retraining_queue_arn,
            "dead-letter": foundation.backtest_dlq_arn,
        },
        topic_arns={"alerts": foundation.sns_alerts_topic_arn, "registration": foundation.sns_registration_topic_arn},
        database=Database(
            endpoint=foundation.rds_endpoint, name=foundation.rds_database_name, secret_arn=foundation.rds_secret_arn
        ),
        tasks=_tasks(context, inputs, made),
        state_bucket=context.state_bucket,
    )


def _exported(mapping: pulumi.Input[Mapping[str, pulumi.Input[str]]]) -> Exported:
    return pulumi.Output.all(mapping).apply(lambda known: dict(known[0]))


def _tasks(context: Context, inputs: ComputeInputs, made: Ground) -> Tasks:
    """By family, so that who starts strategies takes the newest definition and changes with none."""
    family = family_arn(context.naming, STRATEGY, account_id=context.account_id, region=context.region)
    return Tasks(
        cluster_arn=made.ecs.cluster.arn,
        definition_arn=family,
        family_arn=family,
        role_arns=[made.iam.execution_role.arn, made.iam.task_role_arns[STRATEGY]],
        subnet_ids=inputs.foundation.private_subnet_ids,
        security_group_id=inputs.foundation.ecs_security_group_id,
    )


def _iam_args(context: Context, inputs: ComputeInputs, ecs: Ecs) -> IamArgs:
    return IamArgs(
        naming=context.naming,
        services=context.settings.services,
        repository_arns=inputs.persistent.ecr_repository_arns,
        never_pulled=context.settings.images.lambdas,
        log_group_arns=[group.arn for group in ecs.log_groups.values()],
    )


def _alb_args(config: ComputeConfig, context: Context, inputs: ComputeInputs) -> AlbArgs:
    settings = context.settings
    return AlbArgs(
        naming=context.naming,
        services=settings.services,
        on_instance={service.name for service in settings.services if settings.on_instance(service)},
        vpc_id=inputs.foundation.vpc_id,
        subnet_ids=inputs.foundation.public_subnet_ids,
        security_group_id=inputs.foundation.alb_security_group_id,
        logs_bucket=inputs.persistent.s3_logs_bucket_id,
        logs_prefix=settings.storage.log_prefixes.alb,
        certificate_arn=config.certificate_arn,
    )
