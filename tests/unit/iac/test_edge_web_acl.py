"""The web ACL of the edge stack: where there is one, which rules it has, and what it stands before."""

import pytest

from tests.unit.iac.edge_runs import run
from tests.unit.iac.upstream_outputs import arn
from tradai_blueprints.tradai.config.overrides import EdgeConfig, Waf

ACL = "aws:wafv2/webAcl:WebAcl"


@pytest.mark.parametrize(
    ("environment", "enabled", "exists"),
    [("dev", None, False), ("dev", True, True), ("staging", None, True), ("prod", None, True), ("prod", True, True)],
)
def test_the_web_acl_is_optional_in_dev_and_there_elsewhere(
    environment: str, enabled: bool | None, exists: bool
) -> None:
    made = run(environment, EdgeConfig(waf=Waf(enabled=enabled)))
    assert bool(made.of(ACL)) is exists
    assert (made.outputs["waf_web_acl_arn"] is not None) is exists


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_the_web_acl_cannot_be_turned_off_where_it_is_demanded(environment: str) -> None:
    with pytest.raises(ValueError, match=f"cannot be turned off in {environment}"):
        run(environment, EdgeConfig(waf=Waf(enabled=False)))


def test_the_web_acl_has_the_rules_of_the_document_in_their_order() -> None:
    made = run("prod")
    rules = {rule["name"]: rule for rule in made.one(ACL)["rules"]}
    assert [(name, rule["priority"]) for name, rule in rules.items()] == [
        ("RateLimitRule", 1),
        ("AWSManagedRulesCommonRuleSet", 2),
        ("AWSManagedRulesKnownBadInputsRuleSet", 3),
        ("AWSManagedRulesSQLiRuleSet", 4),
    ]
    rate = rules["RateLimitRule"]["statement"]["rateBasedStatement"]
    assert (rate["limit"], rate["evaluationWindowSec"], rate["aggregateKeyType"]) == (100, 300, "FORWARDED_IP")
    assert rate["forwardedIpConfig"]["headerName"] == "x-tradai-client-ip"
    assert "block" in rules["RateLimitRule"]["action"]
    assert all("none" in rule["overrideAction"] for name, rule in rules.items() if name != "RateLimitRule")


def test_the_web_acl_stands_before_the_load_balancer_and_logs_no_token() -> None:
    made = run("prod")
    association = made.one("aws:wafv2/webAclAssociation:WebAclAssociation")
    assert association["resourceArn"] == arn("elasticloadbalancing", "loadbalancer/app/tradai-alb-dev/1")
    logging = made.one("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration")
    assert logging["redactedFields"] == [{"singleHeader": {"name": "authorization"}}]
    assert made.of("aws:cloudwatch/logGroup:LogGroup")["waf"]["name"] == "aws-waf-logs-tradai-waf-prod"


def test_countries_are_refused_by_the_callers_address_before_all_other_rules() -> None:
    made = run("prod", EdgeConfig(waf=Waf(blocked_countries=["KP", "IR"])))
    first = min(made.one(ACL)["rules"], key=lambda rule: rule["priority"])
    geo = first["statement"]["geoMatchStatement"]
    assert geo["countryCodes"] == ["IR", "KP"]
    assert geo["forwardedIpConfig"]["headerName"] == "x-tradai-client-ip"
    assert "block" in first["action"]


def test_without_load_balancer_the_web_acl_stands_before_nothing() -> None:
    made = run("prod", EdgeConfig(skip_alb=True), alb_arn=None, alb_http_listener_arn=None)
    assert made.of(ACL)
    assert not made.of("aws:wafv2/webAclAssociation:WebAclAssociation")
