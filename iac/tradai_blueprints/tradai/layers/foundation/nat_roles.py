"""What the NAT instance and its failover function may do (002 §1.4), each bound to what is theirs.

Must never grant on all instances what is meant for one: instances are told by the name that their group gives them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from tradai_iac.core.component import Component
from tradai_iac.core.policy import AssumeRolePolicyBuilder, PolicyBuilder
from tradai_iac.naming import Naming

_INSTANCE: Final = "nat-instance"


@dataclass(frozen=True)
class Estate:
    """Where the NAT instance lives: how ARNs of what it and its function touch are spelled."""

    account_id: str
    region: str
    group: str

    def ec2(self, resource: pulumi.Input[str]) -> pulumi.Output[str]:
        """ARN of an EC2 resource, `instance/*` for instance."""
        return pulumi.Output.concat(f"arn:aws:ec2:{self.region}:{self.account_id}:", resource)

    @property
    def group_arn(self) -> str:
        """ARN of the Auto Scaling group, whose id within it only AWS knows."""
        return (
            f"arn:aws:autoscaling:{self.region}:{self.account_id}:autoScalingGroup:*:autoScalingGroupName/{self.group}"
        )

    @property
    def only_its_instances(self) -> Mapping[str, Mapping[str, Any]]:
        """The condition that an instance was launched by the group."""
        return {"StringEquals": {"ec2:ResourceTag/Name": self.group}}


class InstanceProfile(Component):
    """`profile` and its role's `policy`; an instance needs both from its first moment on."""

    def __init__(
        self,
        name: str,
        naming: Naming,
        estate: Estate,
        address: aws.ec2.Eip,
        vpc_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:NatInstanceProfile", name, opts)
        role = aws.iam.Role(
            _INSTANCE,
            name=naming.name(_INSTANCE, kind="iam-role"),
            description="Lets the NAT instance take its address",
            assume_role_policy=AssumeRolePolicyBuilder.for_ec2(),
            opts=self.child(),
        )
        self.policy = aws.iam.RolePolicy(
            _INSTANCE,
            name=naming.name(_INSTANCE, kind="iam-role"),
            role=role.id,
            policy=instance_policy(estate, address.allocation_id, vpc_arn),
            opts=self.child(),
        )
        self.profile = aws.iam.InstanceProfile(
            _INSTANCE,
            name=naming.name(_INSTANCE, kind="instance-profile"),
            role=role.name,
            opts=self.child(),
        )
        self.register_outputs({"arn": self.profile.arn})


def instance_policy(estate: Estate, allocation_id: pulumi.Input[str], vpc_arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """ec2:AssociateAddress and ec2:ModifyInstanceAttribute (002 §1.4); the former touches three resources."""
    own, instances = estate.only_its_instances, [estate.ec2("instance/*")]
    address = estate.ec2(pulumi.Output.concat("elastic-ip/", allocation_id))
    return (
        PolicyBuilder()
        .allow(["ec2:AssociateAddress"], [address])
        .allow(
            ["ec2:AssociateAddress"],
            [estate.ec2("network-interface/*")],
            conditions={"ArnEquals": {"ec2:Vpc": vpc_arn}},
        )
        .allow(["ec2:AssociateAddress", "ec2:ModifyInstanceAttribute"], instances, conditions=own)
        .build()
    )


def failover_policy(
    estate: Estate, route_table_id: pulumi.Input[str], log_group_arn: pulumi.Input[str]
) -> pulumi.Output[str]:
    """The rights of 002 §1.4, and what the code calls beside them: it looks before it acts, and writes a log."""
    table = estate.ec2(pulumi.Output.concat("route-table/", route_table_id))
    return (
        PolicyBuilder()
        .allow(["ec2:CreateRoute", "ec2:ReplaceRoute"], [table])
        .allow(["autoscaling:CompleteLifecycleAction"], [estate.group_arn])
        .allow(["ec2:DescribeAddresses", "ec2:DescribeInstances", "ec2:DescribeRouteTables"], ["*"])
        .allow(
            ["ec2:ModifyInstanceAttribute"],
            [estate.ec2("instance/*")],
            conditions=estate.only_its_instances,
        )
        .with_logs_write([log_group_arn])
        .build()
    )
