"""One container-image function: log group, role and the function itself (002 §7; 001 §6 "Lambda Deployment Model").

Must never grant what the function's row does not need, nor say a runtime: an image brings its own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.lambdas import LambdaFunction
from tradai_blueprints.tradai.config.overrides import DriftRunner
from tradai_blueprints.tradai.layers.compute.drift_runs import looking_variables, may_look
from tradai_blueprints.tradai.layers.compute.images import Repositories, image_uri
from tradai_blueprints.tradai.layers.compute.wiring import Wiring, environment_of, grant
from tradai_iac.core.component import Component
from tradai_iac.core.policy import AssumeRolePolicyBuilder, PolicyBuilder
from tradai_iac.naming import Naming

#: What the images are built for.
_ARCHITECTURE: Final = "x86_64"
#: Lambda's own work in a VPC; none of it can be bound to a resource, since the interfaces are not there yet.
_NETWORK: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
#: What a list says that is empty: a variable without a value counts as missing.
_NONE: Final = "none"
#: Traces; these actions know no resource.
_TRACES: Final = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What all functions of an environment share; `images` maps an image's component name to its digest.

    `subnet_ids` and `security_group_id` are for those in the VPC, `launch_mode` for those that consume a queue
    (002 §2.4), `standing` for those that are told which services are meant to run, `drift_runner` for
    the one that has it look; `retention_days` is of their logs.
    """

    naming: Naming
    account_id: str
    region: str
    wiring: Wiring
    repositories: Repositories
    images: Mapping[str, str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    security_group_id: pulumi.Input[str]
    launch_mode: str
    standing: Collection[str]
    drift_runner: DriftRunner | None
    retention_days: int


class ImageFunction(Component):
    """`function`, which exists only once its role may do everything; raises KeyError where its image is missing."""

    def __init__(
        self, row: LambdaFunction, surroundings: Surroundings, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("compute:LambdaFunction", row.name, opts, service=row.name)
        self._row, self._around = row, surroundings
        self._log_group = aws.cloudwatch.LogGroup(
            row.name,
            name=surroundings.naming.name(row.name, kind="log-group"),
            retention_in_days=surroundings.retention_days,
            opts=self.child(),
        )
        self.function = self._function(*self._role())
        self.register_outputs({"function": self.function.arn})

    def _role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        row = self._row
        name = self._around.naming.name(row.name, kind="iam-role")
        role = aws.iam.Role(
            row.name,
            name=name,
            description=row.purpose,
            assume_role_policy=AssumeRolePolicyBuilder.for_lambda(),
            opts=self.child(),
        )
        policy = _policy(row, self._log_group.arn, self._around)
        return role, aws.iam.RolePolicy(row.name, name=name, role=role.id, policy=policy, opts=self.child())

    def _function(self, role: aws.iam.Role, policy: aws.iam.RolePolicy) -> aws.lambda_.Function:
        """After its policy: AWS refuses a function in a VPC whose role cannot make network interfaces."""
        row, around = self._row, self._around
        return aws.lambda_.Function(
            row.name,
            name=around.naming.name(row.name, kind="lambda"),
            description=row.purpose,
            package_type="Image",
            image_uri=image_uri(row.name, around.repositories, around.images),
            architectures=[_ARCHITECTURE],
            role=role.arn,
            memory_size=row.memory_mb,
            timeout=row.timeout_seconds,
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=_variables(row, around)),
            vpc_config=_place(around) if row.in_vpc else None,
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="Text", log_group=self._log_group.name),
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active"),
            opts=self.child(depends_on=[policy]),
        )


def _variables(row: LambdaFunction, around: Surroundings) -> pulumi.Output[dict[str, str]]:
    consumes = bool(row.needs.consumes)
    builder = environment_of(row.needs, around.wiring).add_if(consumes, "LAUNCH_MODE", around.launch_mode)
    if row.needs.reads_state:
        builder.add_all(looking_variables(around.drift_runner, around.wiring))
    return builder.add_if(row.needs.standing, "STANDING_SERVICES", ",".join(sorted(around.standing)) or _NONE).build()


def _place(around: Surroundings) -> aws.lambda_.FunctionVpcConfigArgs:
    return aws.lambda_.FunctionVpcConfigArgs(
        subnet_ids=around.subnet_ids, security_group_ids=[around.security_group_id]
    )


def _policy(row: LambdaFunction, log_group_arn: pulumi.Input[str], around: Surroundings) -> pulumi.Output[str]:
    """Logs, traces, network interfaces where in the VPC, and what the row needs."""
    builder = PolicyBuilder().with_logs_write([log_group_arn]).allow(_TRACES, ["*"])
    if row.in_vpc:
        _allow_network(builder, row, around)
    if row.needs.reads_state:
        may_look(builder, around.drift_runner, around.wiring)
    return grant(builder, row.needs, around.wiring).build()


def _allow_network(builder: PolicyBuilder, row: LambdaFunction, around: Surroundings) -> None:
    """For Lambda itself, not for the function's code, which has the same role: a call of its names the function."""
    name = around.naming.name(row.name, kind="lambda")
    function = f"arn:aws:lambda:{around.region}:{around.account_id}:function:{name}"
    builder.allow(_NETWORK, ["*"])
    builder.deny(_NETWORK, ["*"], conditions={"ArnEquals": {"lambda:SourceFunctionArn": function}})
