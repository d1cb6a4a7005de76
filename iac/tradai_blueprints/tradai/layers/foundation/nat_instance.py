"""The NAT instance: one instance that its Auto Scaling group replaces, behind one address (002 §1.4).

The image is the latest Amazon Linux 2023 at each launch (`core.ami_lookup`): a new one is neither a change of the stack
nor drift. Must never know the id of an instance.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.network import NatInstance
from tradai_blueprints.tradai.layers.foundation.nat_roles import InstanceProfile
from tradai_iac.core.ami_lookup import get_latest_al2023_ami
from tradai_iac.core.component import Component
from tradai_iac.core.shell_templates import render
from tradai_iac.naming import Naming

_COMPONENT: Final = "nat"
_HOOK: Final = "nat-launch"
_LAUNCHING: Final = "autoscaling:EC2_INSTANCE_LAUNCHING"
_USER_DATA: Final = Path(__file__).with_name("nat_user_data.sh.j2")
_ROOT_DEVICE: Final = "/dev/xvda"
#: What a launch makes beside the instance; the group's own tags reach the instance alone.
_LAUNCHED_WITH_IT: Final = ("volume", "network-interface")


@dataclass(frozen=True)
class NatArgs:
    """`ready` is all that must stand before the first launch: routes, and whoever answers the lifecycle hook.

    `tags` are the required ones (002 §9.2), for what only the launch makes.
    """

    naming: Naming
    nat: NatInstance
    region: str
    vpc_cidr: str
    subnet_id: pulumi.Input[str]
    security_group_id: pulumi.Input[str]
    profile: InstanceProfile
    address: aws.ec2.Eip
    tags: Mapping[str, str]
    ready: Sequence[pulumi.Resource]


class Nat(Component):
    """`template` and `group`.

    The hook stands twice under one name: with the group, so that it holds the very first launch, and on its own,
    because a group's initial hooks are never looked at again.
    """

    def __init__(self, name: str, args: NatArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:Nat", name, opts)
        self._args = args
        self.template = self._template()
        self.group = self._group()
        aws.autoscaling.LifecycleHook(
            _HOOK,
            name=args.naming.name(_HOOK),
            autoscaling_group_name=self.group.name,
            lifecycle_transition=_LAUNCHING,
            default_result="ABANDON",
            heartbeat_timeout=args.nat.heartbeat_timeout_seconds,
            opts=self.child(),
        )
        self.register_outputs({"group": self.group.name})

    def _template(self) -> aws.ec2.LaunchTemplate:
        args = self._args
        return aws.ec2.LaunchTemplate(
            _COMPONENT,
            name=args.naming.name(_COMPONENT),
            description="NAT instance",
            image_id=get_latest_al2023_ami(args.nat.architecture),
            instance_type=args.nat.instance_type,
            user_data=self._user_data(),
            iam_instance_profile=aws.ec2.LaunchTemplateIamInstanceProfileArgs(arn=args.profile.profile.arn),
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            network_interfaces=[self._interface()],
            block_device_mappings=[_encrypted_volume(args.nat.volume_gb)],
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=args.tags)
                for kind in _LAUNCHED_WITH_IT
            ],
            update_default_version=True,
            opts=self.child(),
        )

    def _user_data(self) -> pulumi.Output[str]:
        def script(allocation_id: str) -> str:
            text = render(
                _USER_DATA,
                region=self._args.region,
                vpc_cidr=self._args.vpc_cidr,
                allocation_id=allocation_id,
                swap_mb=self._args.nat.swap_mb,
            )
            return base64.b64encode(text.encode()).decode()

        return self._args.address.allocation_id.apply(script)

    def _interface(self) -> aws.ec2.LaunchTemplateNetworkInterfaceArgs:
        """A public address of its own, with which the instance can ask for the lasting one."""
        return aws.ec2.LaunchTemplateNetworkInterfaceArgs(
            device_index=0,
            associate_public_ip_address="true",
            delete_on_termination="true",
            security_groups=[self._args.security_group_id],
        )

    def _group(self) -> aws.autoscaling.Group:
        args = self._args
        name = args.naming.name(_COMPONENT)
        return aws.autoscaling.Group(
            _COMPONENT,
            name=name,
            min_size=args.nat.min_size,
            max_size=args.nat.max_size,
            desired_capacity=args.nat.desired_capacity,
            health_check_type="EC2",
            vpc_zone_identifiers=[args.subnet_id],
            launch_template=aws.autoscaling.GroupLaunchTemplateArgs(
                id=self.template.id, version=self.template.latest_version.apply(str)
            ),
            initial_lifecycle_hooks=[self._first_hook()],
            instance_refresh=_replace_the_only_one(),
            tags=[aws.autoscaling.GroupTagArgs(key="Name", value=name, propagate_at_launch=True)],
            opts=self.child(depends_on=list(args.ready)),
        )

    def _first_hook(self) -> aws.autoscaling.GroupInitialLifecycleHookArgs:
        return aws.autoscaling.GroupInitialLifecycleHookArgs(
            name=self._args.naming.name(_HOOK),
            lifecycle_transition=_LAUNCHING,
            default_result="ABANDON",
            heartbeat_timeout=self._args.nat.heartbeat_timeout_seconds,
        )


def nat_address(naming: Naming, opts: pulumi.ResourceOptions) -> aws.ec2.Eip:
    """The lasting address; an instance takes it by itself, so the stack associates it with none."""
    return aws.ec2.Eip(_COMPONENT, domain="vpc", tags={"Name": naming.name(_COMPONENT)}, opts=opts)


def nat_group_name(naming: Naming) -> str:
    """The group's name, which those must know who have to exist before it."""
    return naming.name(_COMPONENT)


def _encrypted_volume(size_gb: int) -> aws.ec2.LaunchTemplateBlockDeviceMappingArgs:
    return aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
        device_name=_ROOT_DEVICE,
        ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            encrypted="true", volume_type="gp3", volume_size=size_gb, delete_on_termination="true"
        ),
    )


def _replace_the_only_one() -> aws.autoscaling.GroupInstanceRefreshArgs:
    """A group of one has none to spare, so a new template may leave it without any for as long as a failover takes."""
    return aws.autoscaling.GroupInstanceRefreshArgs(
        strategy="Rolling",
        preferences=aws.autoscaling.GroupInstanceRefreshPreferencesArgs(min_healthy_percentage=0),
    )
