"""The roles: one that starts the tasks, the operator's, the runs'.

All containers of the control plane have one role, as ECS has it: what the init step reads, the operator could. Must
never give the operator or a run more of an environment than the step into the role that deploys it, and its states.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.control_plane.config import Served
from tradai_blueprints.control_plane.context import Context
from tradai_iac.core.component import Component
from tradai_iac.core.policy import AssumeRolePolicyBuilder, PolicyBuilder
from tradai_iac.own_rights import key_statement, own_statements

_PURPOSES: Final = {
    "execution": "Starts the tasks of the control plane and of runs",
    "operator": "What the operator acts as, and its API server's init step",
    "runner": "What runs act as until they step into an environment's role",
}
#: How the secrets begin by which the operator hands a run what it needs.
_HANDED: Final = "tradai-run-*"


@dataclass(frozen=True, kw_only=True)
class RolesArgs:
    """What may be pulled, written and read, and the environments that may be built."""

    context: Context
    images: Sequence[str]
    log_group_arns: Sequence[pulumi.Input[str]]
    secrets: Sequence[pulumi.Input[str]]
    authority: pulumi.Input[str]
    cluster_arn: pulumi.Input[str]
    environments: Sequence[Served]


class Roles(Component):
    """`execution`, `operator` and `runner`; `ready` must exist before a task starts."""

    def __init__(self, name: str, args: RolesArgs) -> None:
        super().__init__("service:Roles", name)
        self._args, self._at = args, f"{args.context.region}:{args.context.account_id}"
        self.execution, self.operator, self.runner = (self._role(each) for each in _PURPOSES)
        policies = {
            "execution": (self.execution, self._to_start()),
            "operator": (self.operator, self._to_operate()),
            "runner": (self.runner, self._to_run()),
        }
        self.ready = [self._policy(each, role, policy) for each, (role, policy) in policies.items()]
        self.register_outputs({"operator": self.operator.arn, "runner": self.runner.arn})

    def _role(self, component: str) -> aws.iam.Role:
        return aws.iam.Role(
            component,
            name=self._args.context.naming.name(component, kind="iam-role"),
            description=_PURPOSES[component],
            assume_role_policy=AssumeRolePolicyBuilder.for_ecs_tasks(),
            opts=self.child(),
        )

    def _policy(self, component: str, role: aws.iam.Role, policy: PolicyBuilder) -> aws.iam.RolePolicy:
        return aws.iam.RolePolicy(
            component,
            name=self._args.context.naming.name(component, kind="iam-role"),
            role=role.id,
            policy=policy.build(),
            opts=self.child(),
        )

    def _to_start(self) -> PolicyBuilder:
        policy = PolicyBuilder().with_logs_write(self._args.log_group_arns)
        if pulled := sorted({arn for image in self._args.images if (arn := repository_arn(image))}):
            policy.with_ecr_login().preset("ecr_pull", pulled)
        return policy

    def _to_run(self) -> PolicyBuilder:
        policy = PolicyBuilder().allow(
            ["secretsmanager:GetSecretValue", "secretsmanager:DeleteSecret"], [self._secret(_HANDED)]
        )
        return self._on_environments(policy)

    def _to_operate(self) -> PolicyBuilder:
        args, name = self._args, self._args.context.naming.name
        cluster = {"ArnEquals": {"ecs:cluster": args.cluster_arn}}
        runs = f"arn:aws:ecs:{self._at}:task-definition/{name('runner')}:*"
        tasks = f"arn:aws:ecs:{self._at}:task/{name('cluster')}/*"
        policy = PolicyBuilder().with_secrets_read([*args.secrets, args.authority])
        policy.allow(["secretsmanager:PutSecretValue"], [args.authority])
        policy.allow(
            ["secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:TagResource"],
            [self._secret(_HANDED)],
        )
        policy.allow(["secretsmanager:ListSecrets"], ["*"])
        policy.allow(["ecs:RunTask"], [runs], conditions=cluster)
        policy.allow(["ecs:DescribeTasks", "ecs:StopTask", "ecs:TagResource"], [tasks])
        policy.allow(["ecs:ListTasks"], ["*"], conditions=cluster)
        policy.allow(
            ["iam:PassRole"],
            [self.execution.arn, self.runner.arn],
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        )
        # what a session of Systems Manager is made of: its agent knows no resource
        channels = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
        policy.allow([f"ssmmessages:{each}" for each in channels], ["*"])
        return self._on_environments(policy)

    def _on_environments(self, policy: PolicyBuilder) -> PolicyBuilder:
        for served in self._args.environments:
            keys = [key_statement(served.state_key_arn)] if served.state_key_arn else []
            for statement in (*own_statements(served.state_bucket, served.deploy_role_arn), *keys):
                policy.allow(statement["Action"], statement["Resource"])
        return policy

    def _secret(self, name: str) -> str:
        """In any region: what a run is handed lies where the environment is."""
        return f"arn:aws:secretsmanager:*:{self._args.context.account_id}:secret:{name}"


def repository_arn(image: str) -> str | None:
    """The repository of an image in ECR, by its ARN; None for one that is kept elsewhere."""
    registry, _, path = image.partition("/")
    parts = registry.split(".")
    if len(parts) < 6 or parts[1:3] != ["dkr", "ecr"]:
        return None
    return f"arn:aws:ecr:{parts[3]}:{parts[0]}:repository/{path.partition('@')[0].partition(':')[0]}"
