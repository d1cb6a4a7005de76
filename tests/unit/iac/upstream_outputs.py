"""Plausible outputs of each layer for the layers above it, as the mocked programs would export them.

Must never be imported by the product: it stands in for stacks that were not run.
"""

from typing import Any

from tradai_blueprints.tradai.config import settings_for
from tradai_blueprints.tradai.contracts import compute, edge, foundation, persistent

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
    """What compute reads; `changes` replace fields of either part."""
    images = [*_SETTINGS.images.fixed, "pascal-strategy"]
    tables = [table.name for table in _SETTINGS.storage.tables]
    buckets = [bucket.name for bucket in _SETTINGS.storage.buckets]
    queue = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/tradai"
    persistent: dict[str, Any] = {
        "s3_bucket_ids": {name: f"tradai-{name}-dev" for name in buckets},
        "s3_bucket_arns": {name: f"arn:aws:s3:::tradai-{name}-dev" for name in buckets},
        "s3_logs_bucket_id": "tradai-logs-dev",
        "dynamodb_table_names": {name: f"tradai-{name}-dev" for name in tables},
        "dynamodb_table_arns": {name: arn("dynamodb", f"table/tradai-{name}-dev") for name in tables},
        "ecr_repository_urls": {name: f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/tradai/{name}-dev" for name in images},
        "ecr_repository_arns": {name: arn("ecr", f"repository/tradai/{name}-dev") for name in images},
    }
    foundation: dict[str, Any] = {
        "vpc_id": "vpc-1",
        "public_subnet_ids": ["subnet-public-1", "subnet-public-2"],
        "private_subnet_ids": ["subnet-private-1", "subnet-private-2"],
        "alb_security_group_id": "sg-alb",
        "ecs_security_group_id": "sg-ecs",
        "lambda_security_group_id": "sg-lambda",
        "consolidated_security_group_id": "sg-consolidated",
        "rds_endpoint": f"tradai-mlflow-dev.{REGION}.rds.amazonaws.com:5432",
        "rds_secret_arn": arn("secretsmanager", "secret:rds!db-1"),
        "rds_database_name": "mlflow",
        "backtest_queue_url": f"{queue}-backtest-queue-dev.fifo",
        "backtest_queue_arn": arn("sqs", "tradai-backtest-queue-dev.fifo"),
        "backtest_dlq_url": f"{queue}-backtest-dlq-dev.fifo",
        "backtest_dlq_arn": arn("sqs", "tradai-backtest-dlq-dev.fifo"),
        "retraining_queue_url": f"{queue}-retraining-queue-dev.fifo",
        "retraining_queue_arn": arn("sqs", "tradai-retraining-queue-dev.fifo"),
        "sns_alerts_topic_arn": arn("sns", "tradai-alerts-dev"),
        "sns_registration_topic_arn": arn("sns", "tradai-registration-dev"),
        "secret_arns": {
            s.name: arn("secretsmanager", f"secret:tradai/{s.name}-dev") for s in _SETTINGS.secrets.secrets
        },
    }
    return compute.ComputeInputs(
        persistent=compute.FromPersistent(**_replaced(persistent, changes)),
        foundation=compute.FromFoundation(**_replaced(foundation, changes)),
    )


def edge_inputs(**changes: Any) -> edge.EdgeInputs:
    """What edge reads; `changes` replace fields of the compute part."""
    functions = [function.name for function in _SETTINGS.lambdas if not function.inline]
    read: dict[str, Any] = {
        "alb_arn": arn("elasticloadbalancing", "loadbalancer/app/tradai-alb-dev/1"),
        "alb_dns_name": "internal-tradai-alb-dev.example",
        "alb_http_listener_arn": arn("elasticloadbalancing", "listener/app/tradai-alb-dev/1/80"),
        "alb_https_listener_arn": None,
        "alb_server_name": None,
        "ecs_cluster_name": "tradai-cluster-dev",
        "lambda_function_arns": {name: arn("lambda", f"function:tradai-{name}-dev") for name in functions},
        "backtest_workflow_arn": arn("states", "stateMachine:tradai-backtest-workflow-dev"),
        "retraining_workflow_arn": arn("states", "stateMachine:tradai-retraining-workflow-dev"),
        "consolidated_asg_name": "tradai-consolidated-dev",
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
            backtest_dlq_arn=arn("sqs", "tradai-backtest-dlq-dev.fifo"),
            rds_instance_identifier="tradai-mlflow-dev",
            sns_alerts_topic_arn=arn("sns", "tradai-alerts-dev"),
        ),
        compute=edge.FromCompute(**read),
    )


def _replaced(read: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: changes.get(name, value) for name, value in read.items()}
