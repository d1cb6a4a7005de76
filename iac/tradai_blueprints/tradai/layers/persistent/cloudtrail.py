"""The trail of management events, to the logs bucket and to CloudWatch (001 §4; 000 SEC003).

Must never record data events: those are not asked for, and cost by the event.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_iac.core.component import Component
from tradai_iac.core.policy import AssumeRolePolicyBuilder, PolicyBuilder


@dataclass(frozen=True)
class AuditArgs:
    """`depends_on` is the policy that lets the trail write: AWS checks it when the trail is made."""

    trail_name: str
    log_group_name: str
    role_name: str
    bucket: pulumi.Input[str]
    prefix: str
    retention_days: int
    depends_on: Sequence[pulumi.Resource]


class Audit(Component):
    """Trail, log group and the role that carries events from one to the other."""

    def __init__(self, name: str, args: AuditArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("persistent:Audit", name, opts)
        group = aws.cloudwatch.LogGroup(
            "cloudtrail",
            name=args.log_group_name,
            retention_in_days=args.retention_days,
            opts=self.child(),
        )
        streams = pulumi.Output.concat(group.arn, ":*")
        role, policy = self._role(args, streams)
        self.trail = aws.cloudtrail.Trail(
            "trail",
            name=args.trail_name,
            s3_bucket_name=args.bucket,
            s3_key_prefix=args.prefix,
            cloud_watch_logs_group_arn=streams,
            cloud_watch_logs_role_arn=role.arn,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            enable_logging=True,
            opts=self.child(depends_on=[*args.depends_on, policy]),
        )
        self.register_outputs({"trail_arn": self.trail.arn})

    def _role(self, args: AuditArgs, streams: pulumi.Output[str]) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        role = aws.iam.Role(
            "cloudtrail",
            name=args.role_name,
            description="CloudTrail writes management events to CloudWatch Logs",
            assume_role_policy=AssumeRolePolicyBuilder.for_service("cloudtrail.amazonaws.com"),
            opts=self.child(),
        )
        rights = PolicyBuilder().allow(["logs:CreateLogStream", "logs:PutLogEvents"], [streams])
        policy = aws.iam.RolePolicy(
            "cloudtrail", name="write-events", role=role.id, policy=rights.build(), opts=self.child()
        )
        return role, policy
