"""Security groups as rows, the user pool and the web ACL (002 §4).

Must never open a port to the world that 002 does not: every rule here is a row of 002 §4.1, or completes one.
"""

from collections.abc import Iterable
from typing import Final, Literal

from tradai_iac.base import Frozen
from tradai_iac.config.network import ANYWHERE, NETWORK

GroupName = Literal["alb", "ecs", "lambda", "rds", "nat", "vpc-endpoint", "consolidated"]
Direction = Literal["ingress", "egress"]


class SecurityGroup(Frozen):
    """One security group; `component` is what naming spells (`alb-sg`)."""

    name: GroupName
    component: str
    description: str
    optional: bool = False


class SecurityRule(Frozen):
    """One TCP rule of `group`. `peer` is a group or, where it has a slash, a CIDR."""

    group: GroupName
    direction: Direction
    from_port: int
    to_port: int
    peer: str
    purpose: str

    @property
    def peer_is_group(self) -> bool:
        """Whether the other side is a security group and no CIDR."""
        return "/" not in self.peer


class PasswordPolicy(Frozen):
    """002 §4.2; a temporary password lasts the days that Cognito gives by default."""

    minimum_length: int = 12
    require_uppercase: bool = True
    require_lowercase: bool = True
    require_numbers: bool = True
    require_symbols: bool = True
    temporary_validity_days: int = 7


class Scope(Frozen):
    """One scope that a machine may be granted on the resource server."""

    name: str
    description: str


class Cognito(Frozen):
    """The user pool (002 §4.2) and its clients (001 §4): web for people, M2M for machines.

    `user_pool_add_ons` are absent on purpose: 002 says that advanced security is not enabled.
    """

    user_pool: str = "users"
    mfa: Literal["ON"] = "ON"
    totp: bool = True
    password: PasswordPolicy = PasswordPolicy()
    recovery: tuple[str, ...] = ("verified_email",)
    web_client: str = "web"
    m2m_client: str = "m2m"
    domain: str = "auth"
    resource_server: str = "api"
    web_scopes: tuple[str, ...] = ("openid", "email", "profile")
    m2m_scopes: tuple[Scope, ...] = (
        Scope(name="read", description="Read strategies, backtests, models and data"),
        Scope(name="write", description="Start backtests, stage and promote strategies"),
    )


class WafRule(Frozen):
    """One rule of the web ACL; `rate_limit` is requests per five minutes and address."""

    name: str
    priority: int
    action: Literal["Block"] = "Block"
    rate_limit: int | None = None


class Security(Frozen):
    """Everything of 002 §4. `rules` leaves out those of the optional consolidated group."""

    groups: tuple[SecurityGroup, ...]
    rules: tuple[SecurityRule, ...]
    consolidated_rules: tuple[SecurityRule, ...]
    cognito: Cognito
    waf_rules: tuple[WafRule, ...]

    def security_groups(self, *, consolidated: bool) -> tuple[SecurityGroup, ...]:
        """The six groups, and the consolidated instance's where it is wanted."""
        return tuple(group for group in self.groups if consolidated or not group.optional)

    def security_rules(self, *, consolidated: bool) -> tuple[SecurityRule, ...]:
        """All rules among those groups."""
        return self.rules + self.consolidated_rules if consolidated else self.rules


_GROUPS: Final = (
    SecurityGroup(name="alb", component="alb-sg", description="Load balancer"),
    SecurityGroup(name="ecs", component="ecs-sg", description="ECS tasks"),
    SecurityGroup(name="lambda", component="lambda-sg", description="Lambda functions"),
    SecurityGroup(name="rds", component="rds-sg", description="Database"),
    SecurityGroup(name="nat", component="nat-sg", description="NAT instance"),
    SecurityGroup(name="vpc-endpoint", component="vpc-endpoint-sg", description="VPC interface endpoints"),
    SecurityGroup(name="consolidated", component="consolidated-sg", description="Consolidated instance", optional=True),
)


def _rule(
    group: GroupName, direction: Direction, ports: int | tuple[int, int], peer: str, purpose: str
) -> SecurityRule:
    first, last = ports if isinstance(ports, tuple) else (ports, ports)
    return SecurityRule(group=group, direction=direction, from_port=first, to_port=last, peer=peer, purpose=purpose)


_SERVICES: Final = (8000, 8003)
_ALL_TCP: Final = (0, 65535)

#: 002 §4.1, row by row.
_DOCUMENTED: Final = (
    _rule("alb", "ingress", 80, ANYWHERE, "HTTP redirect"),
    _rule("alb", "ingress", 443, ANYWHERE, "HTTPS"),
    _rule("alb", "egress", _SERVICES, "ecs", "To services"),
    _rule("alb", "egress", 5000, "ecs", "To MLflow"),
    _rule("ecs", "ingress", 8000, "alb", "Backend API"),
    _rule("ecs", "ingress", 8002, "alb", "Data Collection"),
    _rule("ecs", "ingress", 8003, "alb", "Strategy Service"),
    _rule("ecs", "ingress", 5000, "alb", "MLflow"),
    _rule("ecs", "ingress", _SERVICES, "lambda", "Internal calls"),
    _rule("ecs", "egress", 443, ANYWHERE, "AWS APIs"),
    _rule("ecs", "egress", 5432, "rds", "Database"),
    _rule("lambda", "egress", 443, ANYWHERE, "AWS APIs"),
    _rule("lambda", "egress", _SERVICES, "ecs", "To services"),
    _rule("lambda", "egress", 5000, "ecs", "To MLflow"),
    _rule("rds", "ingress", 5432, "ecs", "From ECS"),
    _rule("rds", "ingress", 5432, "lambda", "From Lambda"),
    *(
        _rule("nat", "ingress", _ALL_TCP, subnet.cidr, f"From {subnet.name.title()}")
        for subnet in NETWORK.subnets_of("private")
    ),
    _rule("nat", "egress", _ALL_TCP, ANYWHERE, "To internet"),
)

#: Rules without which a documented one carries nothing: both ends of a connection need theirs.
_COMPLETING: Final = (
    _rule("ecs", "ingress", 5000, "lambda", "MLflow from Lambda"),
    _rule("lambda", "egress", 5432, "rds", "Database"),
    _rule("vpc-endpoint", "ingress", 443, NETWORK.vpc.cidr, "AWS APIs from the VPC"),
)

#: The API's VPC link has the ECS group; without a certificate it speaks to the load balancer on port 80.
_VPC_LINK: Final = (
    _rule("ecs", "egress", 80, "alb", "VPC link to the load balancer"),
    _rule("alb", "ingress", 80, "ecs", "VPC link"),
)


def _standing_in(rules: Iterable[SecurityRule]) -> tuple[SecurityRule, ...]:
    """The rules that name the ECS tasks, with the consolidated instance in their place (001 §6)."""
    swap: dict[str, GroupName] = {"ecs": "consolidated"}
    return tuple(
        rule.model_copy(update={"group": swap.get(rule.group, rule.group), "peer": swap.get(rule.peer, rule.peer)})
        for rule in rules
        if "ecs" in (rule.group, rule.peer)
    )


SECURITY: Final = Security(
    groups=_GROUPS,
    rules=_DOCUMENTED + _COMPLETING + _VPC_LINK,
    consolidated_rules=_standing_in(_DOCUMENTED + _COMPLETING),
    cognito=Cognito(),
    waf_rules=(
        WafRule(name="RateLimitRule", priority=1, rate_limit=100),
        WafRule(name="AWSManagedRulesCommonRuleSet", priority=2),
        WafRule(name="AWSManagedRulesKnownBadInputsRuleSet", priority=3),
        WafRule(name="AWSManagedRulesSQLiRuleSet", priority=4),
    ),
)
