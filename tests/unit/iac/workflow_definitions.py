"""The workflows as the component declares them under mocks, with arguments that are plain to recognize.

Must never assert anything.
"""

import json
from functools import cache
from typing import Any

from tests.unit.iac.frozen import frozen
from tests.unit.iac.pulumi_mocks import ACCOUNT, REGION, Run, record
from tradai_blueprints.tradai.config.lambdas import LAMBDAS
from tradai_blueprints.tradai.config.workflows import WORKFLOWS
from tradai_blueprints.tradai.layers.compute.step_functions import Workflows, WorkflowsArgs
from tradai_iac.naming import Naming

MACHINE = "aws:sfn/stateMachine:StateMachine"
ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
CLUSTER = f"{ECS}:cluster/tradai-cluster-dev"
FAMILY = f"{ECS}:task-definition/tradai-strategy-dev"
ROLES = tuple(f"arn:aws:iam::{ACCOUNT}:role/tradai-ecs-{kind}-dev" for kind in ("execution", "task"))
NAMES = tuple(row.name for row in WORKFLOWS)


def function_arn(name: str) -> str:
    """The ARN of a function by its name in 002 §7."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:tradai-{name}-dev"


def args(**changes: Any) -> WorkflowsArgs:
    """The component's arguments as compute would give them, with what a test changes."""
    given: dict[str, Any] = {
        "naming": Naming("tradai", "dev"),
        "account_id": ACCOUNT,
        "region": REGION,
        "log_retention_days": 30,
        "function_arns": {row.name: function_arn(row.name) for row in LAMBDAS},
        "cluster_arn": CLUSTER,
        "family_arn": FAMILY,
        "role_arns": ROLES,
        "capacity_provider": "FARGATE_SPOT",
        "container": "strategy-container",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "security_group_id": "sg-ecs",
        "status_table": "tradai-workflow-state-dev",
        "results_bucket": "tradai-results-dev",
        "arcticdb_bucket": "tradai-arcticdb-dev",
        "mlflow_uri": "http://mlflow.tradai-dev.local:5000/mlflow",
    }
    return WorkflowsArgs(**given | changes)


def declare(**changes: Any) -> Run:
    """The component alone; its outputs by name."""
    outputs: dict[str, Any] = {}

    def body() -> None:
        made = Workflows("workflows", args(**changes))
        for name in ("backtest_workflow_arn", "backtest_workflow_name", "retraining_workflow_name"):
            getattr(made, name).apply(lambda value, name=name: outputs.__setitem__(name, value))

    return Run(record(body, "tradai-compute", "dev"), outputs)


@cache
def declared() -> Run:
    """The component with the arguments as they are."""
    return frozen(declare())


def definition(name: str) -> dict[str, Any]:
    """A workflow's definition, read anew each time, so that a test may break it."""
    document: dict[str, Any] = json.loads(declared().of(MACHINE)[f"{name}-workflow"]["definition"])
    return document


def states(name: str) -> dict[str, dict[str, Any]]:
    """A workflow's states by name."""
    found: dict[str, dict[str, Any]] = definition(name)["States"]
    return found


def called(name: str) -> dict[str, str]:
    """State → ARN of the function that it calls."""
    calls = {state: body["Parameters"].get("FunctionName") for state, body in states(name).items() if is_task(body)}
    return {state: arn for state, arn in calls.items() if arn}


def is_task(state: dict[str, Any]) -> bool:
    """Whether a state does something, and does not only choose or end."""
    return bool(state["Type"] == "Task")
