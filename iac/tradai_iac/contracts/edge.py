"""The edge layer's contract (001 §7, §10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    rds_instance_identifier: Input[str]


@dataclass(frozen=True, kw_only=True)
class FromCompute:
    """What edge reads from the compute stack."""

    alb_dns_name: Input[str | None]
    alb_http_listener_arn: Input[str | None]
    alb_https_listener_arn: Input[str | None]
    alb_server_name: Input[str | None]
    ecs_cluster_name: Input[str]


@dataclass(frozen=True, kw_only=True)
class EdgeInputs:
    """The upstream stacks of edge."""

    persistent: FromPersistent
    foundation: FromFoundation
    compute: FromCompute


@dataclass(frozen=True, kw_only=True)
class EdgeOutputs:
    """The exports of the edge stack that exist so far, by the names of 001 §10."""

    api_gateway_id: Input[str]
    api_gateway_endpoint: Input[str]
    dashboard_url: Input[str]
