"""The roles of ECS tasks: one that starts them, one that they act as (001 §6, §8).

Must never grant more than the ARNs that were handed in: what a task may touch is named, never matched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_iac.core.component import Component
from tradai_iac.core.policy import AssumeRolePolicyBuilder, PolicyBuilder
from tradai_iac.naming import Naming

#: The buckets of 002 §3.1 that tasks work with; the logs bucket is written by AWS alone.
_TASK_BUCKETS: Final = ("configs", "results", "arcticdb", "mlflow")

Arns = pulumi.Input[Mapping[str, pulumi.Input[str]]]


@dataclass(frozen=True, kw_only=True)
class IamArgs:
    """ARNs of everything that tasks may reach, by name where there are many."""

    naming: Naming
    log_group_arn: pulumi.Input[str]
    repository_arns: Arns
    bucket_arns: Arns
    secret_arns: Arns
    rds_secret_arn: pulumi.Input[str]
    table_arns: Sequence[pulumi.Input[str]]
    queue_arn: pulumi.Input[str]
    topic_arn: pulumi.Input[str]


class Iam(Component):
    """`execution_role` and `task_role`."""

    def __init__(self, name: str, args: IamArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:Iam", name, opts)
        self._naming = args.naming
        self.execution_role = self._role("ecs-execution", "Starts ECS tasks", _execution_policy(args))
        self.task_role = self._role("ecs-task", "What ECS tasks act as", _task_policy(args))
        self.register_outputs({"execution_role_arn": self.execution_role.arn, "task_role_arn": self.task_role.arn})

    def _role(self, component: str, description: str, policy: pulumi.Output[str]) -> aws.iam.Role:
        name = self._naming.name(component, kind="iam-role")
        role = aws.iam.Role(
            component,
            name=name,
            description=description,
            assume_role_policy=AssumeRolePolicyBuilder.for_ecs_tasks(),
            opts=self.child(),
        )
        aws.iam.RolePolicy(component, name=name, role=role.id, policy=policy, opts=self.child())
        return role


def _execution_policy(args: IamArgs) -> pulumi.Output[str]:
    """Pull images, write logs, read the secrets that tasks are given.

    Repositories are all that exist, strategies' included, so their number is known once they do.
    """

    def build(known: Mapping[str, Mapping[str, str]]) -> pulumi.Output[str]:
        return (
            PolicyBuilder()
            .allow(["ecr:GetAuthorizationToken"], ["*"])
            .preset("ecr_pull", _sorted(known["repositories"]))
            .with_logs_write([args.log_group_arn])
            .with_secrets_read([*_sorted(known["secrets"]), args.rds_secret_arn])
            .build()
        )

    return pulumi.Output.all(repositories=args.repository_arns, secrets=args.secret_arns).apply(build)


def _task_policy(args: IamArgs) -> pulumi.Output[str]:
    """Data, secrets, the backtest queue, alerts and metrics (001 §8, the task role's example)."""
    buckets = pulumi.Output.from_input(args.bucket_arns)

    def build(known: Mapping[str, Mapping[str, str]]) -> pulumi.Output[str]:
        return (
            PolicyBuilder()
            .with_dynamodb_crud(args.table_arns)
            .with_s3_readwrite([buckets[bucket] for bucket in _TASK_BUCKETS])
            .with_secrets_read([*_sorted(known["secrets"]), args.rds_secret_arn])
            .preset("sqs_send", [args.queue_arn])
            .with_sns_publish([args.topic_arn])
            .with_cloudwatch_metrics(args.naming.project)
            .build()
        )

    return pulumi.Output.all(secrets=args.secret_arns).apply(build)


def _sorted(arns: Mapping[str, str]) -> list[str]:
    """In one order whatever the mapping's, so that a policy's text stays the same."""
    return [arns[name] for name in sorted(arns)]
