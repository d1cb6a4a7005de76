"""What the consolidated instance may do (001 §6): run its services, say where they are, and be looked at.

Its containers share one role, as they share the instance: it is what their rows need together. Must never match what it
can name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.monitoring import METRICS_NAMESPACE
from tradai_blueprints.tradai.config.services import Service
from tradai_blueprints.tradai.layers.compute.wiring import Wiring, grant, merged
from tradai_iac.core.component import Component
from tradai_iac.core.policy import AssumeRolePolicyBuilder, PolicyBuilder
from tradai_iac.naming import Naming

#: What Session Manager's agent calls; AWS's own policy for it would also read every parameter of the account.
_SESSION_MANAGER: Final = (
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)


@dataclass(frozen=True, kw_only=True)
class InstanceRoleArgs:
    """`component` names role and profile; `registry_arns` are the services' entries in Service Discovery.

    `repository_arns` are all repositories by component name, `hosted_zone_id` is the zone in which the names are.
    """

    naming: Naming
    component: str
    services: Sequence[Service]
    wiring: Wiring
    repository_arns: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    log_group_arns: Sequence[pulumi.Input[str]]
    registry_arns: Sequence[pulumi.Input[str]]
    hosted_zone_id: pulumi.Input[str]
    group_arn: str


class InstanceRole(Component):
    """`role`, its `policy` and its `profile`; an instance needs all three from its first moment on."""

    def __init__(self, name: str, args: InstanceRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:InstanceRole", name, opts)
        role_name = args.naming.name(args.component, kind="iam-role")
        self.role = aws.iam.Role(
            args.component,
            name=role_name,
            description="What the consolidated instance and its services act as",
            assume_role_policy=AssumeRolePolicyBuilder.for_ec2(),
            opts=self.child(),
        )
        self.policy = aws.iam.RolePolicy(
            args.component, name=role_name, role=self.role.id, policy=instance_policy(args), opts=self.child()
        )
        self.profile = aws.iam.InstanceProfile(
            args.component,
            name=args.naming.name(args.component, kind="instance-profile"),
            role=self.role.name,
            opts=self.child(),
        )
        self.register_outputs({"role_arn": self.role.arn})


def instance_policy(args: InstanceRoleArgs) -> pulumi.Output[str]:
    """The services' own rights, and those of the first start: images, logs, names, the launch hook, Session Manager."""
    images = sorted({service.image for service in args.services})

    def build(known: Mapping[str, Any]) -> pulumi.Output[str]:
        builder = grant(PolicyBuilder(), merged(service.needs for service in args.services), args.wiring)
        builder.with_cloudwatch_metrics(METRICS_NAMESPACE).with_ecr_login()
        builder.preset("ecr_pull", [known[image] for image in images]).with_logs_write(args.log_group_arns)
        _may_register(builder, args)
        builder.allow(["autoscaling:CompleteLifecycleAction"], [args.group_arn])
        return builder.allow(_SESSION_MANAGER, ["*"]).build()

    return pulumi.Output.from_input(args.repository_arns).apply(build)


def _may_register(builder: PolicyBuilder, args: InstanceRoleArgs) -> None:
    """Cloud Map looks the zone up and writes records on behalf of who registers; reading an entry has a condition."""
    entries = list(args.registry_arns)
    builder.allow(["servicediscovery:DeregisterInstance", "servicediscovery:RegisterInstance"], entries)
    builder.allow(
        ["servicediscovery:GetInstance"], ["*"], conditions={"ArnEquals": {"servicediscovery:ServiceArn": entries}}
    )
    builder.allow(["servicediscovery:GetOperation"], ["*"])
    zone = pulumi.Output.concat("arn:aws:route53:::hostedzone/", args.hosted_zone_id)
    builder.allow(["route53:ChangeResourceRecordSets", "route53:GetHostedZone"], [zone])
    builder.allow(["route53:ListHostedZonesByName"], ["*"])
