"""The 18 Lambda functions, their schedules (002 §7) and what they use, one row a function.

Must never hold a function's environment: that needs outputs and belongs to the layer. What each one uses is in no
document as a table; it follows from its purpose in 000 and from 002 §2.4.
"""

from typing import Final, Literal, Self

from pydantic import model_validator

from tradai_blueprints.tradai.config.needs import NOTHING, ItemCall, Needs, TopicName
from tradai_iac.base import Frozen

Trigger = Literal["sqs", "schedule", "step-functions", "backend-api", "asg-lifecycle"]

#: The runtime of all functions (002 §7).
RUNTIME: Final = "python3.11"


class LambdaFunction(Frozen):
    """One row of 002 §7: memory in MB, timeout in seconds; `schedule` is an EventBridge rate expression.

    `inline` is a function whose code is part of the program, not an image (000). Refuses a row whose trigger is not
    what its schedule or its queue says, and one that calls into the VPC from outside.
    """

    name: str
    memory_mb: int
    timeout_seconds: int
    in_vpc: bool
    trigger: Trigger
    schedule: str | None = None
    runtime: str = RUNTIME
    purpose: str = ""
    needs: Needs = NOTHING
    inline: bool = False

    @model_validator(mode="after")
    def _is_started_as_it_says(self) -> Self:
        if (self.trigger == "schedule") != (self.schedule is not None):
            raise ValueError(f"{self.name}: trigger schedule and a schedule go together")
        if (self.trigger == "sqs") != bool(self.needs.consumes):
            raise ValueError(f"{self.name}: trigger sqs and a queue to consume go together")
        return self

    @model_validator(mode="after")
    def _reaches_what_it_calls(self) -> Self:
        if not self.in_vpc and (self.needs.services or self.needs.database):
            raise ValueError(f"{self.name}: services and the database answer in the VPC alone, put it there")
        return self


def _row(
    name: str,
    memory: int,
    timeout: int,
    vpc: bool,
    trigger: Trigger,
    schedule: str | None = None,
    *,
    purpose: str,
    needs: Needs = NOTHING,
    inline: bool = False,
) -> LambdaFunction:
    return LambdaFunction(
        name=name,
        memory_mb=memory,
        timeout_seconds=timeout,
        in_vpc=vpc,
        trigger=trigger,
        schedule=schedule,
        purpose=purpose,
        needs=needs,
        inline=inline,
    )


_NAMED: Final = ("backend-api", "data-collection", "mlflow", "strategy-service", "live-trading", "dry-run-trading")
_MLFLOW: Final = ("mlflow",)
_MLFLOW_LOGIN: Final = ("mlflow-credentials",)
_ALERTS: Final[tuple[TopicName, ...]] = ("alerts",)

#: Powertools' own calls for work that is done once.
_ONCE: Final[tuple[ItemCall, ...]] = ("DeleteItem", "PutItem", "UpdateItem")

LAMBDAS: Final = (
    _row(
        "backtest-consumer", 256, 30, True, "sqs",
        purpose="Consume backtest requests, launch ECS tasks",
        needs=Needs(
            tables={"workflow-state": ("GetItem", "PutItem", "UpdateItem"), "idempotency": _ONCE},
            consumes=("backtest",),
            sends=("dead-letter",),
            workflows=("backtest",),
            runs_tasks=("RunTask",),
        ),
    ),
    _row(
        "sqs-consumer", 256, 30, True, "sqs",
        purpose="Consume retraining messages, launch ECS tasks",
        needs=Needs(
            tables={"retraining-state": ("GetItem", "UpdateItem"), "idempotency": _ONCE},
            consumes=("retraining",),
            sends=("dead-letter",),
            workflows=("retraining",),
            follows=("retraining",),
            runs_tasks=("RunTask",),
        ),
    ),
    _row(
        "orphan-scanner", 128, 60, True, "schedule", "rate(5 minutes)",
        purpose="Orphaned ECS task cleanup",
        needs=Needs(
            tables={
                "workflow-state": ("GetItem", "Query", "UpdateItem"),
                "trading-state": ("GetItem", "UpdateItem"),
                "retraining-state": ("Scan",),
            },
            topics=_ALERTS,
            follows=("backtest",),
            runs_tasks=("DescribeTasks", "ListTasks", "StopTask"),
        ),
    ),
    _row(
        "health-check", 256, 60, True, "schedule", "rate(2 minutes)",
        purpose="Service health monitoring",
        needs=Needs(tables={"health-state": ("GetItem", "PutItem")}, services=_NAMED, topics=_ALERTS, standing=True),
    ),
    _row(
        "trading-heartbeat-check", 256, 60, True, "schedule", "rate(5 minutes)",
        purpose="Trading heartbeat detection",
        needs=Needs(
            tables={"trading-state": ("GetItem", "Scan", "UpdateItem")},
            topics=_ALERTS,
            hears=("registration",),
            standing=True,
        ),
    ),
    _row(
        "drift-monitor", 512, 120, True, "schedule", "rate(12 hours)",
        purpose="Model drift detection",
        needs=Needs(
            tables={"drift-state": ("GetItem", "PutItem")},
            buckets={"results": ("GetObject", "ListBucket")},
            services=_MLFLOW,
            secrets=_MLFLOW_LOGIN,
            topics=_ALERTS,
        ),
    ),
    _row(
        "retraining-scheduler", 256, 60, True, "schedule", "rate(6 hours)",
        purpose="Retraining triggers",
        needs=Needs(
            tables={"retraining-state": ("GetItem", "Scan", "UpdateItem"), "drift-state": ("GetItem", "Scan")},
            sends=("retraining",),
            follows=("retraining",),
        ),
    ),
    _row(
        "validate-strategy", 256, 30, True, "step-functions",
        purpose="Strategy validation",
        needs=Needs(
            tables={"config-versions": ("GetItem", "Query")},
            buckets={"configs": ("ListBucket",)},
            services=("strategy-service",),
        ),
    ),
    _row(
        "data-collection-proxy", 256, 180, True, "step-functions",
        purpose="Data collection proxy",
        needs=Needs(services=("data-collection",)),
    ),
    _row(
        "notify-completion", 128, 30, False, "step-functions",
        purpose="Send pipeline completion notifications",
        needs=Needs(tables={"notifications": ("GetItem", "PutItem", "UpdateItem")}, topics=_ALERTS),
    ),
    _row(
        "check-retraining-needed", 256, 30, True, "step-functions",
        purpose="Evaluate drift state for retraining",
        needs=Needs(tables={"drift-state": ("GetItem",), "retraining-state": ("GetItem", "UpdateItem")}),
    ),
    _row(
        "compare-models", 512, 120, True, "step-functions",
        purpose="Compare champion vs challenger models",
        needs=Needs(tables={"shadow-test-state": ("Query",)}, services=_MLFLOW, secrets=_MLFLOW_LOGIN),
    ),
    _row(
        "promote-model", 256, 60, True, "step-functions",
        purpose="Promote challenger to Production in MLflow",
        needs=Needs(
            tables={
                "deployments": ("PutItem",),
                "rollback-state": ("GetItem", "UpdateItem"),
                "retraining-state": ("GetItem", "UpdateItem"),
            },
            services=_MLFLOW,
            secrets=_MLFLOW_LOGIN,
            topics=("alerts", "registration"),
        ),
    ),
    _row(
        "model-rollback", 256, 60, True, "backend-api",
        purpose="Roll back model to previous version",
        needs=Needs(
            tables={"rollback-state": ("GetItem", "UpdateItem"), "deployments": ("PutItem",)},
            services=_MLFLOW,
            secrets=_MLFLOW_LOGIN,
            topics=("alerts", "registration"),
        ),
    ),
    _row(
        "cleanup-resources", 256, 60, True, "step-functions",
        purpose="Stop orphaned ECS tasks on failure",
        needs=Needs(runs_tasks=("DescribeTasks", "ListTasks", "StopTask")),
    ),
    _row(
        "update-status", 256, 30, True, "step-functions",
        purpose="Job status updates in DynamoDB",
        needs=Needs(tables={"workflow-state": ("GetItem", "UpdateItem")}),
    ),
    _row(
        "pulumi-drift-detector", 512, 300, False, "schedule", "rate(6 hours)",
        purpose="Infrastructure drift detection",
        needs=Needs(tables={"infra-drift-state": ("GetItem", "PutItem")}, topics=_ALERTS, reads_state=True),
    ),
    _row(
        "update-nat-routes", 128, 120, False, "asg-lifecycle",
        purpose="Update the private route table on NAT replacement",
        inline=True,
    ),
)  # fmt: skip
