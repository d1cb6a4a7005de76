"""The foundation stack: puts its components together and exports what 001 §10 and 000 name.

Must never hold a value or a name: `config` and `naming` do.
"""

from dataclasses import dataclass
from typing import Final

import pulumi

from tradai_blueprints.tradai.config.overrides import FoundationConfig
from tradai_blueprints.tradai.context import Context
from tradai_blueprints.tradai.contracts.foundation import FoundationInputs, FoundationOutputs
from tradai_blueprints.tradai.layers.foundation.nacl import NetworkAcls, NetworkAclsArgs
from tradai_blueprints.tradai.layers.foundation.nat import NatTier, NatTierArgs
from tradai_blueprints.tradai.layers.foundation.rds import Database, DatabaseArgs
from tradai_blueprints.tradai.layers.foundation.secret_rotation import SecretRotation, SecretRotationArgs
from tradai_blueprints.tradai.layers.foundation.secrets import Secrets, SecretsArgs
from tradai_blueprints.tradai.layers.foundation.security_groups import SecurityGroups, SecurityGroupsArgs
from tradai_blueprints.tradai.layers.foundation.sns import Topics, TopicsArgs
from tradai_blueprints.tradai.layers.foundation.sqs import Queues, QueuesArgs
from tradai_blueprints.tradai.layers.foundation.vpc import Vpc, VpcArgs
from tradai_blueprints.tradai.layers.foundation.vpc_endpoints import VpcEndpoints, VpcEndpointsArgs
from tradai_blueprints.tradai.layers.foundation.vpc_flow_logs import VpcFlowLogs, VpcFlowLogsArgs

#: How long a deleted secret can be had back where data is kept; elsewhere its name is free at once.
_RECOVERY_DAYS: Final = 30


@dataclass(frozen=True)
class _Network:
    """What the other parts stand on."""

    vpc: Vpc
    groups: SecurityGroups
    acls: NetworkAcls


def program(
    config: FoundationConfig,
    context: Context,
    inputs: FoundationInputs,  # noqa: ARG001 - every layer's program has this shape
) -> FoundationOutputs:
    """Declare the whole layer."""
    network = _network(config, context)
    nat = NatTier("nat", _nat_args(context, network))
    database = Database("database", _database_args(config, context, network))
    queues = Queues("queues", _queues_args(context))
    topics = Topics("topics", _topics_args(config, context))
    SecretRotation("rotation", _rotation_args(context, database, topics))
    secrets = Secrets("secrets", _secrets_args(context))
    return _outputs(network, nat, database, queues, topics, secrets)


def _network(config: FoundationConfig, context: Context) -> _Network:
    vpc = Vpc("vpc", VpcArgs(context.settings.network, context.naming, context.region))
    network = _Network(
        vpc=vpc,
        groups=SecurityGroups("groups", _groups_args(config, context, vpc)),
        acls=NetworkAcls("acls", _acls_args(context, vpc)),
    )
    VpcEndpoints("endpoints", _endpoints_args(context, network))
    VpcFlowLogs("flow-logs", _flow_logs_args(context, vpc))
    return network


def _groups_args(config: FoundationConfig, context: Context, vpc: Vpc) -> SecurityGroupsArgs:
    asked = config.consolidated_security_group
    consolidated = context.settings.stage.consolidated if asked is None else asked
    security = context.settings.security
    return SecurityGroupsArgs(
        naming=context.naming,
        vpc_id=vpc.vpc.id,
        groups=security.security_groups(consolidated=consolidated),
        rules=security.security_rules(consolidated=consolidated, as_tasks=not context.settings.stage.consolidated),
    )


def _acls_args(context: Context, vpc: Vpc) -> NetworkAclsArgs:
    return NetworkAclsArgs(
        naming=context.naming,
        vpc_id=vpc.vpc.id,
        subnet_ids={tier: vpc.subnet_ids(tier) for tier in vpc.route_tables},
        rules=context.settings.network.nacl_rules,
    )


def _endpoints_args(context: Context, network: _Network) -> VpcEndpointsArgs:
    settings = context.settings.network
    return VpcEndpointsArgs(
        naming=context.naming,
        region=context.region,
        vpc_id=network.vpc.vpc.id,
        gateways=settings.gateway_endpoints,
        interfaces=settings.interface_endpoints,
        route_table_ids=[network.vpc.route_tables["private"].id],
        subnet_ids=network.vpc.subnet_ids("private"),
        security_group_id=network.groups.id_of("vpc-endpoint"),
    )


def _flow_logs_args(context: Context, vpc: Vpc) -> VpcFlowLogsArgs:
    return VpcFlowLogsArgs(
        naming=context.naming,
        account_id=context.account_id,
        vpc_id=vpc.vpc.id,
        flow_logs=context.settings.network.flow_logs,
        retention_days=context.settings.stage.log_retention_days,
    )


def _nat_args(context: Context, network: _Network) -> NatTierArgs:
    settings = context.settings
    return NatTierArgs(
        naming=context.naming,
        account_id=context.account_id,
        region=context.region,
        network=settings.network,
        function=settings.lambda_function(settings.network.nat.failover_function),
        retention_days=settings.stage.log_retention_days,
        vpc=network.vpc,
        security_group_id=network.groups.id_of("nat"),
        tags=settings.tags.required(context.environment),
        ready=[*network.vpc.public_routes, *network.acls.rules],
    )


def _database_args(config: FoundationConfig, context: Context, network: _Network) -> DatabaseArgs:
    return DatabaseArgs(
        naming=context.naming,
        rds=context.settings.storage.rds,
        stage=context.settings.stage,
        vpc_id=network.vpc.vpc.id,
        subnet_ids=network.vpc.subnet_ids("database"),
        security_group_id=network.groups.id_of("rds"),
        version=config.database_version,
    )


def _queues_args(context: Context) -> QueuesArgs:
    messaging = context.settings.messaging
    return QueuesArgs(context.naming, messaging.backtest_queue, messaging.retraining_queue, messaging.dead_letter_queue)


def _topics_args(config: FoundationConfig, context: Context) -> TopicsArgs:
    messaging = context.settings.messaging
    return TopicsArgs(
        naming=context.naming,
        account_id=context.account_id,
        region=context.region,
        alerts=messaging.alerts_topic,
        registration=messaging.registration_topic,
        emails=config.alert_emails,
    )


def _rotation_args(context: Context, database: Database, topics: Topics) -> SecretRotationArgs:
    return SecretRotationArgs(
        naming=context.naming,
        secret_arn=database.secret_arn,
        interval_days=context.settings.secrets.rds_rotation_days,
        topic_arn=topics.alerts.arn,
        topic_policy=topics.alerts_policy,
    )


def _secrets_args(context: Context) -> SecretsArgs:
    return SecretsArgs(
        naming=context.naming,
        secrets=context.settings.secrets.secrets,
        values=context.secrets,
        recovery_days=_RECOVERY_DAYS if context.settings.stage.keep_data else 0,
    )


def _outputs(
    network: _Network,
    nat: NatTier,
    database: Database,
    queues: Queues,
    topics: Topics,
    secrets: Secrets,
) -> FoundationOutputs:
    vpc, groups = network.vpc, network.groups
    consolidated: pulumi.Output[str] | None = groups.id_of("consolidated") if "consolidated" in groups.groups else None
    return FoundationOutputs(
        vpc_id=vpc.vpc.id,
        public_subnet_ids=vpc.subnet_ids("public"),
        private_subnet_ids=vpc.subnet_ids("private"),
        database_subnet_ids=vpc.subnet_ids("database"),
        private_route_table_id=vpc.route_tables["private"].id,
        database_route_table_id=vpc.route_tables["database"].id,
        alb_security_group_id=groups.id_of("alb"),
        ecs_security_group_id=groups.id_of("ecs"),
        lambda_security_group_id=groups.id_of("lambda"),
        rds_security_group_id=groups.id_of("rds"),
        nat_security_group_id=groups.id_of("nat"),
        vpc_endpoint_security_group_id=groups.id_of("vpc-endpoint"),
        consolidated_security_group_id=consolidated,
        nat_public_ip=nat.address.public_ip,
        rds_endpoint=database.instance.endpoint,
        rds_secret_arn=database.secret_arn,
        rds_database_name=database.instance.db_name,
        rds_instance_identifier=database.instance.identifier,
        backtest_queue_url=queues.queue.url,
        backtest_queue_arn=queues.queue.arn,
        retraining_queue_url=queues.retraining.url,
        retraining_queue_arn=queues.retraining.arn,
        backtest_dlq_url=queues.dead_letters.url,
        backtest_dlq_arn=queues.dead_letters.arn,
        sns_alerts_topic_arn=topics.alerts.arn,
        sns_registration_topic_arn=topics.registration.arn,
        secret_arns=secrets.arns,
    )
