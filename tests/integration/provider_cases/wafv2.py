"""Web ACLs with every kind of rule that the programs use, what they protect and where they log; needs `elbv2`."""

from typing import Any, Final

import pulumi_aws as aws

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _acl(clients: Aws, state: Props) -> Any:
    client = clients("wafv2")
    found = client.get_web_acl(Name=state["name"], Scope=state["scope"], Id=state["id"])["WebACL"]
    tags = client.list_tags_for_resource(ResourceARN=found["ARN"])["TagInfoForResource"]["TagList"]
    return {
        "default": list(found["DefaultAction"]),
        "capacity": found["Capacity"],
        "rules": [[r["Name"], *r["Statement"], *r.get("Action", r.get("OverrideAction"))] for r in found["Rules"]],
        "tags": tags,
    }


def _association(clients: Aws, state: Props) -> Any:
    found = clients("wafv2").get_web_acl_for_resource(ResourceArn=state["resourceArn"]).get("WebACL")
    return found and found["ARN"] == state["webAclArn"]


def _logging(clients: Aws, state: Props) -> Any:
    found = clients("wafv2").get_logging_configuration(ResourceArn=state["resourceArn"])["LoggingConfiguration"]
    return [found["LogDestinationConfigs"], found.get("RedactedFields")]


def _seen(name: str) -> Props:
    return {"cloudwatch_metrics_enabled": True, "metric_name": name, "sampled_requests_enabled": True}


def _rule(name: str, priority: int, statement: Props, **action: Any) -> Props:
    return {
        "name": name,
        "priority": priority,
        "statement": statement,
        "visibility_config": _seen(name),
        **action,
    }


_FORWARDED: Final = {"header_name": "X-Forwarded-For", "fallback_behavior": "NO_MATCH"}
_BLOCK: Final[dict[str, Any]] = {"action": {"block": {}}}


def _rate(limit: int) -> Props:
    statement = {
        "limit": limit,
        "evaluation_window_sec": 300,
        "aggregate_key_type": "FORWARDED_IP",
        "forwarded_ip_config": _FORWARDED,
    }
    return _rule("rate", 1, {"rate_based_statement": statement}, **_BLOCK)


def _managed(**override: Any) -> Props:
    overrides = [{"name": "SizeRestrictions_BODY", "action_to_use": {"count": {}}}]
    group = {"vendor_name": "AWS", "name": "AWSManagedRulesCommonRuleSet", "rule_action_overrides": overrides}
    return _rule("common", 2, {"managed_rule_group_statement": group}, override_action=override)


_COUNTRIES: Final = aws.wafv2.WebAclRuleStatementGeoMatchStatementArgs(
    country_codes=["DE", "AT"],
    forwarded_ip_config=aws.wafv2.WebAclRuleStatementGeoMatchStatementForwardedIpConfigArgs(**_FORWARDED),
)
#: Arguments in classes: the SDK does not translate plain dictionaries within itself-containing statements.
_ELSEWHERE: Final = _rule(
    "geo",
    3,
    {"not_statement": {"statements": [aws.wafv2.WebAclRuleStatementArgs(geo_match_statement=_COUNTRIES)]}},
    **_BLOCK,
)
_PATHS: Final = {
    "byte_match_statement": {
        "search_string": "/mlflow",
        "positional_constraint": "STARTS_WITH",
        "field_to_match": {"uri_path": {}},
        "text_transformations": [{"priority": 0, "type": "NONE"}],
    }
}


def _removed_by_hand(clients: Aws, state: Props) -> None:
    """What a person would do in the console: another action for a rule."""
    client = clients("wafv2")
    found = client.get_web_acl(Name=state["name"], Scope=state["scope"], Id=state["id"])
    rules = [{**r, "Action": {"Count": {}}} if "Action" in r else r for r in found["WebACL"]["Rules"]]
    client.update_web_acl(
        Name=state["name"],
        Scope=state["scope"],
        Id=state["id"],
        LockToken=found["LockToken"],
        Rules=rules,
        **{key: found["WebACL"][key] for key in ("DefaultAction", "VisibilityConfig")},
    )


def _group(name: str) -> str:
    return f"arn:aws:logs:eu-central-1:123456789012:log-group:aws-waf-logs-{name}"


CASES: Final = (
    Case(
        "waf.acl",
        "aws:wafv2/webAcl:WebAcl",
        {
            "name": "case-acl",
            "scope": "REGIONAL",
            "description": "one",
            "default_action": {"allow": {}},
            "rules": [_rate(100), _managed(none={}), _ELSEWHERE],
            "visibility_config": _seen("case-acl"),
            "tags": {"a": "1"},
        },
        _acl,
        {
            "default": ["Allow"],
            "capacity": 703,
            "rules": [
                ["rate", "RateBasedStatement", "Block"],
                ["common", "ManagedRuleGroupStatement", "None"],
                ["geo", "NotStatement", "Block"],
            ],
            "tags": [{"Key": "a", "Value": "1"}],
        },
        update={
            "default_action": {"block": {}},
            "rules": [
                {**_rate(200), "action": {"count": {}}},
                _managed(count={}),
                _rule("paths", 4, _PATHS, action={"allow": {}}),
            ],
            "tags": {"a": "2"},
        },
        updated={
            "default": ["Block"],
            "capacity": 712,
            "rules": [
                ["rate", "RateBasedStatement", "Count"],
                ["common", "ManagedRuleGroupStatement", "Count"],
                ["paths", "ByteMatchStatement", "Allow"],
            ],
            "tags": [{"Key": "a", "Value": "2"}],
        },
        meddle=_removed_by_hand,
        drifted=frozenset({"rules"}),
        replace={"name": "case-acl-2"},
        import_id=lambda state: f"{state['id']}/{state['name']}/{state['scope']}",
    ),
    Case(
        "waf.bare",
        "aws:wafv2/webAcl:WebAcl",
        {
            "name": "case-bare",
            "scope": "REGIONAL",
            "default_action": {"allow": {}},
            "rules": [_rate(100)],
            "visibility_config": _seen("case-bare"),
        },
        _acl,
        {"default": ["Allow"], "capacity": 2, "rules": [["rate", "RateBasedStatement", "Block"]], "tags": []},
        update={"rules": []},
        updated={"default": ["Allow"], "capacity": 0, "rules": [], "tags": []},
        import_id=lambda state: f"{state['id']}/{state['name']}/{state['scope']}",
    ),
    Case(
        "waf.association",
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        {"resource_arn": Ref("lb.balancer", "arn"), "web_acl_arn": Ref("waf.acl", "arn")},
        _association,
        True,
        meddle=lambda clients, state: clients("wafv2").disassociate_web_acl(ResourceArn=state["resourceArn"]),
        replace={"web_acl_arn": Ref("waf.bare", "arn")},
    ),
    Case(
        "waf.logging",
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        {
            "resource_arn": Ref("waf.acl", "arn"),
            "log_destination_configs": [_group("case")],
            "redacted_fields": [{"single_header": {"name": "authorization"}}, {"uri_path": {}}],
        },
        _logging,
        [[_group("case")], [{"SingleHeader": {"Name": "authorization"}}, {"UriPath": {}}]],
        update={"redacted_fields": [{"single_header": {"name": "authorization"}}, {"query_string": {}}]},
        updated=[[_group("case")], [{"SingleHeader": {"Name": "authorization"}}, {"QueryString": {}}]],
        meddle=lambda clients, state: clients("wafv2").put_logging_configuration(
            LoggingConfiguration={
                "ResourceArn": state["resourceArn"],
                "LogDestinationConfigs": state["logDestinationConfigs"],
                "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}, {"Method": {}}],
            }
        ),
        drifted=frozenset({"redactedFields"}),
        replace={"log_destination_configs": [_group("case-2")]},
    ),
)
