"""Section 1: the network (002 §1).

Must never hold a value of the network: the prose says how it behaves, the tables say what it is.
"""

from typing import Final

from tradai_blueprints.tradai.config.document.markdown import blocks, bullets, code, codes, numbered, table
from tradai_blueprints.tradai.config.document.values import COMMON, NAMES
from tradai_blueprints.tradai.config.network import ANYWHERE, NaclRule

_NETWORK: Final = COMMON.network
_ROUTES: Final = {
    "internet-gateway": f"{ANYWHERE} -> IGW",
    "nat-instance": f"{ANYWHERE} -> NAT Instance",
    "none": "Local only (no internet)",
}


def network() -> str:
    """The whole section."""
    return blocks(
        "## 1. Network Configuration",
        "### 1.1 VPC",
        _vpc(),
        "### 1.2 Subnets",
        _subnets(),
        "### 1.3 Route Tables",
        _route_tables(),
        "### 1.4 NAT Instance High Availability",
        _nat(),
        "### 1.5 Network ACLs",
        "Stateless rules per subnet tier; what no rule allows is denied.",
        _nacls(),
        "### 1.6 Endpoints and Flow Logs",
        _endpoints(),
    )


def _vpc() -> str:
    vpc = _NETWORK.vpc
    rows = (
        ("VPC CIDR", code(vpc.cidr), f"{2 ** (32 - int(vpc.cidr.split('/')[1])):,} IPs"),
        ("Region", vpc.region, "Primary region"),
        ("Availability Zones", ", ".join(map(_zone, vpc.zones)), f"{len(vpc.zones)} AZs for HA"),
        ("DNS Hostnames", vpc.dns_hostnames, "Required for Service Discovery"),
        ("DNS Support", vpc.dns_support, "Required"),
    )
    return table(("Parameter", "Value", "Notes"), rows)


def _zone(letter: str) -> str:
    return f"{_NETWORK.vpc.region}{letter}"


def _subnets() -> str:
    rows = (
        (subnet.name.title(), _zone(subnet.zone), code(subnet.cidr), f"{subnet.tier.title()} RT", subnet.purpose)
        for subnet in _NETWORK.subnets
    )
    return table(("Subnet Type", "AZ", "CIDR", "Route Table", "Purpose"), rows)


def _route_tables() -> str:
    rows = (
        (
            f"{route.tier.title()} RT",
            _ROUTES[route.default_route],
            ", ".join(subnet.name.title() for subnet in _NETWORK.subnets_of(route.tier)),
        )
        for route in _NETWORK.route_tables
    )
    return table(("Route Table", "Routes", "Associated Subnets"), rows)


def _nat() -> str:
    nat = _NETWORK.nat
    function = code(NAMES.name(nat.failover_function, kind="lambda"))
    group = f"min={nat.min_size}, max={nat.max_size}, desired={nat.desired_capacity}"
    rows = (
        ("Instance Type", code(nat.instance_type), f"{nat.architecture}, {nat.volume_gb} GB volume"),
        ("AMI", code(nat.image_parameter), "Latest AMI, taken at each launch"),
        ("ASG", group, "Single instance for cost optimization"),
        ("EIP", "Static allocation", "Attached by user data script"),
        ("Lambda", function, "Updates route on instance replacement"),
        ("Subnet", nat.subnet.title(), f"Single AZ deployment ({_zone(_NETWORK.subnet(nat.subnet).zone)})"),
        ("Lifecycle Hook", f"{nat.heartbeat_timeout_seconds}s", "Holds the launch until the route points at it"),
    )
    return blocks(
        "A NAT instance with automatic failover, in place of a NAT gateway.",
        table(("Component", "Value", "Notes"), rows),
        "**User Data Configuration:**",
        bullets(_USER_DATA),
        "**Failover Flow:**",
        numbered(step.format(function=function) for step in _FAILOVER),
        "**IAM Permissions:**",
        bullets(_PERMISSIONS),
    )


_USER_DATA: Final = (
    "Source/destination check disabled",
    "IP forwarding enabled (`net.ipv4.ip_forward = 1`)",
    "NAT masquerading via iptables",
    "Automatic EIP association",
)
_FAILOVER: Final = (
    "ASG detects unhealthy instance (EC2 health check)",
    "ASG terminates failed instance and launches replacement",
    "ASG Lifecycle Hook triggers EventBridge rule",
    "Lambda function {function} invoked",
    "Lambda waits for instance running state",
    f"Lambda updates private route table ({ANYWHERE} -> new instance)",
    "Lambda completes lifecycle action",
    "Traffic resumes",
)
_PERMISSIONS: Final = (
    "NAT Instance Role: `ec2:AssociateAddress`, `ec2:ModifyInstanceAttribute`",
    "Lambda Role: `ec2:CreateRoute`, `ec2:ReplaceRoute`, `autoscaling:CompleteLifecycleAction`, and what it reads "
    "and sets besides: `ec2:DescribeInstances`, `ec2:DescribeRouteTables`, `ec2:ModifyInstanceAttribute`",
)


def _nacls() -> str:
    rows = (
        (
            rule.tier.title(),
            "Egress" if rule.egress else "Ingress",
            rule.number,
            _ports(rule),
            code(rule.cidr),
            rule.purpose,
        )
        for rule in _NETWORK.nacl_rules
    )
    return table(("Tier", "Direction", "Rule", "Port", "Source/Dest", "Purpose"), rows)


def _ports(rule: NaclRule) -> str:
    if rule.protocol == "-1":
        return "All traffic"
    ports = str(rule.from_port) if rule.from_port == rule.to_port else f"{rule.from_port}-{rule.to_port}"
    return f"{rule.protocol.upper()} {ports}"


def _endpoints() -> str:
    logs = _NETWORK.flow_logs
    rows = (
        ("Gateway Endpoints", codes(_NETWORK.gateway_endpoints), "In the private route table"),
        ("Interface Endpoints", codes(_NETWORK.interface_endpoints), "In the private subnets"),
        ("Flow Logs", logs.traffic_type, f"To CloudWatch, aggregated over {logs.aggregation_seconds}s"),
    )
    return table(("Component", "Value", "Notes"), rows)
