"""The ECS services: size, count, ports, health checks, discovery (002 §2).

Must never hold a task's environment: that needs outputs and belongs to the layer.
"""

from typing import Final, Literal

from tradai_iac.base import Frozen

LaunchType = Literal["FARGATE", "FARGATE_SPOT"]


class Service(Frozen):
    """One row of 002 §2.2 with its port (§2.1, §2.3), health check path (§2.1) and image (001 §3 ECR_REPOS).

    CPU in units of 1/1024 vCPU, memory in MB. `port` is None where nothing listens, `health_check_path` where
    no load balancer checks, `image` where the image is the strategy's own. `path_patterns` are what the load
    balancer sends here; `discoverable` says whether it has a name in Service Discovery.
    """

    name: str
    cpu: int
    memory_mb: int
    desired_count: int
    launch_type: LaunchType
    port: int | None = None
    health_check_path: str | None = None
    image: str | None = None
    path_patterns: tuple[str, ...] = ()
    discoverable: bool = True

    @property
    def behind_load_balancer(self) -> bool:
        """Whether the load balancer has a target group for it (002 §2.1)."""
        return self.health_check_path is not None


_HEALTH: Final = "/api/v1/health"

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
    ),
    Service(
        name="strategy-container",
        cpu=1024,
        memory_mb=2048,
        desired_count=0,
        launch_type="FARGATE_SPOT",
        discoverable=False,
    ),
    Service(
        name="live-trading",
        cpu=1024,
        memory_mb=2048,
        desired_count=0,
        launch_type="FARGATE",
        port=8004,
        image="live-trading",
    ),
    Service(
        name="dry-run-trading",
        cpu=1024,
        memory_mb=2048,
        desired_count=0,
        launch_type="FARGATE_SPOT",
        port=8005,
        image="dry-run-trading",
    ),
)
