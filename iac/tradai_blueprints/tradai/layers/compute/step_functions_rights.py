"""What a workflow may do: call its functions, run strategy tasks, hand on their roles, write its log (001 §6, §8).

Must never grant another workflow's functions, nor a task outside this cluster.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from tradai_iac.core.policy import AssumeRolePolicyBuilder, PolicyBuilder

#: The rule by which Step Functions hears that a task has ended; its name is AWS's.
_EVENTS_RULE: Final = "StepFunctionsGetEventsForECSTaskRule"
#: Log deliveries and traces know no resource: AWS accepts `*` alone.
_LOG_DELIVERY: Final = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
_TRACING: Final = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What one workflow touches. `family_arn` is the task definition's without its revision, so that a new one needs
    no new role; `role_arns` are the task's two.
    """

    account_id: str
    region: str
    function_arns: Sequence[pulumi.Input[str]]
    cluster_arn: pulumi.Input[str]
    family_arn: pulumi.Input[str]
    role_arns: Sequence[pulumi.Input[str]]


def trust_of(account_id: str, region: str, name: str) -> str:
    """Trust Step Functions on behalf of the one state machine of that name; JSON."""
    return AssumeRolePolicyBuilder.for_service(
        "states.amazonaws.com",
        conditions={
            "StringEquals": {"aws:SourceAccount": account_id},
            "ArnEquals": {"aws:SourceArn": f"arn:aws:states:{region}:{account_id}:stateMachine:{name}"},
        },
    )


def rights_of(reach: Reach) -> pulumi.Output[str]:
    """The policy of a workflow's role; JSON."""
    here = {"ArnEquals": {"ecs:cluster": reach.cluster_arn}}
    tasks = pulumi.Output.from_input(reach.cluster_arn).apply(tasks_of)
    return (
        PolicyBuilder()
        .allow(["lambda:InvokeFunction"], reach.function_arns)
        .allow(["ecs:RunTask"], [reach.family_arn, pulumi.Output.concat(reach.family_arn, ":*")], conditions=here)
        .allow(["ecs:DescribeTasks", "ecs:StopTask"], [tasks], conditions=here)
        .allow(["ecs:TagResource"], [tasks], conditions={"StringEquals": {"ecs:CreateAction": "RunTask"}})
        .allow(
            ["iam:PassRole"],
            reach.role_arns,
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        )
        .allow(
            ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            [f"arn:aws:events:{reach.region}:{reach.account_id}:rule/{_EVENTS_RULE}"],
        )
        .allow(_LOG_DELIVERY, ["*"])
        .allow(_TRACING, ["*"])
        .build()
    )


def tasks_of(cluster_arn: str) -> str:
    """The ARN of every task of a cluster: `…:task/{cluster}/*` for `…:cluster/{cluster}`."""
    return f"{cluster_arn.replace(':cluster/', ':task/')}/*"
