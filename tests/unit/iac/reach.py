"""Whether security groups and network ACLs let a connection through, decided as AWS decides it.

A group's rules are stateful, an ACL's are not: the answers, to a port from 1024 up, must pass as well. Between two
machines of one subnet stands no ACL. Must never know why a connection is needed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from typing import Any, Self

from tests.unit.iac.flows import End, Flow
from tests.unit.iac.pulumi_mocks import Recorded

ANYWHERE = IPv4Network("0.0.0.0/0")
#: The ports from which clients call, and to which they are answered.
EPHEMERAL = range(1024, 65536)


@dataclass(frozen=True)
class GroupRule:
    """A rule of a security group; its peer is another group or a network."""

    name: str
    group: str
    egress: bool
    ports: range
    peer_group: str | None
    network: IPv4Network | None

    def lets(self, peer: End, network: IPv4Network, port: int) -> bool:
        """Whether traffic with that peer, who stands in that network, passes."""
        known = self.peer_group in peer.groups or (self.network is not None and network.subnet_of(self.network))
        return known and port in self.ports


@dataclass(frozen=True)
class AclRule:
    """A rule of a network ACL."""

    name: str
    acl: str
    egress: bool
    number: int
    ports: range
    network: IPv4Network
    allows: bool

    def touches(self, network: IPv4Network, ports: range) -> bool:
        """Whether it says anything about some of that traffic."""
        together = max(self.ports.start, ports.start) < min(self.ports.stop, ports.stop)
        return together and self.network.overlaps(network)

    def covers(self, network: IPv4Network, ports: range) -> bool:
        """Whether it speaks of all of that traffic."""
        return network.subnet_of(self.network) and self.ports.start <= ports.start and ports.stop <= self.ports.stop


@dataclass(frozen=True)
class Filters:
    """All that stands between the ends of an environment; `networks` and `acls` by id of the subnet."""

    group_rules: tuple[GroupRule, ...]
    acl_rules: tuple[AclRule, ...]
    networks: Mapping[str, IPv4Network]
    acls: Mapping[str, str]

    @classmethod
    def of(cls, resources: list[Recorded]) -> Self:
        """Those of a rendered graph; raises KeyError for a subnet without an ACL."""
        rows = {type_: [row for row in resources if row.type == type_] for type_ in {row.type for row in resources}}
        networks = {f"{row.name}-id": IPv4Network(row.inputs["cidrBlock"]) for row in rows["aws:ec2/subnet:Subnet"]}
        acls = {each: f"{r.name}-id" for r in rows["aws:ec2/networkAcl:NetworkAcl"] for each in r.inputs["subnetIds"]}
        ingress, egress = (f"aws:vpc/securityGroup{way}Rule:SecurityGroup{way}Rule" for way in ("Ingress", "Egress"))
        groups = [_group_rule(row, egress=row.type == egress) for row in (*rows[ingress], *rows[egress])]
        numbered = [_acl_rule(row) for row in rows["aws:ec2/networkAclRule:NetworkAclRule"]]
        return cls(tuple(groups), tuple(numbered), networks, {subnet: acls[subnet] for subnet in networks})

    def without(self, rule: GroupRule, port: int) -> Self:
        """The same, but that rule leaves out one port."""
        parts = (range(rule.ports.start, port), range(port + 1, rule.ports.stop))
        kept = [replace(rule, ports=ports) for ports in parts if ports]
        return replace(self, group_rules=(*(each for each in self.group_rules if each != rule), *kept))

    def without_acl(self, rule: AclRule) -> Self:
        """The same, but without that rule of an ACL."""
        return replace(self, acl_rules=tuple(each for each in self.acl_rules if each != rule))

    def stop(self, flow: Flow) -> list[str]:
        """What keeps a connection from being made, in words; nothing where it passes."""
        return sorted({f"{flow}: {what}" for what in self._stops(flow)})

    def _stops(self, flow: Flow) -> Iterator[str]:
        first = flow.via or flow.called
        for near in self._places(flow.caller):
            for far in self._places(flow.called):
                yield from self._out(flow.caller, near, flow.called, far, flow.port)
            for hop in self._places(first):
                yield from self._in(first, hop, flow.caller, near, flow.port)
        if flow.via:
            for hop in self._places(flow.via):
                for far in self._places(flow.called):
                    yield from self._out(flow.via, hop, flow.called, far, flow.port)

    def _places(self, end: End) -> tuple[str | None, ...]:
        return end.subnets or (None,)

    def _network(self, subnet: str | None) -> IPv4Network:
        return self.networks[subnet] if subnet else ANYWHERE

    def _out(self, end: End, subnet: str | None, peer: End, other: str | None, port: int) -> Iterator[str]:
        """From an end in its subnet to a peer in another: the request leaves, the answer comes back."""
        network = self._network(other)
        if not self._group_lets(end, True, peer, network, port):
            yield f"no group of {end.what} lets it out"
        if subnet != other and not self._acl_lets(subnet, True, network, range(port, port + 1)):
            yield f"the ACL of {subnet} lets the request not out"
        if subnet != other and not self._acl_lets(subnet, False, network, EPHEMERAL):
            yield f"the ACL of {subnet} lets the answer not in"

    def _in(self, end: End, subnet: str | None, peer: End, other: str | None, port: int) -> Iterator[str]:
        """To an end in its subnet from a peer in another: the request comes in, the answer leaves."""
        network = self._network(other)
        if subnet is None:
            return
        if not self._group_lets(end, False, peer, network, port):
            yield f"no group of {end.what} lets it in"
        if subnet != other and not self._acl_lets(subnet, False, network, range(port, port + 1)):
            yield f"the ACL of {subnet} lets the request not in"
        if subnet != other and not self._acl_lets(subnet, True, network, EPHEMERAL):
            yield f"the ACL of {subnet} lets the answer not out"

    def _group_lets(self, end: End, egress: bool, peer: End, network: IPv4Network, port: int) -> bool:
        rules = (rule for rule in self.group_rules if rule.group in end.groups and rule.egress == egress)
        return not end.subnets or any(rule.lets(peer, network, port) for rule in rules)

    def _acl_lets(self, subnet: str | None, egress: bool, network: IPv4Network, ports: range) -> bool:
        """The first rule that speaks of all of it decides; one that refuses a part of it before refuses the rest."""
        if subnet is None:
            return True
        rules = [rule for rule in self.acl_rules if rule.acl == self.acls[subnet] and rule.egress == egress]
        for rule in sorted(rules, key=lambda rule: rule.number):
            if rule.covers(network, ports) or (rule.touches(network, ports) and not rule.allows):
                return rule.allows
        return False


def _group_rule(row: Recorded, *, egress: bool) -> GroupRule:
    inputs = row.inputs
    assert inputs["ipProtocol"] == "tcp", row.name
    cidr = inputs.get("cidrIpv4")
    return GroupRule(
        name=row.name,
        group=inputs["securityGroupId"],
        egress=egress,
        ports=range(int(inputs["fromPort"]), int(inputs["toPort"]) + 1),
        peer_group=inputs.get("referencedSecurityGroupId"),
        network=IPv4Network(cidr) if cidr else None,
    )


def _acl_rule(row: Recorded) -> AclRule:
    inputs: Mapping[str, Any] = row.inputs
    every = inputs["protocol"] == "-1"
    return AclRule(
        name=row.name,
        acl=inputs["networkAclId"],
        egress=inputs["egress"],
        number=int(inputs["ruleNumber"]),
        ports=range(65536) if every else range(int(inputs["fromPort"]), int(inputs["toPort"]) + 1),
        network=IPv4Network(inputs["cidrBlock"]),
        allows=inputs["ruleAction"] == "allow",
    )
