"""Security groups as rows, the user pool and the web ACL (002 §4).

Must never open a port to the world that 002 does not: every rule here is a row of 002 §4.1,
or is needed by a connection between what the stacks make and says which.
"""

from typing import Final, Literal

from tradai_blueprints.tradai.config.network import ANYWHERE, NETWORK
from tradai_blueprints.tradai.config.security_rules import (
    CommonPorts,
    GroupName,
    SecurityRule,
    SecurityRuleBuilder,
    connection,
)
from tradai_iac.base import Frozen


class SecurityGroup(Frozen):
    """One security group; `component` is what naming spells (`alb-sg`)."""

    name: GroupName
    component: str
    description: str
    optional: bool = False


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


#: 002 §4.1, row by row.
_DOCUMENTED: Final = (
    SecurityRuleBuilder("alb")
    .ingress_from_cidr(ANYWHERE, CommonPorts.HTTP, "HTTP redirect")
    .ingress_from_cidr(ANYWHERE, CommonPorts.HTTPS, "HTTPS")
    .egress_to_sg("ecs", CommonPorts.SERVICES, "To services")
    .egress_to_sg("ecs", CommonPorts.MLFLOW, "To MLflow")
    .build()
    + SecurityRuleBuilder("ecs")
    .ingress_from_sg("alb", CommonPorts.BACKEND_API, "Backend API")
    .ingress_from_sg("alb", CommonPorts.DATA_COLLECTION, "Data Collection")
    .ingress_from_sg("alb", CommonPorts.STRATEGY_SERVICE, "Strategy Service")
    .ingress_from_sg("alb", CommonPorts.MLFLOW, "MLflow")
    .ingress_from_sg("lambda", CommonPorts.SERVICES, "Internal calls")
    .egress_https_to_internet("AWS APIs")
    .egress_to_sg("rds", CommonPorts.POSTGRES, "Database")
    .build()
    + SecurityRuleBuilder("lambda")
    .egress_https_to_internet("AWS APIs")
    .egress_to_sg("ecs", CommonPorts.SERVICES, "To services")
    .egress_to_sg("ecs", CommonPorts.MLFLOW, "To MLflow")
    .build()
    + SecurityRuleBuilder("rds")
    .ingress_from_sg("ecs", CommonPorts.POSTGRES, "From ECS")
    .ingress_from_sg("lambda", CommonPorts.POSTGRES, "From Lambda")
    .build()
    + tuple(
        rule
        for subnet in NETWORK.subnets_of("private")
        for rule in SecurityRuleBuilder("nat")
        .ingress_from_cidr(subnet.cidr, CommonPorts.ALL, f"From {subnet.name.title()}")
        .build()
    )
    + SecurityRuleBuilder("nat").egress_to_cidr(ANYWHERE, CommonPorts.ALL, "To internet").build()
)

#: What no environment can do without, each the smallest rule that lets a needed flow through.
_ADDED: Final = (
    SecurityRuleBuilder("ecs", "The tables let Lambda out to MLflow, and it in nowhere")
    .ingress_from_sg("lambda", CommonPorts.MLFLOW, "MLflow from Lambda")
    .build()
    + SecurityRuleBuilder("lambda", "The tables let Lambda in at the database, and out nowhere")
    .egress_to_sg("rds", CommonPorts.POSTGRES, "Database")
    .build()
    + SecurityRuleBuilder(
        "vpc-endpoint",
        "No document has this group's rules; the endpoints' private names answer in the whole VPC",
    )
    .ingress_from_cidr(NETWORK.vpc.cidr, CommonPorts.HTTPS, "AWS APIs from the VPC")
    .build()
    + SecurityRuleBuilder(
        "ecs", "The API's VPC link has the ECS group; without a certificate the load balancer listens on 80 alone"
    )
    .egress_to_sg("alb", CommonPorts.HTTP, "VPC link to the load balancer")
    .build()
    + connection(
        "lambda", CommonPorts.TRADING, "ecs", "Trading tasks", "Section 2.3 names them; health-check asks them"
    )
)

_BETWEEN_TASKS: Final = "Tasks call each other by the names of section 2.3; the tables have no rule between tasks"

#: Where the standing services are tasks, they are called by tasks.
_TASKS: Final = (
    *connection("ecs", CommonPorts.MLFLOW, "ecs", "MLflow from tasks", _BETWEEN_TASKS),
    *connection("ecs", CommonPorts.DATA_TO_DRY_RUN, "ecs", "Services and trading tasks from tasks", _BETWEEN_TASKS),
)

_BALANCED: Final = "It runs what the load balancer's target groups lead to"
_CALLED: Final = "It runs the services that functions call"
_SERVES_TASKS: Final = "It runs the services that strategy and trading tasks call"

#: Where the consolidated instance stands (001 §6): what the four services on it need, and nothing more. What they
#: call among themselves never leaves it.
_CONSOLIDATED: Final = (
    *connection("alb", CommonPorts.BACKEND_API, "consolidated", "Backend API", _BALANCED),
    *connection("alb", CommonPorts.DATA_AND_STRATEGY, "consolidated", "Data Collection, Strategy Service", _BALANCED),
    *connection("alb", CommonPorts.MLFLOW, "consolidated", "MLflow", _BALANCED),
    *connection("lambda", CommonPorts.BACKEND_API, "consolidated", "Backend API", _CALLED),
    *connection("lambda", CommonPorts.DATA_AND_STRATEGY, "consolidated", "Data Collection, Strategy Service", _CALLED),
    *connection("lambda", CommonPorts.MLFLOW, "consolidated", "MLflow", _CALLED),
    *connection("ecs", CommonPorts.MLFLOW, "consolidated", "MLflow from tasks", _SERVES_TASKS),
    *connection("ecs", CommonPorts.DATA_COLLECTION, "consolidated", "Data Collection from tasks", _SERVES_TASKS),
    *connection(
        "consolidated", CommonPorts.TRADING, "ecs", "Trading tasks", "The backend on it asks trading tasks how they are"
    ),
    *connection("consolidated", CommonPorts.POSTGRES, "rds", "Database", "MLflow on it keeps its metadata there"),
    *SecurityRuleBuilder("consolidated", "Images, logs, packages and what its services use")
    .egress_https_to_internet("AWS APIs")
    .build(),
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
