"""What a function is given that has the runner look for drift: where the task runs, and the leave to start it.

The task and its role are people's (`driftRunner`), made beside the environment that it looks at. Must never let the
function read a state: it meets the runner in the journals of runs, and reads the environment's history.
"""

from typing import Final

import pulumi

from tradai_blueprints.tradai.config.overrides import DriftRunner
from tradai_blueprints.tradai.layers.compute.wiring import Names, Wiring, where_tasks_run
from tradai_iac.core.policy import PolicyBuilder

#: What the variable says where there is no such task: one without a value counts as missing.
_NONE: Final = "none"
_HISTORY: Final = ".tradai/history/*"
_JOURNALS: Final = ".tradai/runs/*/journal/*"


def looking_variables(runner: DriftRunner | None, wiring: Wiring) -> Names:
    """The task's definition, cluster and network."""
    return {
        "DRIFT_RUNNER_TASK_DEFINITION": runner.task_definition if runner else _NONE,
        **where_tasks_run(wiring.tasks),
    }


def may_look(builder: PolicyBuilder, runner: DriftRunner | None, wiring: Wiring) -> None:
    """Start that one task in this cluster and look at it; ask and hear in the state bucket."""
    here = {"ArnEquals": {"ecs:cluster": wiring.tasks.cluster_arn}}
    builder.allow(["ecs:DescribeTasks"], [_tasks_of(wiring.tasks.cluster_arn)])
    if runner:
        builder.allow(["ecs:RunTask"], [runner.task_definition], conditions=here)
        to_tasks = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
        builder.allow(["iam:PassRole"], runner.roles, conditions=to_tasks)
    if wiring.state_bucket:
        bucket = f"arn:aws:s3:::{wiring.state_bucket}"
        builder.allow(["s3:ListBucket"], [bucket])
        builder.allow(["s3:GetObject"], [f"{bucket}/{_HISTORY}", f"{bucket}/{_JOURNALS}"])
        builder.allow(["s3:PutObject"], [f"{bucket}/{_JOURNALS}"])


def _tasks_of(cluster_arn: pulumi.Input[str]) -> pulumi.Output[str]:
    return pulumi.Output.from_input(cluster_arn).apply(lambda arn: f"{arn.replace(':cluster/', ':task/', 1)}/*")
