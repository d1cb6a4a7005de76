"""The role of people's command line and of CI (001 §6 `cli_ci_role_arn`): ship images and packages, look, backtest.

Must never change infrastructure: that is the deploying role's, and this one is for what the environment runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.packages import PACKAGES
from tradai_iac.core.component import Component
from tradai_iac.core.policy import AssumeRolePolicyBuilder, PolicyBuilder
from tradai_iac.naming import Naming

_COMPONENT: Final = "cli-ci"


@dataclass(frozen=True, kw_only=True)
class CliCiArgs:
    """Who may take the role, and ARNs of what it works on; without `principals` the account itself decides who."""

    naming: Naming
    account_id: str
    region: str
    principals: Sequence[str]
    repository_arns: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    function_arns: Sequence[pulumi.Input[str]]
    cluster_arn: pulumi.Input[str]
    cluster_name: pulumi.Input[str]
    workflow_arn: pulumi.Input[str]
    workflow_name: pulumi.Input[str]
    configs_bucket_arn: pulumi.Input[str]

    def arn(self, service: str, resource: pulumi.Input[str]) -> pulumi.Output[str]:
        """ARN of something of this account and region."""
        return pulumi.Output.concat(f"arn:aws:{service}:{self.region}:{self.account_id}:", resource)


class CliCi(Component):
    """`role`."""

    def __init__(self, name: str, args: CliCiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:CliCi", name, opts)
        role_name = args.naming.name(_COMPONENT, kind="iam-role")
        trusted = args.principals or [f"arn:aws:iam::{args.account_id}:root"]
        self.role = aws.iam.Role(
            _COMPONENT,
            name=role_name,
            description="What the command line and CI act as",
            assume_role_policy=AssumeRolePolicyBuilder.for_principals(*trusted),
            opts=self.child(),
        )
        aws.iam.RolePolicy(_COMPONENT, name=role_name, role=self.role.id, policy=_policy(args), opts=self.child())
        self.register_outputs({"arn": self.role.arn})


def _policy(args: CliCiArgs) -> pulumi.Output[str]:
    """Repositories are all that exist, so their number is known once they do."""

    def build(known: Mapping[str, Any]) -> pulumi.Output[str]:
        builder = PolicyBuilder().with_ecr_login().preset("ecr_push", [known[name] for name in sorted(known)])
        for rights in (_functions, _tasks, _backtests, _packages):
            rights(builder, args)
        return builder.with_s3_readwrite([args.configs_bucket_arn]).build()

    return pulumi.Output.from_input(args.repository_arns).apply(build)


def _functions(builder: PolicyBuilder, args: CliCiArgs) -> None:
    builder.allow(
        ["lambda:GetFunction", "lambda:GetFunctionConfiguration", "lambda:UpdateFunctionCode"], args.function_arns
    )


def _tasks(builder: PolicyBuilder, args: CliCiArgs) -> None:
    """Look at what runs; what knows no resource is bound by its cluster, and definitions know neither."""
    within = [args.arn("ecs", pulumi.Output.concat(kind, "/", args.cluster_name, "/*")) for kind in ("service", "task")]
    builder.allow(["ecs:DescribeClusters"], [args.cluster_arn])
    builder.allow(["ecs:DescribeServices", "ecs:DescribeTasks"], within)
    builder.allow(
        ["ecs:ListServices", "ecs:ListTasks"], ["*"], conditions={"ArnEquals": {"ecs:cluster": args.cluster_arn}}
    )
    builder.allow(["ecs:DescribeTaskDefinition"], ["*"])


def _backtests(builder: PolicyBuilder, args: CliCiArgs) -> None:
    builder.allow(["states:StartExecution", "states:ListExecutions"], [args.workflow_arn])
    builder.allow(
        ["states:DescribeExecution", "states:GetExecutionHistory"],
        [args.arn("states", pulumi.Output.concat("execution:", args.workflow_name, ":*"))],
    )


def _packages(builder: PolicyBuilder, args: CliCiArgs) -> None:
    """Read and publish; pip and twine log in with a token of the domain, which STS has to hand out."""
    domain = args.naming.name(PACKAGES.domain, kind="codeartifact-domain")
    repository = f"{domain}/{args.naming.name(PACKAGES.repository)}"
    builder.allow(["codeartifact:GetAuthorizationToken"], [args.arn("codeartifact", f"domain/{domain}")])
    builder.allow(
        ["sts:GetServiceBearerToken"],
        ["*"],
        conditions={"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}},
    )
    builder.with_codeartifact_read([args.arn("codeartifact", f"repository/{repository}")])
    builder.preset("codeartifact_publish", [args.arn("codeartifact", f"package/{repository}/*")])
