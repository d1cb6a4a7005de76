"""The consolidated instance of dev and staging (001 §6, 002 §10): one instance that its group replaces.

A launch is held until the services on it are healthy and registered, so that no request comes earlier, and a deployment
whose services do not come up says so. Must never know the id of an instance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.consolidated import ConsolidatedInstance
from tradai_blueprints.tradai.layers.compute.ec2_role import InstanceRole, InstanceRoleArgs
from tradai_blueprints.tradai.layers.compute.ec2_userdata import FirstStart, user_data
from tradai_iac.core.ami_lookup import image_named_by
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming

_LAUNCHING: Final = "autoscaling:EC2_INSTANCE_LAUNCHING"
_ROOT_DEVICE: Final = "/dev/xvda"
#: What a launch makes beside the instance; the group's own tags reach the instance alone.
_LAUNCHED_WITH_IT: Final = ("volume", "network-interface")


@dataclass(frozen=True, kw_only=True)
class ConsolidatedArgs:
    """The machine, what runs on it, and where it stands.

    `first_start` comes out of what is not known before the stack runs. `security_group_id` may be None upstream, which
    is an error here. `target_group_arns` are empty without a load balancer. `tags` are the required ones (002 §9.2),
    for what only the launch makes. `ready` must stand before the first launch.
    """

    naming: Naming
    machine: ConsolidatedInstance
    role: InstanceRoleArgs
    first_start: pulumi.Output[FirstStart]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    security_group_id: pulumi.Input[str | None]
    target_group_arns: Sequence[pulumi.Input[str]]
    tags: Mapping[str, str]
    ready: Sequence[pulumi.Resource]


class Consolidated(Component):
    """`role`, `template` and `group`.

    The hook stands twice under one name: with the group, so that it holds the very first launch, and on its own,
    because a group's initial hooks are never looked at again.
    """

    def __init__(self, name: str, args: ConsolidatedArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:Consolidated", name, opts)
        self._args = args
        self._identity = InstanceRole(name, args.role, self.child())
        self.role = self._identity.role
        self.template = self._template()
        self.group = self._group()
        aws.autoscaling.LifecycleHook(
            args.machine.component, autoscaling_group_name=self.group.name, **self._hook(), opts=self.child()
        )
        self.register_outputs({"group": self.group.name, "role_arn": self.role.arn})

    def _template(self) -> aws.ec2.LaunchTemplate:
        args, machine = self._args, self._args.machine
        return aws.ec2.LaunchTemplate(
            machine.component,
            name=args.naming.name(machine.component),
            description="Consolidated instance",
            image_id=image_named_by(machine.image_parameter),
            instance_type=machine.instance_type,
            user_data=args.first_start.apply(user_data),
            iam_instance_profile=aws.ec2.LaunchTemplateIamInstanceProfileArgs(arn=self._identity.profile.arn),
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=machine.metadata_hops
            ),
            network_interfaces=[self._interface()],
            block_device_mappings=[_encrypted_volume(machine.volume_gb)],
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=args.tags)
                for kind in _LAUNCHED_WITH_IT
            ],
            update_default_version=True,
            opts=self.child(),
        )

    def _interface(self) -> aws.ec2.LaunchTemplateNetworkInterfaceArgs:
        return aws.ec2.LaunchTemplateNetworkInterfaceArgs(
            device_index=0,
            associate_public_ip_address="false",
            delete_on_termination="true",
            security_groups=[pulumi.Output.from_input(self._args.security_group_id).apply(_there)],
        )

    def _group(self) -> aws.autoscaling.Group:
        """The load balancer's opinion counts beside EC2's where there is one."""
        args, machine = self._args, self._args.machine
        name = args.naming.name(machine.component)
        return aws.autoscaling.Group(
            machine.component,
            name=name,
            min_size=machine.size,
            max_size=machine.size,
            desired_capacity=machine.size,
            vpc_zone_identifiers=args.subnet_ids,
            target_group_arns=list(args.target_group_arns),
            health_check_type="ELB" if args.target_group_arns else "EC2",
            health_check_grace_period=machine.health_check_grace,
            wait_for_capacity_timeout=f"{machine.capacity_timeout}s",
            launch_template=aws.autoscaling.GroupLaunchTemplateArgs(
                id=self.template.id, version=self.template.latest_version.apply(str)
            ),
            initial_lifecycle_hooks=[aws.autoscaling.GroupInitialLifecycleHookArgs(**self._hook())],
            instance_refresh=_replace_the_only_one(),
            tags=[aws.autoscaling.GroupTagArgs(key="Name", value=name, propagate_at_launch=True)],
            opts=self.child(depends_on=[*args.ready, self._identity.policy]),
        )

    def _hook(self) -> dict[str, Any]:
        """Given up after the time: a launch whose services do not come up serves nobody."""
        return {
            "name": launch_hook(self._args.naming, self._args.machine),
            "lifecycle_transition": _LAUNCHING,
            "default_result": "ABANDON",
            "heartbeat_timeout": self._args.machine.launch_timeout,
        }


def launch_hook(naming: Naming, machine: ConsolidatedInstance) -> str:
    """Name of the hook that holds a launch, which the instance itself ends."""
    return naming.name(machine.component, "launch")


def group_arn(naming: Naming, machine: ConsolidatedInstance, *, account_id: str, region: str) -> str:
    """ARN of the group, whose id within it only AWS knows; the instance's rights are made before the group."""
    name = naming.name(machine.component)
    return f"arn:aws:autoscaling:{region}:{account_id}:autoScalingGroup:*:autoScalingGroupName/{name}"


def _there(security_group_id: str | None) -> str:
    if security_group_id is None:
        raise ValueError(
            "the consolidated instance needs its security group: leave consolidatedSecurityGroup of the foundation "
            "layer out, or set it to true"
        )
    return security_group_id


def _encrypted_volume(size_gb: int) -> aws.ec2.LaunchTemplateBlockDeviceMappingArgs:
    return aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
        device_name=_ROOT_DEVICE,
        ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            encrypted="true", volume_type="gp3", volume_size=size_gb, delete_on_termination="true"
        ),
    )


def _replace_the_only_one() -> aws.autoscaling.GroupInstanceRefreshArgs:
    """A group of one has none to spare: a new template, with a new image for instance, replaces the instance."""
    return aws.autoscaling.GroupInstanceRefreshArgs(
        strategy="Rolling",
        preferences=aws.autoscaling.GroupInstanceRefreshPreferencesArgs(min_healthy_percentage=0),
    )
