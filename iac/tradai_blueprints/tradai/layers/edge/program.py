"""The edge stack, put together: the HTTP API with its integrations, web ACL, alarms and dashboard (001 §7).

Must never create a resource of its own: the modules do.
"""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.api import Target
from tradai_blueprints.tradai.config.monitoring import METRICS_DIMENSION, Subject
from tradai_blueprints.tradai.config.overrides import EdgeConfig
from tradai_blueprints.tradai.context import Context
from tradai_blueprints.tradai.contracts.edge import EdgeInputs, EdgeOutputs
from tradai_blueprints.tradai.layers.edge.access_log import AccessLog, AccessLogArgs
from tradai_blueprints.tradai.layers.edge.api_gateway import HttpApi, HttpApiArgs
from tradai_blueprints.tradai.layers.edge.backtests import Backtests, BacktestsArgs
from tradai_blueprints.tradai.layers.edge.balancer import Balancer, BalancerArgs
from tradai_blueprints.tradai.layers.edge.cloudwatch_alarms import Alarms, AlarmsArgs
from tradai_blueprints.tradai.layers.edge.cloudwatch_dashboard import Dashboard, DashboardArgs
from tradai_blueprints.tradai.layers.edge.custom_domain import CustomDomain, CustomDomainArgs
from tradai_blueprints.tradai.layers.edge.waf import Waf, WafArgs


def program(config: EdgeConfig, context: Context, inputs: EdgeInputs) -> EdgeOutputs:
    """Builds the layer; raises ValueError for a configuration that the environment does not allow.

    Without the load balancer the one route that needs none is served (002 §5.1: backtests go to their queue).
    """
    api = HttpApi("api", _api_args(config, context, inputs))
    retention = context.settings.stage.log_retention_days
    log = AccessLog("access-log", AccessLogArgs(naming=context.naming, retention_days=retention))
    stage = api.serve(context.settings.api, _integrations(config, context, inputs, api), log)
    domain = _domain(config, api, stage)
    waf = Waf("waf", _waf_args(config, context, inputs)) if wants_waf(config, context) else None
    subjects = _subjects(context, inputs, api)
    alarms = Alarms("alarms", _alarms_args(config, context, inputs, subjects))
    dashboard = Dashboard("dashboard", _dashboard_args(context, inputs, subjects))
    return EdgeOutputs(
        api_gateway_id=api.api.id,
        api_gateway_endpoint=api.api.api_endpoint,
        api_custom_domain=domain.domain.domain_name if domain else None,
        api_custom_domain_target=domain.target if domain else None,
        waf_web_acl_id=waf.acl.id if waf else None,
        waf_web_acl_arn=waf.acl.arn if waf else None,
        composite_alarm_arn=alarms.health.arn,
        lambda_error_alarm_arns=alarms.function_arns,
        dashboard_url=dashboard.url,
    )


def wants_waf(config: EdgeConfig, context: Context) -> bool:
    """Whether there is a web ACL (002 §10); raises ValueError where it is demanded and turned off."""
    demanded = context.settings.stage.waf
    if demanded and config.waf.enabled is False:
        raise ValueError(f"waf.enabled cannot be turned off in {context.environment}: docs/CANONICAL-CONFIG.md §10")
    return demanded or bool(config.waf.enabled)


def _api_args(config: EdgeConfig, context: Context, inputs: EdgeInputs) -> HttpApiArgs:
    origins = config.cors_allowed_origins
    return HttpApiArgs(
        naming=context.naming,
        cors_allowed_origins=context.settings.stage.cors_allowed_origins if origins is None else origins,
        issuer=inputs.persistent.cognito_user_pool_endpoint,
        audiences=[inputs.persistent.cognito_user_pool_client_id, inputs.persistent.cognito_m2m_client_id],
    )


def _integrations(
    config: EdgeConfig, context: Context, inputs: EdgeInputs, api: HttpApi
) -> Mapping[Target, aws.apigatewayv2.Integration]:
    """Where each target of 002 §5.1 is: the load balancer's own rules tell the services behind it apart."""
    queue = Backtests("backtests", _backtests_args(context, inputs, api)).integration
    if config.skip_alb:
        return {"backtest-queue": queue}
    balancer = Balancer("balancer", _balancer_args(context, inputs, api)).integration
    return {"backtest-queue": queue, "alb": balancer, "backend-api": balancer, "mlflow": balancer}


def _backtests_args(context: Context, inputs: EdgeInputs, api: HttpApi) -> BacktestsArgs:
    return BacktestsArgs(
        naming=context.naming,
        api_id=api.api.id,
        queue_url=inputs.foundation.backtest_queue_url,
        queue_arn=inputs.foundation.backtest_queue_arn,
    )


def _balancer_args(context: Context, inputs: EdgeInputs, api: HttpApi) -> BalancerArgs:
    return BalancerArgs(
        naming=context.naming,
        api_id=api.api.id,
        subnet_ids=inputs.foundation.private_subnet_ids,
        security_group_id=inputs.foundation.ecs_security_group_id,
        http_listener_arn=inputs.compute.alb_http_listener_arn,
        https_listener_arn=inputs.compute.alb_https_listener_arn,
        server_name=inputs.compute.alb_server_name,
    )


def _domain(config: EdgeConfig, api: HttpApi, stage: aws.apigatewayv2.Stage) -> CustomDomain | None:
    wanted = config.custom_domain
    if wanted is None:
        return None
    args = CustomDomainArgs(host=wanted.name, certificate_arn=wanted.certificate_arn, api_id=api.api.id, stage=stage)
    return CustomDomain("custom-domain", args)


def _waf_args(config: EdgeConfig, context: Context, inputs: EdgeInputs) -> WafArgs:
    return WafArgs(
        naming=context.naming,
        rules=context.settings.security.waf_rules,
        blocked_countries=config.waf.blocked_countries,
        load_balancer_arn=None if config.skip_alb else pulumi.Output.from_input(inputs.compute.alb_arn),
        retention_days=context.settings.stage.log_retention_days,
    )


def _subjects(context: Context, inputs: EdgeInputs, api: HttpApi) -> Mapping[Subject, Mapping[str, pulumi.Input[str]]]:
    """What is watched and shown, by its CloudWatch dimensions."""
    dead_letters = pulumi.Output.from_input(inputs.foundation.backtest_dlq_arn).apply(last_part)
    return {
        "api": {"ApiId": api.api.id},
        "database": {"DBInstanceIdentifier": inputs.foundation.rds_instance_identifier},
        "dead-letters": {"QueueName": dead_letters},
        "trading": {METRICS_DIMENSION: context.environment},
    }


def _function_names(context: Context, inputs: EdgeInputs) -> Mapping[str, pulumi.Output[str]]:
    arns = pulumi.Output.from_input(inputs.compute.lambda_function_arns)
    rows = [row.name for row in context.settings.lambdas if not row.inline]
    return {row: arns[row].apply(last_part) for row in rows}


def last_part(arn: str) -> str:
    """The name at the end of a queue's or a function's ARN."""
    return arn.rsplit(":", 1)[-1]


def _alarms_args(
    config: EdgeConfig,
    context: Context,
    inputs: EdgeInputs,
    subjects: Mapping[Subject, Mapping[str, pulumi.Input[str]]],
) -> AlarmsArgs:
    return AlarmsArgs(
        naming=context.naming,
        rows=context.settings.monitoring.alarms,
        thresholds=config.alarms,
        subjects=subjects,
        functions=_function_names(context, inputs),
        workflow_arns=_workflow_arns(inputs),
        topic_arn=inputs.foundation.sns_alerts_topic_arn,
    )


def _dashboard_args(
    context: Context, inputs: EdgeInputs, subjects: Mapping[Subject, Mapping[str, pulumi.Input[str]]]
) -> DashboardArgs:
    queue = pulumi.Output.from_input(inputs.foundation.backtest_queue_arn).apply(last_part)
    return DashboardArgs(
        naming=context.naming,
        region=context.region,
        subjects={
            **{dimension: value for dimensions in subjects.values() for dimension, value in dimensions.items()},
            "ClusterName": inputs.compute.ecs_cluster_name,
            "QueueName": queue,
        },
        functions=_function_names(context, inputs),
        workflow_arns=_workflow_arns(inputs),
    )


def _workflow_arns(inputs: EdgeInputs) -> Mapping[str, pulumi.Input[str]]:
    return {
        "backtest": inputs.compute.backtest_workflow_arn,
        "retraining": inputs.compute.retraining_workflow_arn,
    }
