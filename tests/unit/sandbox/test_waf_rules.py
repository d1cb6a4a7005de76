"""Rules of web ACLs: what the endpoint refuses and counts, and their way from Pulumi's names to the API's and back."""

from typing import Any

import pytest

from tradai_sandbox.moto_ext.gaps import waf_rules
from tradai_sandbox.provider.cloud import Cloud
from tradai_sandbox.provider.diff import differences
from tradai_sandbox.provider.row import Work
from tradai_sandbox.provider.rows.wafv2 import WEB_ACL
from tradai_sandbox.provider.settings import settings_from
from tradai_sandbox.provider.translate import TranslationError, from_api, shape_at

GEO: dict[str, Any] = {"GeoMatchStatement": {"CountryCodes": ["DE"]}}
RATE: dict[str, Any] = {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP", "ScopeDownStatement": GEO}}
FORWARDED: dict[str, Any] = {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "FORWARDED_IP"}}
GROUP: dict[str, Any] = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesSQLiRuleSet"}}


def rule(name: str, priority: int, statement: dict[str, Any], **more: Any) -> dict[str, Any]:
    group = "ManagedRuleGroupStatement" in statement
    action: dict[str, Any] = {"OverrideAction": {"None": {}}} if group else {"Action": {"Block": {}}}
    return {"Name": name, "Priority": priority, "Statement": statement, **(more or action)}


@pytest.mark.parametrize(
    ("statement", "units"),
    [
        (GEO, 1),
        (RATE, 3),
        (GROUP, 200),
        ({"NotStatement": {"Statement": GEO}}, 1),
        ({"OrStatement": {"Statements": [GEO, GEO, RATE]}}, 5),
    ],
)
def test_a_rule_costs_what_it_and_its_parts_cost(statement: dict[str, Any], units: int) -> None:
    assert waf_rules.capacity([rule("one", 1, statement)]) == units


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([rule("one", 1, GEO), rule("two", 2, GROUP)], ""),
        ([rule("one", 1, GEO), rule("two", 1, RATE)], "same Priority"),
        ([rule("one", 1, GEO), rule("one", 2, RATE)], "same Name"),
        ([rule("one", 1, {})], "exactly one statement"),
        ([rule("one", 1, GEO, OverrideAction={"None": {}})], "exactly one Action"),
        ([rule("one", 1, GROUP, Action={"Block": {}})], "exactly one OverrideAction"),
        ([rule("one", 1, GEO, Action={"Block": {}, "Count": {}})], "exactly one Action"),
        ([rule("one", 1, FORWARDED)], "needs a ForwardedIPConfig"),
    ],
)
def test_rules_that_aws_refuses_are_refused(rules: list[dict[str, Any]], said: str) -> None:
    found = waf_rules.complaint(rules)
    assert said in found
    assert bool(said) == bool(found)


def test_a_managed_group_that_does_not_exist_is_found() -> None:
    wrong = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesSqliRuleSet"}}
    assert waf_rules.unknown_groups([rule("a", 1, GROUP), rule("b", 2, wrong)]) == {"AWSManagedRulesSqliRuleSet"}


SEEN: dict[str, Any] = {"cloudwatchMetricsEnabled": True, "metricName": "m", "sampledRequestsEnabled": False}
PULUMI: dict[str, Any] = {
    "name": "elsewhere",
    "priority": 3,
    "action": {"block": {}},
    "statement": {
        "notStatement": {
            "statements": [
                {
                    "geoMatchStatement": {
                        "countryCodes": ["DE", "AT"],
                        "forwardedIpConfig": {"headerName": "X-Forwarded-For", "fallbackBehavior": "MATCH"},
                    }
                }
            ]
        }
    },
    "visibilityConfig": SEEN,
}


def _cloud() -> Cloud:
    return Cloud(settings_from({"region": "eu-central-1", "endpoints": [{"wafv2": "http://127.0.0.1:9"}]}))


def _requested(inputs: dict[str, Any]) -> dict[str, Any]:
    return Work(WEB_ACL, _cloud(), inputs).params("CreateWebACL")


def test_a_rule_goes_to_the_api_and_comes_back_the_same() -> None:
    request = _requested({"rules": [PULUMI]})
    inner = request["Rules"][0]["Statement"]["NotStatement"]["Statement"]["GeoMatchStatement"]
    assert inner["ForwardedIPConfig"] == {"HeaderName": "X-Forwarded-For", "FallbackBehavior": "MATCH"}
    assert request["Rules"][0]["VisibilityConfig"]["CloudWatchMetricsEnabled"] is True
    shape = shape_at(_cloud().model("wafv2", "GetWebACL").output_shape, "WebACL")
    assert from_api(WEB_ACL.props, request, shape)["rules"] == [PULUMI]


@pytest.mark.parametrize("count", [0, 2])
def test_a_negation_takes_exactly_one_statement(count: int) -> None:
    statement = {"notStatement": {"statements": [{"geoMatchStatement": {"countryCodes": ["DE"]}}] * count}}
    with pytest.raises(TranslationError, match=f"has {count} statements"):
        _requested({"rules": [{**PULUMI, "statement": statement}]})


def test_pythons_spelling_within_a_negation_is_refused() -> None:
    statement = {"notStatement": {"statements": [{"geo_match_statement": {"country_codes": ["DE"]}}]}}
    with pytest.raises(TranslationError, match="geo_match_statement"):
        _requested({"rules": [{**PULUMI, "statement": statement}]})


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({}, []),
        ({"defaultAction": {"block": {}}}, ["defaultAction"]),
        ({"rules": [{**PULUMI, "action": {"count": {}}}]}, ["rules"]),
    ],
)
def test_another_action_is_a_difference_although_actions_are_empty(change: dict[str, Any], differs: list[str]) -> None:
    had = {"scope": "REGIONAL", "defaultAction": {"allow": {}}, "rules": [PULUMI], "visibilityConfig": SEEN}
    assert [d.name for d in differences(WEB_ACL, had, had, {**had, **change})] == differs
    # nor does it go unseen when others changed it
    assert [d.name for d in differences(WEB_ACL, had, {**had, **change}, had)] == differs
