"""The foundation layer's contract: it reads nothing, and exports the network, database and queues (001 §5, §10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi import Input


@dataclass(frozen=True, kw_only=True)
class FoundationInputs:
    """Nothing is upstream of the foundation layer: it runs beside the persistent one."""


@dataclass(frozen=True, kw_only=True)
class FoundationOutputs:
    """Every export of the foundation stack, by the names of 001 §10 and 000."""

    vpc_id: Input[str]
    public_subnet_ids: Input[Sequence[Input[str]]]
    private_subnet_ids: Input[Sequence[Input[str]]]
    database_subnet_ids: Input[Sequence[Input[str]]]
    private_route_table_id: Input[str]
    database_route_table_id: Input[str]
    alb_security_group_id: Input[str]
    ecs_security_group_id: Input[str]
    lambda_security_group_id: Input[str]
    rds_security_group_id: Input[str]
    nat_security_group_id: Input[str]
    vpc_endpoint_security_group_id: Input[str]
    consolidated_security_group_id: Input[str | None]
    nat_public_ip: Input[str]
    rds_endpoint: Input[str]
    rds_secret_arn: Input[str]
    rds_database_name: Input[str]
    rds_instance_identifier: Input[str]
    backtest_queue_url: Input[str]
    backtest_queue_arn: Input[str]
    backtest_dlq_url: Input[str]
    backtest_dlq_arn: Input[str]
    sns_alerts_topic_arn: Input[str]
    sns_registration_topic_arn: Input[str]
    secret_arns: Input[Mapping[str, Input[str]]]
