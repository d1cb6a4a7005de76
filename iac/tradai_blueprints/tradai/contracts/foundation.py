"""The foundation layer's contract: it reads nothing, and exports the network, database and queues (001 §5, §10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradai_iac.described import output

if TYPE_CHECKING:
    from pulumi import Input


@dataclass(frozen=True, kw_only=True)
class FoundationInputs:
    """Nothing is upstream of the foundation layer: it runs beside the persistent one."""


@dataclass(frozen=True, kw_only=True)
class FoundationOutputs:
    """Every export of the foundation stack, by the names of 001 §10 and 000."""

    vpc_id: Input[str] = output("The VPC")
    public_subnet_ids: Input[Sequence[Input[str]]] = output("Public subnets, one an availability zone")
    private_subnet_ids: Input[Sequence[Input[str]]] = output("Private subnets")
    database_subnet_ids: Input[Sequence[Input[str]]] = output("Database subnets")
    private_route_table_id: Input[str] = output("Route table of the private subnets")
    database_route_table_id: Input[str] = output("Route table of the database subnets")
    alb_security_group_id: Input[str] = output("Security group of the load balancer")
    ecs_security_group_id: Input[str] = output("Security group of ECS tasks")
    lambda_security_group_id: Input[str] = output("Security group of Lambda functions")
    rds_security_group_id: Input[str] = output("Security group of the database")
    nat_security_group_id: Input[str] = output("Security group of the NAT instance")
    vpc_endpoint_security_group_id: Input[str] = output("Security group of the interface endpoints")
    consolidated_security_group_id: Input[str | None] = output(
        "Security group of the consolidated instance, where there is one"
    )
    nat_public_ip: Input[str] = output("Address from which private subnets reach the internet")
    rds_endpoint: Input[str] = output("The database as host:port")
    rds_secret_arn: Input[str] = output("Secret of the database's user, kept by RDS")
    rds_database_name: Input[str] = output("Database within the instance")
    rds_instance_identifier: Input[str] = output("Name of the instance")
    backtest_queue_url: Input[str] = output("The backtest queue")
    backtest_queue_arn: Input[str] = output("Its ARN")
    retraining_queue_url: Input[str] = output("The retraining queue")
    retraining_queue_arn: Input[str] = output("Its ARN")
    backtest_dlq_url: Input[str] = output("The dead letter queue of both")
    backtest_dlq_arn: Input[str] = output("Its ARN")
    sns_alerts_topic_arn: Input[str] = output("Topic of alerts")
    sns_registration_topic_arn: Input[str] = output("Topic of registrations")
    secret_arns: Input[Mapping[str, Input[str]]] = output("ARNs of the four secrets, by component")
