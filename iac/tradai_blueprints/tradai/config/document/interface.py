"""What the images read from their environment (002 §2.4, §2.5): one row a variable.

The images are built elsewhere, so these rows describe their contract. Must never repeat a name or an address that
the configuration decides: those are spelled from it.
"""

from typing import Final

from tradai_blueprints.tradai.config.document.markdown import NOTHING, code, codes
from tradai_blueprints.tradai.config.document.values import COMMON, NAMES
from tradai_blueprints.tradai.config.services import STRATEGY_DEFAULTS

#: Mode of `BACKEND_EXECUTOR_MODE`, what it does, what for.
MODES: Final = (
    ("local", "Docker SDK local execution", "Development, testing"),
    ("ecs", "Direct ECS Fargate task launch", "Simple production backtests"),
    ("sqs", "SQS → Lambda → ECS", "High-volume with backpressure"),
    ("stepfunctions", "SQS → Lambda → Step Functions", "Complex multi-step workflows"),
)

#: Variable, values, default, description.
CONSUMER: Final = (
    ("LAUNCH_MODE", codes(("ecs", "stepfunctions")), code("ecs"), "SQS Lambda only - How Lambda launches backtests"),
    ("ECS_CLUSTER", "cluster ARN", NOTHING, "Target ECS cluster"),
    ("ECS_TASK_PREFIX", "string", code("strategy-"), "Task definition prefix"),
    ("STEP_FUNCTIONS_ARN", "Step Functions ARN", NOTHING, "For stepfunctions mode"),
)

#: Variable, description.
BOOTSTRAP: Final = (
    ("JOB_ID", "Unique job identifier"),
    ("STRATEGY", "Strategy class name (or `FREQTRADE_STRATEGY` as fallback)"),
    ("STRATEGY_ID", "Unique strategy identifier (required for live/dry-run)"),
    ("TRADING_MODE", "Execution mode"),
    ("MLFLOW_TRACKING_URI", "MLflow endpoint"),
)
INFRASTRUCTURE: Final = (
    ("CONFIG_PATH", "Freqtrade config file path"),
    ("DYNAMODB_TABLE", "Workflow state table (also accepts `WORKFLOW_STATE_TABLE`)"),
    ("S3_RESULTS_BUCKET", "S3 bucket for result uploads"),
    ("ARCTICDB_S3_URI", "ArcticDB S3 path"),
    ("RESULTS_DIR", "Local results path"),
    ("TIMEFRAME", "Backtest timeframe"),
    ("TIMERANGE", "Date range (YYYYMMDD-YYYYMMDD)"),
    ("PAIRS", "Comma-separated trading pairs"),
    ("EXPERIMENT_NAME", "MLflow experiment name"),
)


def bootstrap_examples() -> dict[str, str]:
    """Variable → an example of its value."""
    mlflow = COMMON.service("mlflow")
    root = (mlflow.health_check_path or "").rstrip("/")
    address = f"http://{mlflow.name}.{NAMES.dns_namespace}:{mlflow.port}{root}"
    return {
        "JOB_ID": "uuid",
        "STRATEGY": code("PascalStrategy"),
        "STRATEGY_ID": code("pascal-btc"),
        "TRADING_MODE": codes(("backtest", "live", "dry-run", "train")),
        "MLFLOW_TRACKING_URI": code(address),
    }


def infrastructure_defaults() -> dict[str, str]:
    """Variable → what an image takes where it is not set; a variable without a default is absent."""
    table = COMMON.storage.table("workflow-state").name
    return {
        **{variable: code(value) for variable, value in STRATEGY_DEFAULTS.items()},
        "DYNAMODB_TABLE": code(NAMES.name(table, kind="dynamodb-table")),
        "ARCTICDB_S3_URI": code(f"s3://{NAMES.name('arcticdb', kind='s3-bucket')}"),
    }
