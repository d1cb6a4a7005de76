"""Plausible outputs of each layer for the layers above it, as the mocked programs would export them.

Must never be imported by the product: it stands in for stacks that were not run.
"""

from typing import Any

from tradai_iac.config import settings_for
from tradai_iac.contracts import compute, edge, foundation, persistent

ACCOUNT = "123456789012"
REGION = "eu-central-1"
_SETTINGS = settings_for("dev")


def arn(service: str, resource: str) -> str:
    """An ARN in the test account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def persistent_inputs() -> persistent.PersistentInputs:
    """Nothing is upstream."""
    return persistent.PersistentInputs()


def foundation_inputs() -> foundation.FoundationInputs:
    """Nothing is upstream."""
    return foundation.FoundationInputs()


def compute_inputs(**changes: Any) -> compute.ComputeInputs:
    """What compute reads; `changes` replace fields of the persistent part."""
    images = [*_SETTINGS.images.services, "pascal-strategy"]
    read: dict[str, Any] = {
        "s3_bucket_arns": {b.name: f"arn:aws:s3:::tradai-{b.name}-dev" for b in _SETTINGS.storage.buckets},
        "s3_logs_bucket_id": "tradai-logs-dev",
        "dynamodb_workflow_state_table_arn": arn("dynamodb", "table/tradai-workflow-state-dev"),
        "dynamodb_trading_state_table_arn": arn("dynamodb", "table/tradai-trading-state-dev"),
        "ecr_repository_arns": {name: arn("ecr", f"repository/tradai/{name}-dev") for name in images},
        **changes,
    }
    return compute.ComputeInputs(
        persistent=compute.FromPersistent(**read),
        foundation=compute.FromFoundation(
            vpc_id="vpc-1",
            public_subnet_ids=["subnet-public-1", "subnet-public-2"],
            alb_security_group_id="sg-alb",
            rds_secret_arn=arn("secretsmanager", "secret:rds!db-1"),
            backtest_queue_arn=arn("sqs", "tradai-backtest-queue-dev.fifo"),
            sns_alerts_topic_arn=arn("sns", "tradai-alerts-dev"),
            secret_arns={
                s.name: arn("secretsmanager", f"secret:tradai/{s.name}-dev") for s in _SETTINGS.secrets.secrets
            },
        ),
    )


def edge_inputs(**changes: Any) -> edge.EdgeInputs:
    """What edge reads; `changes` replace fields of the compute part."""
    read: dict[str, Any] = {
        "alb_dns_name": "internal-tradai-alb-dev.example",
        "alb_http_listener_arn": arn("elasticloadbalancing", "listener/app/tradai-alb-dev/1/80"),
        "alb_https_listener_arn": None,
        "alb_server_name": None,
        "ecs_cluster_name": "tradai-cluster-dev",
        **changes,
    }
    return edge.EdgeInputs(
        persistent=edge.FromPersistent(
            cognito_user_pool_id="pool-1",
            cognito_user_pool_client_id="web-1",
            cognito_m2m_client_id="m2m-1",
            cognito_user_pool_endpoint=f"cognito-idp.{REGION}.amazonaws.com/pool-1",
        ),
        foundation=edge.FromFoundation(
            private_subnet_ids=["subnet-private-1", "subnet-private-2"],
            ecs_security_group_id="sg-ecs",
            backtest_queue_url=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/tradai-backtest-queue-dev.fifo",
            backtest_queue_arn=arn("sqs", "tradai-backtest-queue-dev.fifo"),
            rds_instance_identifier="tradai-mlflow-dev",
        ),
        compute=edge.FromCompute(**read),
    )
