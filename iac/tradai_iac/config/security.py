"""Security groups as rows, the user pool and the web ACL (002 §4).

Must never open a port to the world that 002 does not: every rule here is a row of 002 §4.1,
or is needed by a connection between what the stacks make and says which.
"""

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
    """Everything of 002 §4.

    `rules` exist in every environment, `task_rules` where the standing services are tasks, `consolidated_rules` where
    the consolidated instance's group exists.
    """

    groups: tuple[SecurityGroup, ...]
    rules: tuple[SecurityRule, ...]
    task_rules: tuple[SecurityRule, ...]
    consolidated_rules: tuple[SecurityRule, ...]
    cognito: Cognito
    waf_rules: tuple[WafRule, ...]

    def security_groups(self, *, consolidated: bool) -> tuple[SecurityGroup, ...]:
        """The six groups, and the consolidated instance's where it is wanted."""
        return tuple(group for group in self.groups if consolidated or not group.optional)

    def security_rules(self, *, consolidated: bool, as_tasks: bool) -> tuple[SecurityRule, ...]:
        """All rules among those groups; `as_tasks` says that the standing services are tasks (002 §10)."""
        return self.rules + (self.task_rules if as_tasks else ()) + (self.consolidated_rules if consolidated else ())


_GROUPS: Final = (
    SecurityGroup(name="alb", component="alb-sg", description="Load balancer"),
    SecurityGroup(name="ecs", component="ecs-sg", description="ECS tasks"),
    SecurityGroup(name="lambda", component="lambda-sg", description="Lambda functions"),
    SecurityGroup(name="rds", component="rds-sg", description="Database"),
    SecurityGroup(name="nat", component="nat-sg", description="NAT instance"),
    SecurityGroup(name="vpc-endpoint", component="vpc-endpoint-sg", description="VPC interface endpoints"),
    SecurityGroup(name="consolidated", component="consolidated-sg", description="Consolidated instance", optional=True),
)


Ports = int | tuple[int, int]


def _rule(
    group: GroupName, direction: Direction, ports: Ports, peer: str, purpose: str, reason: str | None = None
) -> SecurityRule:
    first, last = ports if isinstance(ports, tuple) else (ports, ports)
    return SecurityRule(
        group=group, direction=direction, from_port=first, to_port=last, peer=peer, purpose=purpose, reason=reason
    )


def _both(caller: GroupName, ports: Ports, called: GroupName, purpose: str, reason: str) -> tuple[SecurityRule, ...]:
    """A connection needs a rule at either end."""
    return (
        _rule(caller, "egress", ports, called, purpose, reason),
        _rule(called, "ingress", ports, caller, purpose, reason),
    )


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

#: Services by the ports that 002 §2.1 and §2.3 give them, in runs.
_MLFLOW: Final = 5000
_BACKEND: Final = 8000
_DATA: Final = 8002
_DATA_TO_STRATEGY: Final = (8002, 8003)
_DATA_TO_DRY_RUN: Final = (8002, 8005)
_TRADING: Final = (8004, 8005)
_POSTGRES: Final = 5432

#: What no environment can do without, each the smallest rule that lets a needed flow through.
_ADDED: Final = (
    _rule(
        "ecs", "ingress", _MLFLOW, "lambda", "MLflow from Lambda", "002 lets Lambda out to MLflow, and it in nowhere"
    ),
    _rule("lambda", "egress", _POSTGRES, "rds", "Database", "002 lets Lambda in at the database, and out nowhere"),
    _rule(
        "vpc-endpoint",
        "ingress",
        443,
        NETWORK.vpc.cidr,
        "AWS APIs from the VPC",
        "No document has this group's rules; the endpoints' private names answer in the whole VPC",
    ),
    _rule(
        "ecs",
        "egress",
        80,
        "alb",
        "VPC link to the load balancer",
        "The API's VPC link has the ECS group; without a certificate the load balancer listens on 80 alone",
    ),
    *_both("lambda", _TRADING, "ecs", "Trading tasks", "002 §2.3 names them; health-check asks them"),
)

_BETWEEN_TASKS: Final = "Tasks call each other by the names of 002 §2.3; 002 has no rule between tasks"

#: Where the standing services are tasks, they are called by tasks.
_TASKS: Final = (
    *_both("ecs", _MLFLOW, "ecs", "MLflow from tasks", _BETWEEN_TASKS),
    *_both("ecs", _DATA_TO_DRY_RUN, "ecs", "Services and trading tasks from tasks", _BETWEEN_TASKS),
)

_BALANCED: Final = "It runs what the load balancer's target groups lead to"
_CALLED: Final = "It runs the services that functions call"
_SERVES_TASKS: Final = "It runs the services that strategy and trading tasks call"

#: Where the consolidated instance stands (001 §6): what the four services on it need, and nothing more. What they
#: call among themselves never leaves it.
_CONSOLIDATED: Final = (
    *_both("alb", _BACKEND, "consolidated", "Backend API", _BALANCED),
    *_both("alb", _DATA_TO_STRATEGY, "consolidated", "Data Collection, Strategy Service", _BALANCED),
    *_both("alb", _MLFLOW, "consolidated", "MLflow", _BALANCED),
    *_both("lambda", _BACKEND, "consolidated", "Backend API", _CALLED),
    *_both("lambda", _DATA_TO_STRATEGY, "consolidated", "Data Collection, Strategy Service", _CALLED),
    *_both("lambda", _MLFLOW, "consolidated", "MLflow", _CALLED),
    *_both("ecs", _MLFLOW, "consolidated", "MLflow from tasks", _SERVES_TASKS),
    *_both("ecs", _DATA, "consolidated", "Data Collection from tasks", _SERVES_TASKS),
    *_both("consolidated", _TRADING, "ecs", "Trading tasks", "The backend on it asks trading tasks how they are"),
    *_both("consolidated", _POSTGRES, "rds", "Database", "MLflow on it keeps its metadata there"),
    _rule("consolidated", "egress", 443, ANYWHERE, "AWS APIs", "Images, logs, packages and what its services use"),
)


SECURITY: Final = Security(
    groups=_GROUPS,
    rules=_DOCUMENTED + _ADDED,
    task_rules=_TASKS,
    consolidated_rules=_CONSOLIDATED,
    cognito=Cognito(),
    waf_rules=(
        WafRule(name="RateLimitRule", priority=1, rate_limit=100),
        WafRule(name="AWSManagedRulesCommonRuleSet", priority=2),
        WafRule(name="AWSManagedRulesKnownBadInputsRuleSet", priority=3),
        WafRule(name="AWSManagedRulesSQLiRuleSet", priority=4),
    ),
)
