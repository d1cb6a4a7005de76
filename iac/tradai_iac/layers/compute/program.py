"""The compute stack, put together: cluster, roles, load balancer (001 §6).

Must never create a resource of its own: the modules do.
"""

from tradai_iac.config.overrides import ComputeConfig
from tradai_iac.context import Context
from tradai_iac.contracts.compute import ComputeInputs, ComputeOutputs
from tradai_iac.layers.compute.alb import Alb, AlbArgs
from tradai_iac.layers.compute.ecs import Ecs, EcsArgs
from tradai_iac.layers.compute.iam import Iam, IamArgs


def program(config: ComputeConfig, context: Context, inputs: ComputeInputs) -> ComputeOutputs:
    """Builds the layer; with `skip_alb` what the load balancer would export is None, or empty."""
    ecs = Ecs(
        "ecs",
        EcsArgs(naming=context.naming, log_retention_days=context.settings.stage.log_retention_days),
    )
    iam = Iam("iam", _iam_args(context, inputs, ecs))
    alb = None if config.skip_alb else Alb("alb", _alb_args(config, context, inputs))
    return ComputeOutputs(
        ecs_cluster_arn=ecs.cluster.arn,
        ecs_cluster_name=ecs.cluster.name,
        ecs_execution_role_arn=iam.execution_role.arn,
        ecs_task_role_arn=iam.task_role.arn,
        alb_arn=alb.load_balancer.arn if alb else None,
        alb_dns_name=alb.load_balancer.dns_name if alb else None,
        alb_http_listener_arn=alb.http_listener.arn if alb else None,
        alb_https_listener_arn=alb.https_listener_arn if alb else None,
        alb_server_name=config.certificate_host if alb else None,
        target_group_arns=alb.target_group_arns if alb else {},
    )


def _iam_args(context: Context, inputs: ComputeInputs, ecs: Ecs) -> IamArgs:
    persistent, foundation = inputs.persistent, inputs.foundation
    return IamArgs(
        naming=context.naming,
        log_group_arn=ecs.log_group.arn,
        repository_arns=persistent.ecr_repository_arns,
        bucket_arns=persistent.s3_bucket_arns,
        secret_arns=foundation.secret_arns,
        rds_secret_arn=foundation.rds_secret_arn,
        table_arns=[
            persistent.dynamodb_workflow_state_table_arn,
            persistent.dynamodb_trading_state_table_arn,
        ],
        queue_arn=foundation.backtest_queue_arn,
        topic_arn=foundation.sns_alerts_topic_arn,
    )


def _alb_args(config: ComputeConfig, context: Context, inputs: ComputeInputs) -> AlbArgs:
    return AlbArgs(
        naming=context.naming,
        services=context.settings.services,
        vpc_id=inputs.foundation.vpc_id,
        subnet_ids=inputs.foundation.public_subnet_ids,
        security_group_id=inputs.foundation.alb_security_group_id,
        logs_bucket=inputs.persistent.s3_logs_bucket_id,
        logs_prefix=context.settings.storage.log_prefixes.alb,
        certificate_arn=config.certificate_arn,
    )
