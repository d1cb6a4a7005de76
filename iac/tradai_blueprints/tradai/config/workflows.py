"""The Step Functions workflows (000 step_functions.py, 001 §6): what each runs, and for how long, one row a workflow.

002 §7 names the functions by their trigger alone; which workflow calls which follows from 001 §6. Must never hold a
state: those are in the templates.
"""

from typing import Final, Literal

from tradai_blueprints.tradai.config.needs import WorkflowName
from tradai_iac.base import Frozen

_HOUR: Final = 3600
#: Variables of the strategy container that come with the request (002 §2.5), and where in it they stand.
FROM_REQUEST: Final = {
    "CONFIG_PATH": "config_path",
    "EXPERIMENT_NAME": "experiment_name",
    "JOB_ID": "job_id",
    "PAIRS": "pairs",
    "STRATEGY": "strategy",
    "STRATEGY_ID": "strategy_id",
    "TIMEFRAME": "timeframe",
    "TIMERANGE": "timerange",
}
#: What ECS takes of a task's overrides together, in characters of JSON.
OVERRIDES_CHARACTERS: Final = 8192
#: What of that is for the variables that do not come with the request: addresses and names of stores.
OVERRIDES_OF_WORKFLOWS: Final = 1400


class Workflow(Frozen):
    """One workflow; times in seconds.

    `task_timeout_seconds` bounds the ECS task. 000 asks for "2+ hour executions", so two hours would cut off what it
    promises. `timeout_seconds` bounds the whole execution and leaves the task's limit, start-ups that are tried again
    and all functions their time: an execution that meets it ends without a word to anybody.
    """

    name: WorkflowName
    component: str
    template: str
    trading_mode: Literal["backtest", "train"]
    functions: tuple[str, ...]
    task_timeout_seconds: int
    timeout_seconds: int


WORKFLOWS: Final = (
    Workflow(
        name="backtest",
        component="backtest-workflow",
        template="backtest_workflow",
        trading_mode="backtest",
        functions=(
            "validate-strategy",
            "data-collection-proxy",
            "update-status",
            "cleanup-resources",
            "notify-completion",
        ),
        task_timeout_seconds=3 * _HOUR,
        timeout_seconds=6 * _HOUR,
    ),
    Workflow(
        name="retraining",
        component="retraining-workflow",
        template="retraining_workflow",
        trading_mode="train",
        functions=("check-retraining-needed", "compare-models", "promote-model", "notify-completion"),
        task_timeout_seconds=6 * _HOUR,
        timeout_seconds=9 * _HOUR,
    ),
)
