"""The persistent layer's contract: it reads nothing and exports data stores, images and identity (001 §4, §10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradai_iac.described import output

if TYPE_CHECKING:
    from pulumi import Input


@dataclass(frozen=True, kw_only=True)
class PersistentInputs:
    """Nothing is upstream of the persistent layer."""


@dataclass(frozen=True, kw_only=True)
class PersistentOutputs:
    """Every export of the persistent stack, by the names of 001 §10."""

    s3_bucket_ids: Input[Mapping[str, Input[str]]] = output("Names of the five buckets, by component")
    s3_bucket_arns: Input[Mapping[str, Input[str]]] = output("Their ARNs")
    s3_configs_bucket_id: Input[str] = output("Name of the configs bucket")
    s3_results_bucket_id: Input[str] = output("Name of the results bucket")
    s3_arcticdb_bucket_id: Input[str] = output("Name of the arcticdb bucket")
    s3_logs_bucket_id: Input[str] = output("Name of the logs bucket")
    s3_mlflow_bucket_id: Input[str] = output("Name of the mlflow bucket")
    dynamodb_table_names: Input[Mapping[str, Input[str]]] = output("Names of the twelve tables, by component")
    dynamodb_table_arns: Input[Mapping[str, Input[str]]] = output("Their ARNs")
    dynamodb_workflow_state_table_name: Input[str] = output("Name of the workflow-state table")
    dynamodb_workflow_state_table_arn: Input[str] = output("ARN of the workflow-state table")
    dynamodb_idempotency_table_name: Input[str] = output("Name of the idempotency table")
    dynamodb_idempotency_table_arn: Input[str] = output("ARN of the idempotency table")
    dynamodb_health_state_table_name: Input[str] = output("Name of the health-state table")
    dynamodb_health_state_table_arn: Input[str] = output("ARN of the health-state table")
    dynamodb_trading_state_table_name: Input[str] = output("Name of the trading-state table")
    dynamodb_trading_state_table_arn: Input[str] = output("ARN of the trading-state table")
    dynamodb_deployments_table_name: Input[str] = output("Name of the deployments table")
    dynamodb_deployments_table_arn: Input[str] = output("ARN of the deployments table")
    dynamodb_drift_state_table_name: Input[str] = output("Name of the drift-state table")
    dynamodb_drift_state_table_arn: Input[str] = output("ARN of the drift-state table")
    dynamodb_retraining_state_table_name: Input[str] = output("Name of the retraining-state table")
    dynamodb_retraining_state_table_arn: Input[str] = output("ARN of the retraining-state table")
    dynamodb_rollback_state_table_name: Input[str] = output("Name of the rollback-state table")
    dynamodb_rollback_state_table_arn: Input[str] = output("ARN of the rollback-state table")
    dynamodb_shadow_test_state_table_name: Input[str] = output("Name of the shadow-test-state table")
    dynamodb_shadow_test_state_table_arn: Input[str] = output("ARN of the shadow-test-state table")
    dynamodb_notifications_table_name: Input[str] = output("Name of the notifications table")
    dynamodb_notifications_table_arn: Input[str] = output("ARN of the notifications table")
    dynamodb_infra_drift_state_table_name: Input[str] = output("Name of the infra-drift-state table")
    dynamodb_infra_drift_state_table_arn: Input[str] = output("ARN of the infra-drift-state table")
    dynamodb_config_versions_table_name: Input[str] = output("Name of the config-versions table")
    dynamodb_config_versions_table_arn: Input[str] = output("ARN of the config-versions table")
    ecr_repository_urls: Input[Mapping[str, Input[str]]] = output(
        "Where images are pushed to and pulled from, by component"
    )
    ecr_repository_arns: Input[Mapping[str, Input[str]]] = output("ARNs of the repositories")
    cognito_user_pool_id: Input[str] = output("The user pool")
    cognito_user_pool_arn: Input[str] = output("Its ARN")
    cognito_user_pool_client_id: Input[str] = output("Client of people (web)")
    cognito_m2m_client_id: Input[str] = output("Client of machines")
    cognito_m2m_client_secret: Input[str] = output("Secret of the machines' client")
    cognito_user_pool_endpoint: Input[str] = output("Issuer of tokens, without scheme")
    cognito_domain: Input[str] = output("Prefix of the sign-in page's host name")
    codeartifact_domain_name: Input[str] = output("Domain of the Python packages")
    codeartifact_repository_endpoint: Input[str] = output("Where packages are read from and published to")
    pulumi_state_bucket_name: Input[str] = output("Bucket of Pulumi's state; empty where the backend is no bucket")
