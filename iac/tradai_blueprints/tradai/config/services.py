"""The ECS services: size, count, ports, health checks, discovery (002 §2), and what they use.

Must never hold a task's environment: that needs outputs and belongs to the layer. What each one uses is in no
document as a table; it follows from its purpose, its routes (002 §5.1) and 002 §2.5.
"""

from typing import Final, Literal, Self

from pydantic import model_validator

from tradai_blueprints.tradai.config.needs import NOTHING, Needs
from tradai_iac.base import Frozen

LaunchType = Literal["FARGATE", "FARGATE_SPOT"]
ExecutorMode = Literal["local", "ecs", "sqs", "stepfunctions"]

_HEALTH: Final = "/api/v1/health"


class Service(Frozen):
    """One row of 002 §2.2 with its port (§2.1, §2.3), health check path (§2.1) and image (001 §3 ECR_REPOS).

    CPU in units of 1/1024 vCPU, memory in MB. `port` is None where nothing listens, `health_check_path` where
    no load balancer checks. `image` of the strategy container stands in until a strategy brings its own (000 ECS).
    `path_patterns` are what the load balancer sends here; `discoverable` says whether it has a name in Service
    Discovery; `trading_mode` is the TRADING_MODE that its tasks start with (002 §2.5).
    """

    name: str
    cpu: int
    memory_mb: int
    desired_count: int
    launch_type: LaunchType
    port: int | None = None
    health_check_path: str | None = None
    image: str
    path_patterns: tuple[str, ...] = ()
    discoverable: bool = True
    trading_mode: Literal["backtest", "live", "dry-run"] | None = None
    needs: Needs = NOTHING

    @model_validator(mode="after")
    def _trades_live_on_what_stays(self) -> Self:
        """AWS takes Spot away with two minutes' notice, and an open position with it."""
        if self.trading_mode == "live" and self.launch_type == "FARGATE_SPOT":
            raise ValueError(
                f"{self.name} trades live and must never run on Spot, which AWS may take away in mid-trade"
            )
        return self

    @property
    def address_known(self) -> bool:
        """Whether it answers at a name in Service Discovery (002 §2.3)."""
        return self.discoverable and self.port is not None

    @property
    def health_path(self) -> str:
        """Where it says how it is, whether or not a load balancer asks."""
        return self.health_check_path or _HEALTH

    @property
    def behind_load_balancer(self) -> bool:
        """Whether the load balancer has a target group for it (002 §2.1)."""
        return self.health_check_path is not None

    @property
    def standing(self) -> bool:
        """Whether it stands all the time; the others are started on demand (002 §2.2)."""
        return self.desired_count > 0


class Scaling(Frozen):
    """What the number of a standing service's tasks follows, in percent of what a task has; in no document."""

    cpu_percent: int = 70
    memory_percent: int = 80


SCALING: Final = Scaling()

#: What strategy containers take where a start says nothing else (002 §2.5).
STRATEGY_DEFAULTS: Final = {
    "CONFIG_PATH": "/freqtrade/user_data/config.json",
    "RESULTS_DIR": "/freqtrade/user_data/backtest_results",
    "EXPERIMENT_NAME": "default",
}


def executor_mode(launch_mode: Literal["ecs", "stepfunctions"]) -> ExecutorMode:
    """BACKEND_EXECUTOR_MODE that goes with the consumers' LAUNCH_MODE (002 §2.4): both go through the queue."""
    return "stepfunctions" if launch_mode == "stepfunctions" else "sqs"


#: The path patterns are in no document (001 §3 names the table only): 002 §5.1 sends all of the API to the
#: backend and /mlflow/* to MLflow; the other two get a prefix of their own.
SERVICES: Final = (
    Service(
        name="backend-api",
        cpu=512,
        memory_mb=1024,
        desired_count=1,
        launch_type="FARGATE",
        port=8000,
        health_check_path=_HEALTH,
        image="backend",
        path_patterns=("/api/v1/*",),
        needs=Needs(
            tables=(
                "workflow-state",
                "idempotency",
                "health-state",
                "trading-state",
                "deployments",
                "drift-state",
                "retraining-state",
                "rollback-state",
                "shadow-test-state",
                "notifications",
                "config-versions",
            ),
            buckets=("configs", "results"),
            services=("data-collection", "mlflow", "strategy-service", "live-trading", "dry-run-trading"),
            secrets=("jwt-secret", "mlflow-credentials"),
            sends=("backtest",),
            topics=("alerts", "registration"),
            functions=("model-rollback",),
            workflows=("backtest",),
            runs_tasks=True,
        ),
    ),
    Service(
        name="data-collection",
        cpu=256,
        memory_mb=512,
        desired_count=1,
        launch_type="FARGATE",
        port=8002,
        health_check_path=_HEALTH,
        image="data-collection",
        path_patterns=("/data-collection/*",),
        needs=Needs(buckets=("arcticdb", "configs"), secrets=("binance-api",), topics=("alerts",)),
    ),
    Service(
        name="mlflow",
        cpu=512,
        memory_mb=1024,
        desired_count=1,
        launch_type="FARGATE",
        port=5000,
        health_check_path="/mlflow/",
        image="mlflow",
        path_patterns=("/mlflow", "/mlflow/*"),
        needs=Needs(buckets=("mlflow",), secrets=("database-url", "mlflow-credentials"), database=True),
    ),
    Service(
        name="strategy-service",
        cpu=512,
        memory_mb=1024,
        desired_count=1,
        launch_type="FARGATE",
        port=8003,
        health_check_path=_HEALTH,
        image="strategy-service",
        path_patterns=("/strategy-service/*",),
        needs=Needs(
            tables=("deployments", "config-versions", "shadow-test-state"),
            buckets=("configs", "results"),
            services=("mlflow",),
            secrets=("mlflow-credentials",),
            topics=("registration",),
        ),
    ),
    Service(
        name="strategy-container",
        cpu=1024,
        memory_mb=2048,
        desired_count=0,
        launch_type="FARGATE_SPOT",
        discoverable=False,
        image="dry-run-trading",
        trading_mode="backtest",
        needs=Needs(
            tables=("workflow-state",),
            buckets=("configs", "results", "arcticdb"),
            services=("mlflow",),
            secrets=("mlflow-credentials",),
        ),
    ),
    Service(
        name="live-trading",
        cpu=1024,
        memory_mb=2048,
        desired_count=0,
        launch_type="FARGATE",
        port=8004,
        image="live-trading",
        trading_mode="live",
        needs=Needs(
            tables=("trading-state", "deployments", "config-versions"),
            buckets=("configs", "results", "arcticdb"),
            services=("mlflow", "data-collection"),
            secrets=("binance-api", "mlflow-credentials"),
            topics=("alerts",),
        ),
    ),
    Service(
        name="dry-run-trading",
        cpu=1024,
        memory_mb=2048,
        desired_count=0,
        launch_type="FARGATE_SPOT",
        port=8005,
        image="dry-run-trading",
        trading_mode="dry-run",
        needs=Needs(
            tables=("trading-state", "deployments", "config-versions", "shadow-test-state"),
            buckets=("configs", "results", "arcticdb"),
            services=("mlflow", "data-collection"),
            secrets=("mlflow-credentials",),
            topics=("alerts",),
        ),
    ),
)
