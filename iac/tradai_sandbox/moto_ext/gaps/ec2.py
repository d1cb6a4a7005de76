"""EC2: descriptions of security group rules that refer to groups and prefix lists, and their modification.

Must never change which traffic a rule stands for unless the request says so.
"""

from typing import Any

from moto.ec2.models import security_groups as models

from tradai_sandbox.moto_ext.gaps.patching import wrap


def repair() -> None:
    """Give every kind of rule its description, let ModifySecurityGroupRules change every kind of source."""
    wrap(models.SecurityGroupRule, __init__=_remembers, description=lambda _: property(_description))
    wrap(models.SecurityGroupBackend, modify_security_group_rules=_modify)


def _remembers(original: Any) -> Any:
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        of_list = kwargs.get("prefix_list_id") or {}
        self.own_description = of_list.get("Description")

    return init


def _description(rule: Any) -> str | None:
    text: str | None = rule.own_description
    return text or rule.ip_range.get("Description") or rule.source_group.get("Description")


def _modify(original: Any) -> Any:
    def modify_security_group_rules(self: Any, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
        original(self, group_id, rules)
        group = self.get_security_group_by_name_or_id(group_id)
        for rule_id, wanted in rules.items():
            _apply(group.get_rule(rule_id), wanted)

    return modify_security_group_rules


def _apply(rule: Any, wanted: dict[str, Any]) -> None:
    """ModifySecurityGroupRules replaces the whole rule: a description that is not given is removed."""
    rule.ip_range.pop("Description", None)
    rule.source_group.pop("Description", None)
    rule.own_description = wanted.get("Description")
    if "CidrIpv6" in wanted:
        rule.ip_range["CidrIpv6"] = wanted["CidrIpv6"]
    if "PrefixListId" in wanted:
        rule.prefix_list_id = wanted["PrefixListId"]
    if "ReferencedGroupId" in wanted:
        rule.source_group = {**rule.source_group, "GroupId": wanted["ReferencedGroupId"]}
