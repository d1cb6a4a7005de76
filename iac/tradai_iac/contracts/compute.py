"""The compute layer's contract (001 §6, §10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi import Input


@dataclass(frozen=True, kw_only=True)
class FromPersistent:
    """What compute reads from the persistent stack."""

    s3_bucket_arns: Input[Mapping[str, Input[str]]]
    s3_logs_bucket_id: Input[str]
    dynamodb_workflow_state_table_arn: Input[str]
    dynamodb_trading_state_table_arn: Input[str]
    ecr_repository_arns: Input[Mapping[str, Input[str]]]


@dataclass(frozen=True, kw_only=True)
class FromFoundation:
    """What compute reads from the foundation stack."""

    vpc_id: Input[str]
    public_subnet_ids: Input[Sequence[Input[str]]]
    alb_security_group_id: Input[str]
    rds_secret_arn: Input[str]
    backtest_queue_arn: Input[str]
    sns_alerts_topic_arn: Input[str]
    secret_arns: Input[Mapping[str, Input[str]]]


@dataclass(frozen=True, kw_only=True)
class ComputeInputs:
    """The upstream stacks of compute."""

    persistent: FromPersistent
    foundation: FromFoundation


@dataclass(frozen=True, kw_only=True)
class ComputeOutputs:
    """The exports of the compute stack that exist so far, by the names of 001 §10.

    Those of the load balancer are None where it is left out; `alb_https_listener_arn` and `alb_server_name`
    (the host name on its certificate) are None where it has no certificate.
    """

    ecs_cluster_arn: Input[str]
    ecs_cluster_name: Input[str]
    ecs_execution_role_arn: Input[str]
    ecs_task_role_arn: Input[str]
    alb_arn: Input[str] | None
    alb_dns_name: Input[str] | None
    alb_http_listener_arn: Input[str] | None
    alb_https_listener_arn: Input[str] | None
    alb_server_name: Input[str] | None
    target_group_arns: Input[Mapping[str, Input[str]]]
