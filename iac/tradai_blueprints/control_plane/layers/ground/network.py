"""The VPC that is made where nobody names one: subnets of tasks that reach AWS, and of the database that reach nothing.

Tasks take public addresses, and their groups let nobody in: a NAT gateway would cost more than all else together. Must
never give the database a way out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import islice
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.control_plane.config import GroundConfig
from tradai_blueprints.control_plane.context import Context
from tradai_blueprints.control_plane.settings import ANYWHERE
from tradai_iac.core.component import Component

_ZONES: Final = ("a", "b")
#: Of each subnet; four of them fit a /20.
_SUBNET_BITS: Final = 22


@dataclass(frozen=True)
class Ground:
    """Where things are: `ready` must exist before a task reaches AWS."""

    vpc_id: pulumi.Input[str]
    task_subnet_ids: Sequence[pulumi.Input[str]]
    database_subnet_ids: Sequence[pulumi.Input[str]]
    public_addresses: bool


def ground_of(config: GroundConfig, context: Context) -> Ground:
    """The network that exists already, or one that is made; raises ValueError for a range that is too small."""
    if given := config.network:
        return Ground(given.vpc_id, given.task_subnet_ids, given.database_subnet_ids, public_addresses=False)
    made = Vpc("network", config.cidr, context)
    return Ground(made.vpc.id, made.tasks, made.database, public_addresses=True)


def ranges(cidr: str) -> tuple[str, ...]:
    """Four ranges, a zone and tier each; raises ValueError where the whole is too small for them, or none."""
    try:
        found = tuple(map(str, islice(IPv4Network(cidr).subnets(new_prefix=_SUBNET_BITS), 4)))
    except ValueError as error:
        raise ValueError(f"ground.cidr {cidr} cannot be divided: {error}; write a /20, like 10.90.0.0/20") from None
    if len(found) < 4:
        raise ValueError(f"ground.cidr {cidr} is too small for four subnets; write a /20, like 10.90.0.0/20")
    return found


class Vpc(Component):
    """`vpc`, and the ids of its subnets: `tasks`, which reach the internet, and `database`."""

    def __init__(self, name: str, cidr: str, context: Context) -> None:
        super().__init__("ground:Vpc", name)
        self._context = context
        self._ranges = iter(ranges(cidr))
        self.vpc = aws.ec2.Vpc(
            "vpc",
            cidr_block=cidr,
            enable_dns_hostnames=True,  # a task on Fargate asks for it
            enable_dns_support=True,
            tags=self._named("vpc"),
            opts=self.child(),
        )
        public = self._public_table()
        self.tasks = [subnet.id for subnet in self._subnets("tasks", public)]
        private = aws.ec2.RouteTable("database", vpc_id=self.vpc.id, tags=self._named("database"), opts=self.child())
        self.database = [subnet.id for subnet in self._subnets("database", private)]
        self.register_outputs({"vpc_id": self.vpc.id})

    def _named(self, component: str) -> dict[str, str]:
        return {"Name": self._context.naming.name(component)}

    def _public_table(self) -> aws.ec2.RouteTable:
        gateway = aws.ec2.InternetGateway("gateway", vpc_id=self.vpc.id, tags=self._named("gateway"), opts=self.child())
        table = aws.ec2.RouteTable("tasks", vpc_id=self.vpc.id, tags=self._named("tasks"), opts=self.child())
        aws.ec2.Route(
            "tasks-internet",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=self.child(),
        )
        return table

    def _subnets(self, tier: str, table: aws.ec2.RouteTable) -> Iterator[aws.ec2.Subnet]:
        for zone in _ZONES:
            name = f"{tier}-{zone}"
            subnet = aws.ec2.Subnet(
                name,
                vpc_id=self.vpc.id,
                cidr_block=next(self._ranges),
                availability_zone=f"{self._context.region}{zone}",
                map_public_ip_on_launch=False,
                tags=self._named(name),
                opts=self.child(),
            )
            aws.ec2.RouteTableAssociation(name, subnet_id=subnet.id, route_table_id=table.id, opts=self.child())
            yield subnet
