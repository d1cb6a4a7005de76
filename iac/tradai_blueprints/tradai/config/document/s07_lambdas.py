"""Section 7: the Lambda functions (002 §7).

Must never say a schedule of its own: it is read from the rate expression.
"""

from typing import Final

from tradai_blueprints.tradai.config.document.markdown import blocks, code, table, yes
from tradai_blueprints.tradai.config.document.values import COMMON, NAMES
from tradai_blueprints.tradai.config.lambdas import LambdaFunction

_TRIGGERS: Final = {
    "sqs": "SQS",
    "schedule": "EventBridge",
    "step-functions": "Step Functions",
    "backend-api": "Backend API",
    "asg-lifecycle": "ASG Lifecycle",
}


def lambdas() -> str:
    """The whole section."""
    rows = (_row(function) for function in COMMON.lambdas)
    return blocks(
        "## 7. Lambda Functions",
        table(("Function Name", "Runtime", "Memory", "Timeout", "VPC", "Trigger"), rows),
    )


def _row(function: LambdaFunction) -> tuple[str, ...]:
    return (
        code(NAMES.name(function.name, kind="lambda")),
        function.runtime.replace("python", "Python "),
        f"{function.memory_mb} MB",
        f"{function.timeout_seconds}s",
        yes(function.in_vpc),
        _trigger(function),
    )


def _trigger(function: LambdaFunction) -> str:
    every = function.schedule.removeprefix("rate(").removesuffix(")") if function.schedule else None
    return _TRIGGERS[function.trigger] + (f" ({every})" if every else "")
