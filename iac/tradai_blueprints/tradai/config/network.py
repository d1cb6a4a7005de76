"""VPC, subnets, routes, network ACLs, endpoints and the NAT instance (002 §1; 001 §5; 000 SEC002, SEC005).

CIDRs never change after the first deployment (002 "Immutable Values"). Must never know a resource id.
"""

from typing import Final, Literal

from tradai_iac.base import Frozen
from tradai_iac.core.machine_images import al2023_parameter

Tier = Literal["public", "private", "database"]
ANYWHERE: Final = "0.0.0.0/0"


class Vpc(Frozen):
    """The VPC (002 §1.1). `zones` are the availability zones' letters within the region."""

    cidr: str = "10.0.0.0/16"
    region: str = "eu-central-1"
    zones: tuple[str, ...] = ("a", "b")
    dns_hostnames: bool = True
    dns_support: bool = True


class Subnet(Frozen):
    """One subnet (002 §1.2): `name` is `public-1`, `zone` the letter of its availability zone."""

    name: str
    tier: Tier
    zone: str
    cidr: str
    purpose: str


class RouteTable(Frozen):
    """One route table a tier (002 §1.3) and where it sends everything that is not local."""

    tier: Tier
    default_route: Literal["internet-gateway", "nat-instance", "none"]


class NatInstance(Frozen):
    """The NAT instance and its failover (002 §1.4); the function is a row of `lambdas`.

    `volume_gb` is the image's own size; `swap_mb` lets a package manager run in 512 MB of memory.
    """

    instance_type: str = "t4g.nano"
    volume_gb: int = 8
    swap_mb: int = 512
    architecture: Literal["arm64"] = "arm64"
    min_size: int = 1
    max_size: int = 1
    desired_capacity: int = 1
    subnet: str = "public-1"
    failover_function: str = "update-nat-routes"
    heartbeat_timeout_seconds: int = 300

    @property
    def image_parameter(self) -> str:
        """AWS's public parameter that names the latest Amazon Linux 2023."""
        return al2023_parameter(self.architecture)


class NaclRule(Frozen):
    """One stateless allow rule of a tier's network ACL; `-1` is every protocol, with ports 0 to 0."""

    tier: Tier
    egress: bool
    number: int
    protocol: Literal["tcp", "-1"]
    from_port: int
    to_port: int
    cidr: str
    purpose: str


class FlowLogs(Frozen):
    """Traffic logging to CloudWatch (000 SEC004); its retention is the environment's."""

    traffic_type: Literal["ALL"] = "ALL"
    aggregation_seconds: int = 600


class Network(Frozen):
    """Everything of 002 §1. Endpoints are AWS service names without `com.amazonaws.{region}.`."""

    vpc: Vpc
    subnets: tuple[Subnet, ...]
    route_tables: tuple[RouteTable, ...]
    nat: NatInstance
    nacl_rules: tuple[NaclRule, ...]
    gateway_endpoints: tuple[str, ...]
    interface_endpoints: tuple[str, ...]
    flow_logs: FlowLogs

    def subnets_of(self, tier: Tier) -> tuple[Subnet, ...]:
        """The subnets of a tier, in 002's order."""
        return tuple(subnet for subnet in self.subnets if subnet.tier == tier)

    def subnet(self, name: str) -> Subnet:
        """The subnet of that name; raises KeyError."""
        return {subnet.name: subnet for subnet in self.subnets}[name]


_VPC: Final = Vpc()

_SUBNETS: Final = (
    Subnet(name="public-1", tier="public", zone="a", cidr="10.0.1.0/24", purpose="ALB, NAT Instance"),
    Subnet(name="public-2", tier="public", zone="b", cidr="10.0.2.0/24", purpose="ALB (multi-AZ)"),
    Subnet(name="private-1", tier="private", zone="a", cidr="10.0.11.0/24", purpose="ECS Tasks, Lambda"),
    Subnet(name="private-2", tier="private", zone="b", cidr="10.0.12.0/24", purpose="ECS Tasks, Lambda"),
    Subnet(name="database-1", tier="database", zone="a", cidr="10.0.21.0/24", purpose="RDS Primary"),
    Subnet(name="database-2", tier="database", zone="b", cidr="10.0.22.0/24", purpose="RDS Standby"),
)


def _nacl(
    tier: Tier,
    direction: Literal["in", "out"],
    number: int,
    ports: tuple[int, int] | None,
    cidr: str,
    why: str,
) -> NaclRule:
    first, last = ports or (0, 0)
    return NaclRule(
        tier=tier,
        egress=direction == "out",
        number=number,
        protocol="tcp" if ports else "-1",
        from_port=first,
        to_port=last,
        cidr=cidr,
        purpose=why,
    )


_EPHEMERAL: Final = (1024, 65535)
_POSTGRES: Final = (5432, 5432)
_PRIVATE_1, _PRIVATE_2 = (subnet.cidr for subnet in _SUBNETS if subnet.tier == "private")

#: No document gives these rules (000 only asks for "stateless firewall rules per subnet tier"): they are the
#: narrowest that still carry what the route tables and security groups of 002 allow. A standby of the database is kept
#: by RDS itself, outside the VPC.
_NACL_RULES: Final = (
    _nacl("public", "in", 100, (80, 80), ANYWHERE, "HTTP to the load balancer"),
    _nacl("public", "in", 110, (443, 443), ANYWHERE, "HTTPS to the load balancer, and through the NAT instance"),
    _nacl("public", "in", 120, _EPHEMERAL, ANYWHERE, "answers to the NAT instance"),
    _nacl("public", "out", 100, None, ANYWHERE, "answers and NAT traffic"),
    _nacl("private", "in", 100, None, _VPC.cidr, "the VPC itself"),
    _nacl("private", "in", 110, _EPHEMERAL, ANYWHERE, "answers that come through the NAT instance"),
    _nacl("private", "out", 100, None, ANYWHERE, "the VPC itself, and the internet through the NAT instance"),
    _nacl("database", "in", 100, _POSTGRES, _PRIVATE_1, "PostgreSQL from private-1"),
    _nacl("database", "in", 110, _POSTGRES, _PRIVATE_2, "PostgreSQL from private-2"),
    _nacl("database", "out", 100, _EPHEMERAL, _PRIVATE_1, "answers to private-1"),
    _nacl("database", "out", 110, _EPHEMERAL, _PRIVATE_2, "answers to private-2"),
)

NETWORK: Final = Network(
    vpc=_VPC,
    subnets=_SUBNETS,
    route_tables=(
        RouteTable(tier="public", default_route="internet-gateway"),
        RouteTable(tier="private", default_route="nat-instance"),
        RouteTable(tier="database", default_route="none"),
    ),
    nat=NatInstance(),
    nacl_rules=_NACL_RULES,
    gateway_endpoints=("s3", "dynamodb"),
    interface_endpoints=("ecr.api", "ecr.dkr", "sts", "secretsmanager", "logs", "ssm", "sqs"),
    flow_logs=FlowLogs(),
)
