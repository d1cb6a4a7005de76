"""The roles of ECS tasks: one that starts them all, and one a service that its tasks act as (001 §6, §8).

A role comes first and its rights later, because some rights name what is made with the role's ARN. Must never grant
more than a service's row needs: what a task may touch is named, never matched.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.monitoring import METRICS_NAMESPACE
from tradai_blueprints.tradai.config.services import Service
from tradai_blueprints.tradai.layers.compute.wiring import Wiring, grant
from tradai_iac.core.component import Component
from tradai_iac.core.policy import AssumeRolePolicyBuilder, PolicyBuilder
from tradai_iac.naming import Naming
from tradai_iac.tags import SERVICE_TAG

_EXECUTION: Final = "ecs-execution"


@dataclass(frozen=True, kw_only=True)
class IamArgs:
    """The services that have tasks, and what starting those takes.

    `repository_arns` are all repositories by component name, `never_pulled` those whose images no task runs.
    """

    naming: Naming
    services: Sequence[Service]
    repository_arns: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    never_pulled: Collection[str]
    log_group_arns: Sequence[pulumi.Input[str]]


class Iam(Component):
    """`execution_role` with its `execution_policy`, and `task_roles` by service, as yet without rights."""

    def __init__(self, name: str, args: IamArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:Iam", name, opts)
        self._naming = args.naming
        self.execution_role = self._role(_EXECUTION, "Starts ECS tasks")
        self.execution_policy = aws.iam.RolePolicy(
            _EXECUTION,
            name=args.naming.name(_EXECUTION, kind="iam-role"),
            role=self.execution_role.id,
            policy=_execution_policy(args),
            opts=self.child(),
        )
        self.task_roles: Mapping[str, aws.iam.Role] = {
            service.name: self._role(task_role(service), f"What tasks of {service.name} act as", service)
            for service in args.services
        }
        self.register_outputs({"execution_role_arn": self.execution_role.arn})

    @property
    def task_role_arns(self) -> Mapping[str, pulumi.Output[str]]:
        """Service → ARN of the role that its tasks act as."""
        return {name: role.arn for name, role in self.task_roles.items()}

    def _role(self, component: str, description: str, service: Service | None = None) -> aws.iam.Role:
        return aws.iam.Role(
            component,
            name=self._naming.name(component, kind="iam-role"),
            description=description,
            assume_role_policy=AssumeRolePolicyBuilder.for_ecs_tasks(),
            tags={SERVICE_TAG: service.name} if service else None,
            opts=self.child(),
        )


@dataclass(frozen=True, kw_only=True)
class TaskPoliciesArgs:
    """The services, their roles by name, and all that they can be given."""

    naming: Naming
    services: Sequence[Service]
    roles: Mapping[str, aws.iam.Role]
    wiring: Wiring


class TaskPolicies(Component):
    """`policies` by service: what its row of `config.services` needs, and metrics."""

    def __init__(self, name: str, args: TaskPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:TaskPolicies", name, opts)
        self.policies: Mapping[str, aws.iam.RolePolicy] = {
            service.name: aws.iam.RolePolicy(
                task_role(service),
                name=args.naming.name(task_role(service), kind="iam-role"),
                role=args.roles[service.name].id,
                policy=_task_policy(service, args.wiring),
                opts=self.child(),
            )
            for service in args.services
        }
        self.register_outputs({})


def task_role(service: Service) -> str:
    """Component name of the role that a service's tasks act as."""
    return f"{service.name}-task"


def _execution_policy(args: IamArgs) -> pulumi.Output[str]:
    """Pull the images that tasks run, strategies' included, and write their logs.

    No secrets: tasks are given ARNs and read those themselves.
    """

    def build(known: Mapping[str, Any]) -> pulumi.Output[str]:
        pulled = [known[name] for name in sorted(known) if name not in args.never_pulled]
        builder = PolicyBuilder().with_ecr_login().preset("ecr_pull", pulled)
        return builder.with_logs_write(args.log_group_arns).build()

    return pulumi.Output.from_input(args.repository_arns).apply(build)


def _task_policy(service: Service, wiring: Wiring) -> pulumi.Output[str]:
    return grant(PolicyBuilder(), service.needs, wiring).with_cloudwatch_metrics(METRICS_NAMESPACE).build()
