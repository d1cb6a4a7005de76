"""The web ACL (002 §4.3; 001 §7), a rule as a fact of its own; reads only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.documents.live import Facts, Live, of_environment, one, tags_of
from tests.documents.readers.compute import balancers


def web_acl(live: Live, name: str) -> Facts:
    """Rules by name, what happens to the others, the balancers behind it, its logs and tags."""
    client = live.clients("wafv2")
    listed = client.list_web_acls(Scope="REGIONAL")["WebACLs"]
    summary = one([item for item in listed if of_environment(item["Name"], live.env)], f"web ACLs of {live.env}")
    found = client.get_web_acl(Name=summary["Name"], Id=summary["Id"], Scope="REGIONAL")["WebACL"]
    tags = client.list_tags_for_resource(ResourceARN=found["ARN"])["TagInfoForResource"]["TagList"]
    rules = sorted(found["Rules"], key=lambda rule: int(rule["Priority"]))
    return {
        "rules": [rule["Name"] for rule in rules],
        "otherwise": next(iter(found["DefaultAction"])),
        "stands before": [b["LoadBalancerName"] for b in balancers(live) if _stands_before(live, found["ARN"], b)],
        "tags": tags_of(tags),
        **{f"rule {rule['Name']}": _told(rule) for rule in rules},
    }


def _stands_before(live: Live, arn: str, balancer: Mapping[str, Any]) -> bool:
    asked = live.clients("wafv2").get_web_acl_for_resource(ResourceArn=balancer["LoadBalancerArn"])
    return bool(asked.get("WebACL", {}).get("ARN") == arn)


def _told(rule: Mapping[str, Any]) -> str:
    """Priority, action and limit: `1, Block, 100/5min per IP`; a managed group's own actions block."""
    action = next(iter(rule["Action"])) if "Action" in rule else _of_group(rule)
    return ", ".join([str(rule["Priority"]), action, *_limit(rule["Statement"])])


def _of_group(rule: Mapping[str, Any]) -> str:
    return "Block" if "None" in rule["OverrideAction"] else "Count"


def _limit(statement: Mapping[str, Any]) -> list[str]:
    rate = statement.get("RateBasedStatement")
    if rate is None:
        return []
    per = "IP" if rate["AggregateKeyType"] in ("IP", "FORWARDED_IP") else rate["AggregateKeyType"]
    return [f"{rate['Limit']}/{rate.get('EvaluationWindowSec', 300) // 60}min per {per}"]
