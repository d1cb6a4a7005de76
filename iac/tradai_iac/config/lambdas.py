"""The 18 Lambda functions and their schedules (002 §7), one row a function.

Must never hold a function's environment: that needs outputs and belongs to the layer.
"""

from typing import Final, Literal

from tradai_iac.base import Frozen

Trigger = Literal["sqs", "schedule", "step-functions", "backend-api", "asg-lifecycle"]

#: The runtime of all functions (002 §7).
RUNTIME: Final = "python3.11"


class LambdaFunction(Frozen):
    """One row of 002 §7: memory in MB, timeout in seconds; `schedule` is an EventBridge rate expression."""

    name: str
    memory_mb: int
    timeout_seconds: int
    in_vpc: bool
    trigger: Trigger
    schedule: str | None = None
    runtime: str = RUNTIME


def _row(
    name: str, memory: int, timeout: int, vpc: bool, trigger: Trigger, schedule: str | None = None
) -> LambdaFunction:
    return LambdaFunction(
        name=name, memory_mb=memory, timeout_seconds=timeout, in_vpc=vpc, trigger=trigger, schedule=schedule
    )


LAMBDAS: Final = (
    _row("backtest-consumer", 256, 30, True, "sqs"),
    _row("sqs-consumer", 256, 30, True, "sqs"),
    _row("orphan-scanner", 128, 60, True, "schedule", "rate(5 minutes)"),
    _row("health-check", 256, 60, True, "schedule", "rate(2 minutes)"),
    _row("trading-heartbeat-check", 256, 60, True, "schedule", "rate(5 minutes)"),
    _row("drift-monitor", 512, 120, True, "schedule", "rate(12 hours)"),
    _row("retraining-scheduler", 256, 60, True, "schedule", "rate(6 hours)"),
    _row("validate-strategy", 256, 30, True, "step-functions"),
    _row("data-collection-proxy", 256, 180, True, "step-functions"),
    _row("notify-completion", 128, 30, False, "step-functions"),
    _row("check-retraining-needed", 256, 30, True, "step-functions"),
    _row("compare-models", 512, 120, True, "step-functions"),
    _row("promote-model", 256, 60, True, "step-functions"),
    _row("model-rollback", 256, 60, True, "backend-api"),
    _row("cleanup-resources", 256, 60, True, "step-functions"),
    _row("update-status", 256, 30, True, "step-functions"),
    _row("pulumi-drift-detector", 512, 300, False, "schedule", "rate(6 hours)"),
    _row("update-nat-routes", 128, 120, False, "asg-lifecycle"),
)
