"""The private tier's way out, put together: address, rights, failover, and the instance last (002 §1.4).

Must never launch an instance before somebody answers its lifecycle hook: it would wait, and be given up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.lambdas import LambdaFunction
from tradai_blueprints.tradai.config.network import Network
from tradai_blueprints.tradai.layers.foundation.nat_failover import NatFailover, NatFailoverArgs
from tradai_blueprints.tradai.layers.foundation.nat_instance import Nat, NatArgs, nat_address, nat_group_name
from tradai_blueprints.tradai.layers.foundation.nat_roles import Estate, InstanceProfile
from tradai_blueprints.tradai.layers.foundation.vpc import Vpc
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming


@dataclass(frozen=True)
class NatTierArgs:
    """`function` is the row of the failover function; `ready` is what the public subnet needs to carry traffic.

    `tags` are the required ones (002 §9.2).
    """

    naming: Naming
    account_id: str
    region: str
    network: Network
    function: LambdaFunction
    retention_days: int
    vpc: Vpc
    security_group_id: pulumi.Input[str]
    tags: Mapping[str, str]
    ready: Sequence[pulumi.Resource]


class NatTier(Component):
    """`address`, `failover` and `nat`."""

    def __init__(self, name: str, args: NatTierArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:NatTier", name, opts)
        estate = Estate(args.account_id, args.region, nat_group_name(args.naming))
        self.address = nat_address(args.naming, self.child())
        self.failover = NatFailover("failover", _failover_args(args, estate, self.address), self.child())
        profile = InstanceProfile("instance", args.naming, estate, self.address, args.vpc.vpc.arn, self.child())
        ready = [*args.ready, *self.failover.ready, profile.policy]
        self.nat = Nat("instance", self._nat_args(args, profile, ready), self.child())
        self.register_outputs({"public_ip": self.address.public_ip})

    def _nat_args(self, args: NatTierArgs, profile: InstanceProfile, ready: Sequence[pulumi.Resource]) -> NatArgs:
        return NatArgs(
            naming=args.naming,
            nat=args.network.nat,
            region=args.region,
            vpc_cidr=args.network.vpc.cidr,
            subnet_id=args.vpc.subnets[args.network.nat.subnet].id,
            security_group_id=args.security_group_id,
            profile=profile,
            address=self.address,
            tags=args.tags,
            ready=ready,
        )


def _failover_args(args: NatTierArgs, estate: Estate, address: aws.ec2.Eip) -> NatFailoverArgs:
    return NatFailoverArgs(
        naming=args.naming,
        function=args.function,
        estate=estate,
        route_table_id=args.vpc.route_tables["private"].id,
        allocation_id=address.allocation_id,
        retention_days=args.retention_days,
    )
