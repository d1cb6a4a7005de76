"""The VPC's traffic, logged to CloudWatch for audit (000 SEC004; 001 §5).

Must never keep logs for longer or shorter than the environment says (002 §10).
"""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.network import FlowLogs
from tradai_iac.core.component import Component
from tradai_iac.core.policy import AssumeRolePolicyBuilder, PolicyBuilder
from tradai_iac.naming import Naming

_COMPONENT: Final = "vpc-flow-logs"
_WRITER: Final = "vpc-flow-logs.amazonaws.com"


@dataclass(frozen=True)
class VpcFlowLogsArgs:
    """What is logged, and for how long it is kept, in days."""

    naming: Naming
    account_id: str
    vpc_id: pulumi.Input[str]
    flow_logs: FlowLogs
    retention_days: int


class VpcFlowLogs(Component):
    """Log group, the role that writes to it, and the flow log itself."""

    def __init__(self, name: str, args: VpcFlowLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:VpcFlowLogs", name, opts)
        self.log_group = aws.cloudwatch.LogGroup(
            _COMPONENT,
            name=args.naming.name(_COMPONENT, kind="log-group"),
            retention_in_days=args.retention_days,
            opts=self.child(),
        )
        role, policy = self._role(args)
        self.flow_log = aws.ec2.FlowLog(
            _COMPONENT,
            vpc_id=args.vpc_id,
            traffic_type=args.flow_logs.traffic_type,
            max_aggregation_interval=args.flow_logs.aggregation_seconds,
            log_destination_type="cloud-watch-logs",
            log_destination=self.log_group.arn,
            iam_role_arn=role.arn,
            tags={"Name": args.naming.name(_COMPONENT)},
            opts=self.child(depends_on=[policy]),
        )
        self.register_outputs({"log_group": self.log_group.name})

    def _role(self, args: VpcFlowLogsArgs) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        name = args.naming.name(_COMPONENT, kind="iam-role")
        ours = {"StringEquals": {"aws:SourceAccount": args.account_id}}
        role = aws.iam.Role(
            _COMPONENT,
            name=name,
            description="Writes the VPC's flow logs",
            assume_role_policy=AssumeRolePolicyBuilder.for_service(_WRITER, conditions=ours),
            opts=self.child(),
        )
        rights = PolicyBuilder().with_logs_write([self.log_group.arn])
        rights.allow(["logs:DescribeLogGroups"], ["*"])
        rights.allow(["logs:DescribeLogStreams"], [pulumi.Output.concat(self.log_group.arn, ":*")])
        policy = aws.iam.RolePolicy(_COMPONENT, name=name, role=role.id, policy=rights.build(), opts=self.child())
        return role, policy
