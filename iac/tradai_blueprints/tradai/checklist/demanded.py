"""What the configuration demands for each item, and what would make no sense in it whatever it says.

Pure. Must never look at a plan or at AWS.
"""

import re
from collections.abc import Iterable
from ipaddress import ip_network
from itertools import combinations

from tradai_blueprints.tradai.checklist.subject import Subject
from tradai_blueprints.tradai.config.network import ANYWHERE
from tradai_blueprints.tradai.config.storage import Index, Table
from tradai_iac.checklist import Facts


def subnets(subject: Subject) -> Facts:
    """`tradai-public-1-dev` → CIDR and zone; the VPC as well."""
    network, naming = subject.settings.network, subject.naming
    rows = {naming.name(row.name): f"{row.cidr} {subject.region}{row.zone}" for row in network.subnets}
    return {naming.name("vpc"): network.vpc.cidr, **rows}


def subnet_faults(subject: Subject) -> list[str]:
    """Subnets outside the VPC, or over each other."""
    network = subject.settings.network
    vpc = ip_network(network.vpc.cidr)
    ranges = {row.name: ip_network(row.cidr) for row in network.subnets}
    outside = [f"{name} is outside {vpc}" for name, found in ranges.items() if not found.subnet_of(vpc)]  # type: ignore[arg-type]
    pairs = combinations(ranges, 2)
    return outside + [f"{one} overlaps {other}" for one, other in pairs if ranges[one].overlaps(ranges[other])]


def ports(subject: Subject) -> Facts:
    """The target group of each service behind the load balancer → port and health check path."""
    if not subject.balanced:
        return {}
    return {
        subject.naming.name(service.name, kind="target-group"): f"{service.port} {service.health_check_path}"
        for service in subject.settings.services
        if service.behind_load_balancer
    }


def port_faults(subject: Subject) -> list[str]:
    """Services that share a port, and ports that the load balancer cannot reach for want of a rule."""
    services = [service for service in subject.settings.services if service.port]
    shared = [
        f"{one.name} and {other.name} share port {one.port}"
        for one, other in combinations(services, 2)
        if one.port == other.port
    ]
    rules = [rule for rule in subject.settings.security.rules if (rule.group, rule.direction) == ("ecs", "ingress")]
    open_ports = [(rule.from_port, rule.to_port) for rule in rules if rule.peer == "alb"]
    closed = [
        f"no rule lets the load balancer reach {service.name} on {service.port}"
        for service in services
        if service.behind_load_balancer and not any(first <= (service.port or 0) <= last for first, last in open_ports)
    ]
    return shared + closed


def buckets(subject: Subject) -> Facts:
    """The name of each bucket of 002 §3.1."""
    names = (subject.naming.name(bucket.name, kind="s3-bucket") for bucket in subject.settings.storage.buckets)
    return dict.fromkeys(names, "there")


def bucket_faults(subject: Subject) -> list[str]:
    """Names that do not follow 002's `tradai-{component}-{env}`, with the environment's suffix where it has one."""
    ending = re.escape(subject.naming.ending("s3-bucket"))
    pattern = re.compile(rf"{subject.naming.project}-[a-z0-9-]+{ending}")
    return [f"{name} does not follow the pattern" for name in buckets(subject) if not pattern.fullmatch(name)]


def group_cidrs(subject: Subject) -> Facts:
    """Each security group → its rules that name a CIDR."""
    security = subject.settings.security
    names = {
        group.name: subject.naming.name(group.component)
        for group in security.security_groups(consolidated=subject.consolidated)
    }
    found: dict[str, list[str]] = {name: [] for name in names.values()}
    for rule in security.security_rules(consolidated=subject.consolidated, as_tasks=subject.as_tasks):
        if not rule.peer_is_group:
            found[names[rule.group]].append(cidr_rule(rule.direction, rule.from_port, rule.to_port, rule.peer))
    return {name: listed(rules) for name, rules in found.items()}


def group_faults(subject: Subject) -> list[str]:
    """Rules whose CIDR is neither everywhere nor the VPC's nor a subnet's."""
    network = subject.settings.network
    known = {ANYWHERE, network.vpc.cidr, *(subnet.cidr for subnet in network.subnets)}
    security = subject.settings.security
    rules = security.security_rules(consolidated=subject.consolidated, as_tasks=subject.as_tasks)
    strange = [rule for rule in rules if not rule.peer_is_group and rule.peer not in known]
    return [f"{rule.group} names {rule.peer}, which is not a range of this network" for rule in strange]


def tables(subject: Subject) -> Facts:
    """Each table → keys, indexes and TTL."""
    return {
        subject.naming.name(row.name, kind="dynamodb-table"): _table(row) for row in subject.settings.storage.tables
    }


def table_faults(subject: Subject) -> list[str]:
    """A number of tables other than 002 §3.2's twelve."""
    count = len(subject.settings.storage.tables)
    return [] if count == 12 else [f"{count} tables, not 12"]


def secrets(subject: Subject) -> Facts:
    """The name of each secret of 002 §8."""
    return dict.fromkeys((subject.naming.path(row.name) for row in subject.settings.secrets.secrets), "there")


def ssl(subject: Subject) -> Facts:
    """What the database's parameter group says of TLS."""
    name = subject.naming.name(subject.settings.storage.rds.parameter_family)
    return {name: f"rds.force_ssl={subject.settings.storage.rds.force_ssl}"}


def ssl_faults(subject: Subject) -> list[str]:
    """A configuration that lets people in without TLS."""
    return [] if subject.settings.storage.rds.force_ssl == "1" else ["rds.force_ssl is not 1"]


def tags(subject: Subject) -> Facts:
    """Nothing: whatever lacks a tag is a fact."""
    del subject
    return {}


def tag_faults(subject: Subject) -> list[str]:
    """Required tags without a value (002 §9.2)."""
    required = subject.settings.tags.required(subject.naming.environment)
    return [f"{key} has no value" for key, value in required.items() if not value]


def cidr_rule(direction: str, first: int, last: int, cidr: str) -> str:
    """One rule as all columns spell it."""
    return f"{direction} {first}-{last} {cidr}"


def table_text(keys: Iterable[str], indexes: Iterable[str], ttl: str | None) -> str:
    """One table as all columns spell it."""
    return f"keys {'+'.join(keys)}; indexes {listed(indexes)}; ttl {ttl or 'none'}"


def index_text(name: str, keys: Iterable[str], projection: str, included: Iterable[str]) -> str:
    """One index as all columns spell it."""
    return f"{name}({'+'.join(keys)} {projection} {listed(included)})"


def listed(texts: Iterable[str]) -> str:
    """Texts in one order, whatever the one that they came in."""
    return ", ".join(sorted(texts)) or "none"


def _table(row: Table) -> str:
    keys = [row.hash_key, *([row.range_key] if row.range_key else [])]
    return table_text(keys, map(_index, row.indexes), row.ttl)


def _index(row: Index) -> str:
    keys = [row.hash_key, *([row.range_key] if row.range_key else [])]
    return index_text(row.name, keys, row.projection, row.included)
