"""The edge layer's contract (001 §7, §10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradai_iac.described import output

if TYPE_CHECKING:
    from pulumi import Input


@dataclass(frozen=True, kw_only=True)
class FromPersistent:
    """What edge reads from the persistent stack."""

    cognito_user_pool_id: Input[str]
    cognito_user_pool_client_id: Input[str]
    cognito_m2m_client_id: Input[str]
    cognito_user_pool_endpoint: Input[str]


@dataclass(frozen=True, kw_only=True)
class FromFoundation:
    """What edge reads from the foundation stack."""

    private_subnet_ids: Input[Sequence[Input[str]]]
    ecs_security_group_id: Input[str]
    backtest_queue_url: Input[str]
    backtest_queue_arn: Input[str]
    backtest_dlq_arn: Input[str]
    rds_instance_identifier: Input[str]
    sns_alerts_topic_arn: Input[str]


@dataclass(frozen=True, kw_only=True)
class FromCompute:
    """What edge reads from the compute stack."""

    alb_arn: Input[str | None]
    alb_dns_name: Input[str | None]
    alb_http_listener_arn: Input[str | None]
    alb_https_listener_arn: Input[str | None]
    alb_server_name: Input[str | None]
    ecs_cluster_name: Input[str]
    lambda_function_arns: Input[Mapping[str, Input[str]]]
    backtest_workflow_arn: Input[str]
    retraining_workflow_arn: Input[str]
    consolidated_asg_name: Input[str | None]


@dataclass(frozen=True, kw_only=True)
class EdgeInputs:
    """The upstream stacks of edge."""

    persistent: FromPersistent
    foundation: FromFoundation
    compute: FromCompute


@dataclass(frozen=True, kw_only=True)
class EdgeOutputs:
    """Every export of the edge stack, by the names of 001 §10 and 000.

    The web ACL's are None where it is left out, those of the custom domain where there is none.
    """

    api_gateway_id: Input[str] = output("The HTTP API")
    api_gateway_endpoint: Input[str] = output("Its address")
    api_custom_domain: Input[str] | None = output("Its own host name")
    api_custom_domain_target: Input[str] | None = output("What that host name's DNS record points to")
    waf_web_acl_id: Input[str] | None = output("The web ACL")
    waf_web_acl_arn: Input[str] | None = output("Its ARN")
    composite_alarm_arn: Input[str] = output("Alarm on the platform's health")
    lambda_error_alarm_arns: Input[Mapping[str, Input[str]]] = output("Alarms on errors, by function")
    dashboard_url: Input[str] = output("The dashboard in the console")
