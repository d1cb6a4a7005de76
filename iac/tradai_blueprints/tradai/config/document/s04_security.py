"""Section 4: security groups, the user pool and the web ACL (002 §4).

Must never list a rule that the configuration does not hold, nor leave one out.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from tradai_blueprints.tradai.config.document.markdown import NOTHING, blocks, code, codes, table
from tradai_blueprints.tradai.config.document.values import COMMON, ENVIRONMENTS, NAMES
from tradai_blueprints.tradai.config.security import PasswordPolicy, SecurityGroup
from tradai_blueprints.tradai.config.security_rules import SecurityRule

_SECURITY: Final = COMMON.security
_TITLES: Final = {
    "alb": "ALB",
    "ecs": "ECS",
    "lambda": "Lambda",
    "rds": "RDS",
    "nat": "NAT",
    "vpc-endpoint": "VPC Endpoint",
    "consolidated": "Consolidated",
}
_MFA: Final = {"ON": "Required"}
_RECOVERY: Final = {"verified_email": "Email"}
_NAT_NOTE: Final = (
    "**Note:** the NAT SG allows TCP only, and nobody needs more: names are resolved by the VPC's own DNS and the time "
    "comes from the link-local time service, neither of which passes a group, an ACL or the NAT instance. Rules for "
    "UDP 53 and 123 are needed where private subnets use another resolver or NTP through NAT."
)
_ADDED: Final = (
    "**Beyond the tables above** stand these rules, each the smallest that lets a needed connection through. What the "
    "services on the consolidated instance call among themselves never leaves it and needs none."
)


def security() -> str:
    """The whole section."""
    return blocks(
        "## 4. Security Configuration",
        "### 4.1 Security Groups",
        *(_group(group) for group in _SECURITY.groups if not group.optional),
        _NAT_NOTE,
        *(_heading(group) for group in _SECURITY.groups if group.optional),
        f"Where compute is consolidated ({_consolidated()}) by default.",
        _ADDED,
        table(("Where", "Group", "Direction", "Port", "Protocol", "Source/Dest", "Purpose", "Reason"), _additions()),
        "### 4.2 Cognito Configuration",
        _cognito(),
        "### 4.3 WAF Configuration",
        _waf(),
    )


def _heading(group: SecurityGroup) -> str:
    return f"#### {_TITLES[group.name]} Security Group ({code(NAMES.name(group.component))})"


def _group(group: SecurityGroup) -> str:
    rows = (_row(rule) for rule in _SECURITY.rules if rule.group == group.name)
    return blocks(_heading(group), table(("Direction", "Port", "Protocol", "Source/Dest", "Purpose"), rows))


def _consolidated() -> str:
    return codes(name for name, settings in ENVIRONMENTS.items() if settings.stage.consolidated)


def _additions() -> Iterable[Sequence[object]]:
    """Every rule that 002 has not, with the environments in which it stands."""
    as_tasks = codes(name for name, settings in ENVIRONMENTS.items() if not settings.stage.consolidated)
    sets = (("all", _SECURITY.rules), (as_tasks, _SECURITY.task_rules), (_consolidated(), _SECURITY.consolidated_rules))
    for where, rules in sets:
        for rule in rules:
            if rule.reason:
                yield where, f"{_TITLES[rule.group]} SG", *_row(rule), rule.reason


def _row(rule: SecurityRule) -> tuple[str, ...]:
    ports = str(rule.from_port) if rule.from_port == rule.to_port else f"{rule.from_port}-{rule.to_port}"
    peer = f"{_TITLES[rule.peer]} SG" if rule.peer_is_group else code(rule.peer)
    return rule.direction.capitalize(), ports, "TCP", peer, rule.purpose


def _cognito() -> str:
    pool = _SECURITY.cognito
    rows = (
        ("User Pool Name", code(NAMES.name(pool.user_pool, kind="user-pool"))),
        ("MFA", _MFA[pool.mfa] + (" (TOTP)" if pool.totp else "")),
        ("Password Min Length", pool.password.minimum_length),
        ("Password Requirements", ", ".join(_requirements(pool.password))),
        ("Account Recovery", f"{', '.join(_RECOVERY[way] for way in pool.recovery)} only"),
        ("Advanced Security", "Not enabled (no `user_pool_add_ons` configured)"),
        ("Clients", f"{code(NAMES.name(pool.web_client))} (people), {code(NAMES.name(pool.m2m_client))} (machines)"),
        ("Machine Scopes", codes(scope.name for scope in pool.m2m_scopes)),
    )
    return table(("Parameter", "Value"), rows)


def _requirements(policy: PasswordPolicy) -> Iterable[str]:
    demands = (
        ("Upper", policy.require_uppercase),
        ("Lower", policy.require_lowercase),
        ("Number", policy.require_numbers),
        ("Symbol", policy.require_symbols),
    )
    return (what for what, demanded in demands if demanded)


def _waf() -> str:
    rows = (
        (
            rule.name,
            rule.priority,
            rule.action,
            f"{rule.rate_limit}/5min per IP" if rule.rate_limit else NOTHING,
        )
        for rule in _SECURITY.waf_rules
    )
    return table(("Rule", "Priority", "Action", "Rate Limit"), rows)
