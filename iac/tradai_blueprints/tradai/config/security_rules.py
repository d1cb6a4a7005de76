"""How a security group's rules are written down (001 §8 SecurityRuleBuilder, CommonPorts).

Must never hold a rule: those are rows of `security`.
"""

from __future__ import annotations

from typing import Final, Literal

from tradai_blueprints.tradai.config.network import ANYWHERE
from tradai_iac.base import Frozen

GroupName = Literal["alb", "ecs", "lambda", "rds", "nat", "vpc-endpoint", "consolidated"]
Direction = Literal["ingress", "egress"]


class SecurityRule(Frozen):
    """One TCP rule of `group`. `peer` is a group or, where it has a slash, a CIDR.

    `reason` says why a rule that 002 §4.1 does not have is there all the same; None for those that it has.
    """

    group: GroupName
    direction: Direction
    from_port: int
    to_port: int
    peer: str
    purpose: str
    reason: str | None = None

    @property
    def peer_is_group(self) -> bool:
        """Whether the other side is a security group and no CIDR."""
        return "/" not in self.peer


class PortRange(Frozen):
    """TCP ports from the first to the last."""

    first: int
    last: int


def port(number: int) -> PortRange:
    """A range of one port."""
    return PortRange(first=number, last=number)


class CommonPorts:
    """The ports of 002 §2.1, §2.3 and §4.1 by what listens there, alone and in the runs that rules open together."""

    HTTP: Final = port(80)
    HTTPS: Final = port(443)
    POSTGRES: Final = port(5432)
    MLFLOW: Final = port(5000)
    BACKEND_API: Final = port(8000)
    DATA_COLLECTION: Final = port(8002)
    STRATEGY_SERVICE: Final = port(8003)
    SERVICES: Final = PortRange(first=8000, last=8003)
    DATA_AND_STRATEGY: Final = PortRange(first=8002, last=8003)
    DATA_TO_DRY_RUN: Final = PortRange(first=8002, last=8005)
    TRADING: Final = PortRange(first=8004, last=8005)
    ALL: Final = PortRange(first=0, last=65535)


class SecurityRuleBuilder:
    """Collects the rules of one group; each method returns the builder.

    `reason` belongs to all rules of a builder: None where 002 §4.1 has them.
    """

    def __init__(self, group: GroupName, reason: str | None = None) -> None:
        self._group: GroupName = group
        self._reason = reason
        self._rules: list[SecurityRule] = []

    def ingress_from_sg(self, peer: GroupName, ports: PortRange, purpose: str) -> SecurityRuleBuilder:
        """Let another group in."""
        return self._add("ingress", peer, ports, purpose)

    def ingress_from_cidr(self, cidr: str, ports: PortRange, purpose: str) -> SecurityRuleBuilder:
        """Let addresses in."""
        return self._add("ingress", cidr, ports, purpose)

    def egress_to_sg(self, peer: GroupName, ports: PortRange, purpose: str) -> SecurityRuleBuilder:
        """Let out to another group."""
        return self._add("egress", peer, ports, purpose)

    def egress_to_cidr(self, cidr: str, ports: PortRange, purpose: str) -> SecurityRuleBuilder:
        """Let out to addresses."""
        return self._add("egress", cidr, ports, purpose)

    def egress_https_to_internet(self, purpose: str) -> SecurityRuleBuilder:
        """Let out to everybody by HTTPS."""
        return self.egress_to_cidr(ANYWHERE, CommonPorts.HTTPS, purpose)

    def build(self) -> tuple[SecurityRule, ...]:
        """The rules in the order in which they were said."""
        return tuple(self._rules)

    def _add(self, direction: Direction, peer: str, ports: PortRange, purpose: str) -> SecurityRuleBuilder:
        self._rules.append(
            SecurityRule(
                group=self._group,
                direction=direction,
                from_port=ports.first,
                to_port=ports.last,
                peer=peer,
                purpose=purpose,
                reason=self._reason,
            )
        )
        return self


def connection(
    caller: GroupName, ports: PortRange, called: GroupName, purpose: str, reason: str
) -> tuple[SecurityRule, ...]:
    """What one connection needs: a rule at either end."""
    out = SecurityRuleBuilder(caller, reason).egress_to_sg(called, ports, purpose)
    return out.build() + SecurityRuleBuilder(called, reason).ingress_from_sg(caller, ports, purpose).build()
