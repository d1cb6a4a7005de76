"""The persistent layer's contract: it reads nothing and exports data stores, images and identity (001 §4, §10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi import Input


@dataclass(frozen=True, kw_only=True)
class PersistentInputs:
    """Nothing is upstream of the persistent layer."""


@dataclass(frozen=True, kw_only=True)
class PersistentOutputs:
    """Every export of the persistent stack, by the names of 001 §10."""

    s3_bucket_ids: Input[Mapping[str, Input[str]]]
    s3_bucket_arns: Input[Mapping[str, Input[str]]]
    s3_configs_bucket_id: Input[str]
    s3_results_bucket_id: Input[str]
    s3_arcticdb_bucket_id: Input[str]
    s3_logs_bucket_id: Input[str]
    s3_mlflow_bucket_id: Input[str]
    dynamodb_workflow_state_table_name: Input[str]
    dynamodb_workflow_state_table_arn: Input[str]
    dynamodb_idempotency_table_name: Input[str]
    dynamodb_idempotency_table_arn: Input[str]
    dynamodb_health_state_table_name: Input[str]
    dynamodb_health_state_table_arn: Input[str]
    dynamodb_trading_state_table_name: Input[str]
    dynamodb_trading_state_table_arn: Input[str]
    dynamodb_deployments_table_name: Input[str]
    dynamodb_deployments_table_arn: Input[str]
    dynamodb_drift_state_table_name: Input[str]
    dynamodb_drift_state_table_arn: Input[str]
    dynamodb_retraining_state_table_name: Input[str]
    dynamodb_retraining_state_table_arn: Input[str]
    dynamodb_rollback_state_table_name: Input[str]
    dynamodb_rollback_state_table_arn: Input[str]
    dynamodb_shadow_test_state_table_name: Input[str]
    dynamodb_shadow_test_state_table_arn: Input[str]
    dynamodb_notifications_table_name: Input[str]
    dynamodb_notifications_table_arn: Input[str]
    dynamodb_infra_drift_state_table_name: Input[str]
    dynamodb_infra_drift_state_table_arn: Input[str]
    dynamodb_config_versions_table_name: Input[str]
    dynamodb_config_versions_table_arn: Input[str]
    ecr_repository_urls: Input[Mapping[str, Input[str]]]
    ecr_repository_arns: Input[Mapping[str, Input[str]]]
    cognito_user_pool_id: Input[str]
    cognito_user_pool_arn: Input[str]
    cognito_user_pool_client_id: Input[str]
    cognito_m2m_client_id: Input[str]
    cognito_m2m_client_secret: Input[str]
    cognito_user_pool_endpoint: Input[str]
    cognito_domain: Input[str]
    codeartifact_domain_name: Input[str]
    codeartifact_repository_endpoint: Input[str]
    pulumi_state_bucket_name: Input[str]
