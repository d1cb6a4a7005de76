"""The contracts of the control plane's two layers: `service` reads where `ground` is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradai_iac.described import output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi import Input


@dataclass(frozen=True, kw_only=True)
class GroundInputs:
    """Nothing is upstream of the ground."""


@dataclass(frozen=True, kw_only=True)
class GroundOutputs:
    """What the ground exports."""

    vpc_id: Input[str] = output("Id of the VPC")
    task_subnet_ids: Input[Sequence[Input[str]]] = output("Subnets of the tasks")
    public_addresses: Input[bool] = output("Whether tasks take public addresses to reach AWS")
    task_group_id: Input[str] = output("Security group of the control plane's task")
    runner_group_id: Input[str] = output("Security group of the runs' tasks")
    database_host: Input[str] = output("Host of the database")
    database_secret_arn: Input[str] = output("Secret that RDS keeps the database's password in")
    database_id: Input[str] = output("Identifier of the database's instance")
    authority_secret_arn: Input[str] = output("Secret of the certificate authority and of all that it signs")
    topic_arn: Input[str] = output("Topic of the alarms")


@dataclass(frozen=True, kw_only=True)
class GroundOfService:
    """What the service layer reads from the ground."""

    vpc_id: Input[str]
    task_subnet_ids: Input[Sequence[Input[str]]]
    public_addresses: Input[bool]
    task_group_id: Input[str]
    runner_group_id: Input[str]
    database_host: Input[str]
    database_secret_arn: Input[str]
    database_id: Input[str]
    authority_secret_arn: Input[str]
    topic_arn: Input[str]


@dataclass(frozen=True, kw_only=True)
class ServiceInputs:
    """Upstream of the service layer."""

    ground: GroundOfService


@dataclass(frozen=True, kw_only=True)
class ServiceOutputs:
    """What the service layer exports."""

    cluster_name: Input[str] = output("Name of the ECS cluster")
    service_name: Input[str] = output("Name of the ECS service")
    task_definition_arn: Input[str] = output("Task definition of the control plane")
    runner_task_definition_arn: Input[str] = output("Task definition of the runs")
    operator_role_arn: Input[str] = output("Role that the operator has: environments' roles trust it")
    runner_role_arn: Input[str] = output("Role that the runs have: environments' roles trust it")
    api_host: Input[str] = output("Host of the internal load balancer, empty where there is none")
