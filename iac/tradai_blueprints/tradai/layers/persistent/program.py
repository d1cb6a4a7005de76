"""The persistent stack: puts its components together and exports what 001 §10 names.

Must never hold a value or a name: `config` and `naming` do.
"""

import pulumi

from tradai_blueprints.tradai.config.overrides import PersistentConfig
from tradai_blueprints.tradai.context import Context
from tradai_blueprints.tradai.contracts.persistent import PersistentInputs, PersistentOutputs
from tradai_blueprints.tradai.layers.persistent.cloudtrail import Audit, AuditArgs
from tradai_blueprints.tradai.layers.persistent.codeartifact import Packages, PackagesArgs
from tradai_blueprints.tradai.layers.persistent.cognito import Identity, IdentityArgs
from tradai_blueprints.tradai.layers.persistent.dynamodb import Tables, TablesArgs
from tradai_blueprints.tradai.layers.persistent.ecr import Repositories, RepositoriesArgs
from tradai_blueprints.tradai.layers.persistent.log_delivery import LogDelivery
from tradai_blueprints.tradai.layers.persistent.pulumi_backend import StateBucket, StateBucketArgs
from tradai_blueprints.tradai.layers.persistent.s3 import Buckets, BucketsArgs


def program(
    config: PersistentConfig,
    context: Context,
    inputs: PersistentInputs,  # noqa: ARG001 - every layer's program has this shape
) -> PersistentOutputs:
    """Declare the whole layer; raises ValueError for a configuration that the environment does not allow."""
    buckets = _buckets(context)
    if wants_trail(config, context):
        _audit(context, buckets)
    tables = Tables("tables", _tables_args(context), guarded(context))
    repositories = Repositories("repositories", _repositories_args(config, context), guarded(context))
    identity = Identity("identity", _identity_args(config, context), guarded(context))
    packages = Packages("packages", PackagesArgs(naming=context.naming), guarded(context))
    ids = buckets.ids
    return PersistentOutputs(
        s3_bucket_ids=ids,
        s3_bucket_arns=buckets.arns,
        s3_configs_bucket_id=ids["configs"],
        s3_results_bucket_id=ids["results"],
        s3_arcticdb_bucket_id=ids["arcticdb"],
        s3_logs_bucket_id=ids["logs"],
        s3_mlflow_bucket_id=ids["mlflow"],
        dynamodb_table_names=tables.names,
        dynamodb_table_arns=tables.arns,
        **tables.outputs,
        ecr_repository_urls=repositories.urls,
        ecr_repository_arns=repositories.arns,
        cognito_user_pool_id=identity.user_pool.id,
        cognito_user_pool_arn=identity.user_pool.arn,
        cognito_user_pool_client_id=identity.web_client.id,
        cognito_m2m_client_id=identity.m2m_client.id,
        cognito_m2m_client_secret=identity.m2m_client.client_secret,
        cognito_user_pool_endpoint=identity.user_pool.endpoint,
        cognito_domain=identity.domain.domain,
        codeartifact_domain_name=packages.domain.domain,
        codeartifact_repository_endpoint=packages.endpoint,
        pulumi_state_bucket_name=_state_bucket(context),
    )


def wants_trail(config: PersistentConfig, context: Context) -> bool:
    """Whether CloudTrail is on (002 §10); raises ValueError where it is demanded and turned off."""
    demanded = context.settings.stage.cloud_trail
    if demanded and config.cloud_trail is False:
        raise ValueError(f"cloudTrail cannot be turned off in {context.environment}: docs/CANONICAL-CONFIG.md §10")
    return demanded or bool(config.cloud_trail)


def guarded(context: Context) -> pulumi.ResourceOptions:
    """Everything in a component is protected where the environment is (002 §10).

    All of it and not just the data: the engine deletes what is not protected before it stops at what is, and a
    bucket would stand there without its public access block.
    """
    return pulumi.ResourceOptions(protect=context.settings.stage.deletion_protection)


def _trail_name(context: Context) -> str:
    return context.naming.name("trail")


def _buckets(context: Context) -> Buckets:
    trail = f"arn:aws:cloudtrail:{context.region}:{context.account_id}:trail/{_trail_name(context)}"
    return Buckets(
        "buckets",
        BucketsArgs(
            buckets=context.settings.storage.buckets,
            naming=context.naming,
            keep_data=context.settings.stage.keep_data,
            log_delivery=LogDelivery(
                account_id=context.account_id,
                region=context.region,
                trail_arn=trail,
                prefixes=context.settings.storage.log_prefixes,
            ),
        ),
        guarded(context),
    )


def _audit(context: Context, buckets: Buckets) -> Audit:
    return Audit(
        "audit",
        AuditArgs(
            trail_name=_trail_name(context),
            log_group_name=context.naming.name("cloudtrail", kind="log-group"),
            role_name=context.naming.name("cloudtrail", kind="iam-role"),
            bucket=buckets.ids["logs"],
            prefix=context.settings.storage.log_prefixes.cloudtrail,
            retention_days=context.settings.stage.log_retention_days,
            depends_on=[buckets.policies["logs"]],
        ),
        guarded(context),
    )


def _tables_args(context: Context) -> TablesArgs:
    return TablesArgs(
        tables=context.settings.storage.tables,
        naming=context.naming,
        deletion_protection=context.settings.stage.deletion_protection,
    )


def _repositories_args(config: PersistentConfig, context: Context) -> RepositoriesArgs:
    images = context.settings.images
    return RepositoriesArgs(
        repositories=images.repositories(config.strategy_repositories),
        services={service.image: service.name for service in context.settings.services if service.image},
        untagged_days=images.untagged_days,
        naming=context.naming,
        keep_data=context.settings.stage.keep_data,
    )


def _identity_args(config: PersistentConfig, context: Context) -> IdentityArgs:
    return IdentityArgs(
        cognito=context.settings.security.cognito,
        naming=context.naming,
        account_id=context.account_id,
        deletion_protection=context.settings.stage.deletion_protection,
        callback_urls=config.callback_urls,
    )


def _state_bucket(context: Context) -> pulumi.Input[str]:
    """Ours is taken over; one of another name belongs to somebody else, and a local backend has none."""
    ours = context.naming.name(context.settings.storage.state_bucket, kind="s3-bucket")
    if context.state_bucket != ours:
        return context.state_bucket or ""
    args = StateBucketArgs(bucket=ours, old=context.settings.storage.old_states)
    return StateBucket("state", args, guarded(context)).bucket.id
