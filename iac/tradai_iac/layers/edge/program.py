"""The edge stack, put together: the HTTP API with its integrations, and the dashboard (001 §7).

Must never create a resource of its own: the modules do.
"""

import pulumi_aws as aws

from tradai_iac.config.api import Target
from tradai_iac.config.overrides import EdgeConfig
from tradai_iac.context import Context
from tradai_iac.contracts.edge import EdgeInputs, EdgeOutputs
from tradai_iac.layers.edge.access_log import AccessLog, AccessLogArgs
from tradai_iac.layers.edge.api_gateway import HttpApi, HttpApiArgs
from tradai_iac.layers.edge.backtests import Backtests, BacktestsArgs
from tradai_iac.layers.edge.balancer import Balancer, BalancerArgs
from tradai_iac.layers.edge.cloudwatch_dashboard import Dashboard, DashboardArgs


def program(config: EdgeConfig, context: Context, inputs: EdgeInputs) -> EdgeOutputs:
    """Builds the layer; a route of 002 §5.1 is served once its target has an integration here."""
    api = HttpApi("api", _api_args(config, context, inputs))
    integrations: dict[Target, aws.apigatewayv2.Integration] = {
        "backtest-queue": Backtests("backtests", _backtests_args(context, inputs, api)).integration
    }
    if not config.skip_alb:
        integrations["alb"] = Balancer("balancer", _balancer_args(context, inputs, api)).integration
    retention = context.settings.stage.log_retention_days
    log = AccessLog("access-log", AccessLogArgs(naming=context.naming, retention_days=retention))
    api.serve(context.settings.api, integrations, log)
    dashboard = Dashboard("dashboard", _dashboard_args(context, inputs, api))
    return EdgeOutputs(
        api_gateway_id=api.api.id,
        api_gateway_endpoint=api.api.api_endpoint,
        dashboard_url=dashboard.url,
    )


def _api_args(config: EdgeConfig, context: Context, inputs: EdgeInputs) -> HttpApiArgs:
    origins = config.cors_allowed_origins
    return HttpApiArgs(
        naming=context.naming,
        cors_allowed_origins=context.settings.stage.cors_allowed_origins if origins is None else origins,
        issuer=inputs.persistent.cognito_user_pool_endpoint,
        audiences=[inputs.persistent.cognito_user_pool_client_id, inputs.persistent.cognito_m2m_client_id],
    )


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


def _dashboard_args(context: Context, inputs: EdgeInputs, api: HttpApi) -> DashboardArgs:
    return DashboardArgs(
        naming=context.naming,
        region=context.region,
        cluster_name=inputs.compute.ecs_cluster_name,
        api_id=api.api.id,
        database=inputs.foundation.rds_instance_identifier,
        queue_arn=inputs.foundation.backtest_queue_arn,
    )
