"""The VPC: six subnets in two zones and three tiers, internet gateway, a route table a tier (002 §1.1 to 1.3).

Must never declare the private tier's default route: its target is an instance that comes and goes, so
update-nat-routes makes and moves it while the environment runs (002 §1.4), and the stack knows nothing of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.network import ANYWHERE, Network, RouteTable, Subnet, Tier
from tradai_iac.core.component import OUTLIVED_BY_INTERFACES, Component
from tradai_iac.naming import Naming


@dataclass(frozen=True)
class VpcArgs:
    """The network of 002 §1, to be made in `region`."""

    network: Network
    naming: Naming
    region: str


class Vpc(Component):
    """`vpc`, `subnets` by name (`public-1`), `route_tables` by tier.

    `public_routes` must exist before anything in a public subnet reaches the internet.
    """

    def __init__(self, name: str, args: VpcArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:Vpc", name, opts)
        self._args = args
        self.vpc = self._vpc()
        self.gateway = aws.ec2.InternetGateway("igw", vpc_id=self.vpc.id, tags=self._named("igw"), opts=self.child())
        self.subnets = {row.name: self._subnet(row) for row in args.network.subnets}
        self.route_tables: dict[Tier, aws.ec2.RouteTable] = {}
        self.public_routes: list[pulumi.Resource] = []
        for row in args.network.route_tables:
            self._route_table(row)
        self.register_outputs({"vpc_id": self.vpc.id})

    def subnet_ids(self, tier: Tier) -> Sequence[pulumi.Output[str]]:
        """Ids of the tier's subnets, in 002's order."""
        return [self.subnets[row.name].id for row in self._args.network.subnets_of(tier)]

    def _named(self, component: str) -> Mapping[str, str]:
        return {"Name": self._args.naming.name(component)}

    def _vpc(self) -> aws.ec2.Vpc:
        row = self._args.network.vpc
        return aws.ec2.Vpc(
            "vpc",
            cidr_block=row.cidr,
            enable_dns_hostnames=row.dns_hostnames,
            enable_dns_support=row.dns_support,
            tags=self._named("vpc"),
            opts=self.child(),
        )

    def _subnet(self, row: Subnet) -> aws.ec2.Subnet:
        """No subnet gives out public addresses by itself: what needs one asks for it."""
        return aws.ec2.Subnet(
            row.name,
            vpc_id=self.vpc.id,
            cidr_block=row.cidr,
            availability_zone=f"{self._args.region}{row.zone}",
            map_public_ip_on_launch=False,
            tags=self._named(row.name),
            opts=self.child(custom_timeouts=OUTLIVED_BY_INTERFACES),
        )

    def _route_table(self, row: RouteTable) -> None:
        table = aws.ec2.RouteTable(row.tier, vpc_id=self.vpc.id, tags=self._named(f"{row.tier}-rt"), opts=self.child())
        self.route_tables[row.tier] = table
        made: list[pulumi.Resource] = [
            aws.ec2.RouteTableAssociation(
                subnet.name,
                subnet_id=self.subnets[subnet.name].id,
                route_table_id=table.id,
                opts=self.child(),
            )
            for subnet in self._args.network.subnets_of(row.tier)
        ]
        if row.default_route == "internet-gateway":
            made.append(self._internet_route(row.tier, table))
            self.public_routes += made

    def _internet_route(self, tier: Tier, table: aws.ec2.RouteTable) -> aws.ec2.Route:
        return aws.ec2.Route(
            f"{tier}-internet",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=self.gateway.id,
            opts=self.child(),
        )
