"""The compute layer's contract (001 §6, §10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradai_iac.described import output

if TYPE_CHECKING:
    from pulumi import Input


@dataclass(frozen=True, kw_only=True)
class FromPersistent:
    """What compute reads from the persistent stack."""

    s3_bucket_ids: Input[Mapping[str, Input[str]]]
    s3_bucket_arns: Input[Mapping[str, Input[str]]]
    s3_logs_bucket_id: Input[str]
    dynamodb_table_names: Input[Mapping[str, Input[str]]]
    dynamodb_table_arns: Input[Mapping[str, Input[str]]]
    ecr_repository_urls: Input[Mapping[str, Input[str]]]
    ecr_repository_arns: Input[Mapping[str, Input[str]]]


@dataclass(frozen=True, kw_only=True)
class FromFoundation:
    """What compute reads from the foundation stack."""

    vpc_id: Input[str]
    public_subnet_ids: Input[Sequence[Input[str]]]
    private_subnet_ids: Input[Sequence[Input[str]]]
    alb_security_group_id: Input[str]
    ecs_security_group_id: Input[str]
    lambda_security_group_id: Input[str]
    consolidated_security_group_id: Input[str | None]
    rds_endpoint: Input[str]
    rds_secret_arn: Input[str]
    rds_database_name: Input[str]
    backtest_queue_url: Input[str]
    backtest_queue_arn: Input[str]
    retraining_queue_url: Input[str]
    retraining_queue_arn: Input[str]
    backtest_dlq_url: Input[str]
    backtest_dlq_arn: Input[str]
    sns_alerts_topic_arn: Input[str]
    sns_registration_topic_arn: Input[str]
    secret_arns: Input[Mapping[str, Input[str]]]


@dataclass(frozen=True, kw_only=True)
class ComputeInputs:
    """The upstream stacks of compute."""

    persistent: FromPersistent
    foundation: FromFoundation


@dataclass(frozen=True, kw_only=True)
class ComputeOutputs:
    """Every export of the compute stack, by the names of 001 §10 and 000; maps are by service or function.

    Those of the load balancer are None where it is left out; `alb_https_listener_arn` and `alb_server_name`
    (the host name on its certificate) are None where it has no certificate; `consolidated_asg_name` and
    `consolidated_instance_role_arn` are None where the services run on Fargate.
    """

    ecs_cluster_arn: Input[str] = output("The cluster")
    ecs_cluster_name: Input[str] = output("Its name")
    ecs_execution_role_arn: Input[str] = output("Role that starts tasks")
    ecs_task_role_arn: Input[str] = output("Role that strategy tasks act as")
    ecs_task_role_arns: Input[Mapping[str, Input[str]]] = output("Roles that tasks act as, by service")
    cli_ci_role_arn: Input[str] = output("Role of people at the command line and of CI/CD")
    strategy_task_definition_arn: Input[str] = output("Task definition of strategies")
    ecs_task_definition_arns: Input[Mapping[str, Input[str]]] = output("Task definitions, by service")
    ecs_service_arns: Input[Mapping[str, Input[str]]] = output("ECS services, by service")
    service_discovery_namespace_id: Input[str] = output("Namespace of Service Discovery")
    lambda_function_arns: Input[Mapping[str, Input[str]]] = output("The 17 image functions, by function")
    backtest_workflow_arn: Input[str] = output("State machine of backtests")
    backtest_workflow_name: Input[str] = output("Its name")
    retraining_workflow_arn: Input[str] = output("State machine of retraining")
    retraining_workflow_name: Input[str] = output("Its name")
    consolidated_asg_name: Input[str] | None = output("Auto Scaling group of the consolidated instance")
    consolidated_instance_role_arn: Input[str] | None = output("Role that it acts as")
    alb_arn: Input[str] | None = output("The load balancer")
    alb_dns_name: Input[str] | None = output("Its host name")
    alb_http_listener_arn: Input[str] | None = output("Its HTTP listener")
    alb_https_listener_arn: Input[str] | None = output("Its HTTPS listener")
    alb_server_name: Input[str] | None = output("Host name on its certificate")
    target_group_arns: Input[Mapping[str, Input[str]]] = output("Target groups, by service")
