"""What AWS WAF demands of the rules of a web ACL, and what they cost in web ACL capacity units (WCU).

Pure. Text transformations are not counted. Must never read a request: no rule is applied to any traffic.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

Rule = Mapping[str, Any]

#: The managed rule groups of vendor AWS, with their capacity in WCU.
MANAGED: Final = {
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesAdminProtectionRuleSet": 100,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesLinuxRuleSet": 200,
    "AWSManagedRulesUnixRuleSet": 100,
    "AWSManagedRulesWindowsRuleSet": 200,
    "AWSManagedRulesPHPRuleSet": 100,
    "AWSManagedRulesWordPressRuleSet": 100,
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
    "AWSManagedRulesATPRuleSet": 50,
    "AWSManagedRulesACFPRuleSet": 50,
    "AWSManagedRulesBotControlRuleSet": 50,
    "AWSManagedRulesAntiDDoSRuleSet": 50,
}
#: What a statement costs itself, in WCU; what it holds is added.
_COSTS: Final = {
    "RateBasedStatement": 2,
    "GeoMatchStatement": 1,
    "IPSetReferenceStatement": 1,
    "LabelMatchStatement": 1,
    "AsnMatchStatement": 1,
    "SizeConstraintStatement": 1,
    "RegexMatchStatement": 3,
    "ByteMatchStatement": 10,
    "SqliMatchStatement": 20,
    "XssMatchStatement": 40,
    "RegexPatternSetReferenceStatement": 25,
}
_GROUPS: Final = ("ManagedRuleGroupStatement", "RuleGroupReferenceStatement")
_ACTIONS: Final = ("Action", "OverrideAction")


def capacity(rules: Iterable[Rule]) -> int:
    """The WCU that all rules take together."""
    return sum(_cost(rule["Statement"]) for rule in rules)


def _cost(statement: Mapping[str, Any]) -> int:
    ((kind, body),) = statement.items()
    own = MANAGED.get(body["Name"], 0) if kind == "ManagedRuleGroupStatement" else _COSTS.get(kind, 0)
    return own + sum(_cost(inner) for inner in _inner(body))


def _inner(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    alone = [body[member] for member in ("Statement", "ScopeDownStatement") if body.get(member)]
    return [*alone, *body.get("Statements", [])]


def complaint(rules: Iterable[Rule]) -> str:
    """What AWS would refuse about the rules, or nothing."""
    listed = list(rules)
    for field in ("Priority", "Name"):
        if len({rule[field] for rule in listed}) != len(listed):
            return f"two rules have the same {field}"
    return next((said for rule in listed if (said := _rule_complaint(rule))), "")


def _rule_complaint(rule: Rule) -> str:
    if len(rule["Statement"]) != 1:
        return f"rule {rule['Name']} needs exactly one statement"
    ((kind, body),) = rule["Statement"].items()
    wanted = "OverrideAction" if kind in _GROUPS else "Action"
    given = [name for name in _ACTIONS if rule.get(name) is not None]
    if given != [wanted] or len(rule[wanted]) != 1:
        return f"rule {rule['Name']} needs exactly one {wanted}"
    if body.get("AggregateKeyType") == "FORWARDED_IP" and "ForwardedIPConfig" not in body:
        return f"rule {rule['Name']} counts by FORWARDED_IP and needs a ForwardedIPConfig"
    return ""


def unknown_groups(rules: Iterable[Rule]) -> set[str]:
    """The managed rule groups of vendor AWS that do not exist."""
    bodies = [rule["Statement"].get("ManagedRuleGroupStatement") for rule in rules]
    return {body["Name"] for body in bodies if body and body["VendorName"] == "AWS"} - set(MANAGED)
