"""What a namespace may aim the operator at: a table of rules and values, with the ways around them that people try."""

from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.drive import SETTINGS
from tests.unit.operator.guarded import environment
from tradai_operator.decide.permission import not_permitted
from tradai_operator.model import EnvironmentStatus, LayerStatus
from tradai_operator.model.allowlist import KEY, Allowlist, Kind, explained, refusals

ACCOUNT = "123456789012"
OWN = "http://127.0.0.1:5000"
ROLE = "arn:aws:iam::123456789012:role/tradai-deploy"


def written(*rules: dict[str, Any]) -> Allowlist:
    return Allowlist.parse({KEY: yaml.safe_dump({"rules": list(rules)})})


RULES = written(
    {
        "namespaces": ["tradai"],
        "endpoints": ["https://*.example.com", "http://10.0.0.7:*/aws"],
        "roles": ["arn:aws:iam::123456789012:role/tradai-*"],
        "backends": ["s3://tradai-pulumi-state-*", "s3://shared/team-a"],
        "topics": ["arn:aws:sns:*:123456789012:alerts-*"],
        "webhooks": ["https://hooks.example.com/services"],
    },
    {"namespaces": ["team-*"], "ownIdentity": True},
)

ALLOWED: list[tuple[Kind, str]] = [
    ("endpoint", "https://aws.example.com"),
    ("endpoint", "https://AWS.example.com:443/"),
    ("endpoint", "http://10.0.0.7:4566/aws/eu"),
    ("endpoint", OWN),
    ("endpoint", OWN + "/"),
    ("role", ROLE),
    ("backend", "s3://tradai-pulumi-state-dev"),
    ("backend", "s3://tradai-pulumi-state-dev/any/folder"),
    ("backend", "s3://shared/team-a"),
    ("backend", "s3://shared/team-a/dev/"),
    ("topic", "arn:aws:sns:eu-central-1:123456789012:alerts-prod"),
    ("webhook", "https://hooks.example.com/services/T0/B0"),
]

REFUSED: list[tuple[Kind, str]] = [
    ("endpoint", "http://aws.example.com"),
    ("endpoint", "https://aws.example.com:8443"),
    ("endpoint", "https://example.com"),
    ("endpoint", "https://aws.example.com.evil.net"),
    ("endpoint", "https://evil.net/x.example.com"),
    ("endpoint", "https://evil.net#.example.com"),
    ("endpoint", "https://evil.net?.example.com"),
    ("endpoint", "https://evil.net\\.example.com"),
    ("endpoint", "https://evil.net:443@aws.example.com"),
    ("endpoint", "https://aws.example.com:x"),
    ("endpoint", "http://10.0.0.7:4566/aws/../evil"),
    ("endpoint", "http://10.0.0.7:4566/awsome"),
    ("endpoint", "http://10.0.0.7:4566/aws/%2e%2e/evil"),
    ("endpoint", "http://127.0.0.1:5001"),
    ("endpoint", "http://169.254.169.254"),
    ("role", "arn:aws:iam::210987654321:role/tradai-deploy"),
    ("role", "arn:aws:iam::123456789012:role/admin"),
    ("role", "arn:aws:iam::210987654321:role/x:123456789012:role/tradai-deploy"),
    ("backend", "s3://another"),
    ("backend", "s3://shared"),
    ("backend", "s3://shared/team-b"),
    ("backend", "s3://shared/team-a/../team-b"),
    ("backend", "s3://shared/team-ab"),
    ("backend", "s3://tradai-pulumi-state-dev?endpoint=evil.net"),
    ("backend", "file:///etc"),
    ("topic", "arn:aws:sns:eu-central-1:210987654321:alerts-prod"),
    ("webhook", "https://hooks.example.com/other"),
    ("webhook", "https://hooks.example.com.evil.net/services"),
]


def permits(rules: Allowlist, namespace: str, kind: Kind, value: str) -> bool:
    return rules.permits(namespace, kind, value, account=ACCOUNT, own=OWN)


@pytest.mark.parametrize(("kind", "value"), ALLOWED)
def test_what_a_rule_names_is_permitted(kind: Kind, value: str) -> None:
    assert permits(RULES, "tradai", kind, value)


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_what_no_rule_names_is_refused(kind: Kind, value: str) -> None:
    assert not permits(RULES, "tradai", kind, value)


@pytest.mark.parametrize(("kind", "value"), [pair for pair in ALLOWED if not pair[1].startswith(OWN)])
def test_what_another_namespace_may_is_refused_here(kind: Kind, value: str) -> None:
    assert not permits(RULES, "team-b", kind, value)
    assert not permits(RULES, "default", kind, value)


def test_the_operators_own_identity_is_for_those_who_are_named() -> None:
    assert RULES.permits_own_identity("team-b")
    assert not RULES.permits_own_identity("tradai")
    assert not RULES.permits_own_identity("default")


@pytest.mark.parametrize(
    ("kind", "value", "permitted"),
    [
        ("endpoint", OWN, True),
        ("endpoint", "http://127.0.0.1:5001", False),
        ("endpoint", "https://sts.amazonaws.com", False),
        ("role", ROLE, True),
        ("role", "arn:aws:iam::210987654321:role/tradai-deploy", False),
        ("backend", "s3://anything/at/all", True),
        ("backend", "s3://anything/../else", False),
        ("topic", "arn:aws:sns:eu-central-1:123456789012:any", True),
        ("topic", "arn:aws:sns:eu-central-1:210987654321:any", False),
        ("webhook", "https://hooks.example.com/x", True),
        ("webhook", "http://hooks.example.com/x", False),
        ("webhook", "http://127.0.0.1:8080/x", True),
        ("webhook", "https://169.254.169.254/x", False),
        ("webhook", "https://kubernetes/x", False),
        ("webhook", f"{OWN}/moto-api/reset", False),
        ("webhook", "https://kubernetes.default.svc/x", False),
    ],
)
def test_without_rules_holds_what_needs_no_trust(kind: Kind, value: str, permitted: bool) -> None:
    assert permits(Allowlist.parse(None), "any", kind, value) is permitted
    assert Allowlist.parse(None).permits_own_identity("any")


STOOD = EnvironmentStatus(layers=(LayerStatus(name="edge", attempted_digest="sha256:1"),))


@pytest.mark.parametrize("role", [None, ROLE], ids=["as itself", "with a role"])
@pytest.mark.parametrize(
    ("rules", "own", "status", "permitted"),
    [
        (Allowlist.parse(None), None, EnvironmentStatus(), False),
        (Allowlist.parse(None), "https://aws.internal", EnvironmentStatus(), False),
        (Allowlist.parse(None), OWN, EnvironmentStatus(), True),
        (Allowlist.parse(None), None, STOOD, True),
        (written({"namespaces": ["*"], "ownIdentity": True, "roles": ["*:*:*:*:*:*"]}), OWN, STOOD, False),
        (
            written(
                {"namespaces": ["*"], "ownIdentity": True, "roles": ["*:*:*:*:*:*"], "backends": ["s3://tradai-*"]}
            ),
            None,
            EnvironmentStatus(),
            True,
        ),
    ],
    ids=["no rules", "another endpoint", "a sandbox", "it worked there before", "rules without it", "a rule for it"],
)
def test_a_bucket_that_the_operator_would_touch_as_itself_takes_a_rule(
    rules: Allowlist, own: str | None, status: EnvironmentStatus, permitted: bool, role: str | None
) -> None:
    aws = {"accountId": ACCOUNT, "region": "eu-central-1", **({"assumeRoleArn": role} if role else {})}
    said = not_permitted(environment({"aws": aws}), status, rules, replace(SETTINGS, endpoint_url=own))
    assert ("state.backendUrl s3://tradai-pulumi-state-dev is not permitted" not in said) is permitted
    assert (said == "") is permitted


def test_loopback_is_for_an_operator_that_lives_there() -> None:
    rules = Allowlist.parse(None)
    assert not rules.permits("any", "webhook", "http://127.0.0.1:8080/x", account=ACCOUNT, own=None)
    assert not rules.permits("any", "webhook", "http://127.0.0.1:8080/x", account=ACCOUNT, own="https://aws.local")


@pytest.mark.parametrize(
    "text",
    ["", "rules", "rules: 1", "rules: [{}]", "rules: [{namespaces: []}]", "rules: [{namespaces: [a], role: [b]}]", "["],
)
def test_rules_that_cannot_be_read_permit_nothing_and_say_so(text: str) -> None:
    rules = Allowlist.parse({KEY: text})
    assert rules.broken
    assert not any(permits(rules, "tradai", kind, value) for kind, value in ALLOWED)
    assert not rules.permits_own_identity("tradai")
    (said,) = refusals(rules, "tradai", {"endpoint": OWN}, account=ACCOUNT, own=OWN)
    assert "allowlist cannot be read" in said
    assert Allowlist.parse({}).broken
    assert not Allowlist.parse({KEY: "rules: []"}).broken


def test_every_aim_that_is_refused_has_a_sentence_and_all_say_whom_to_ask() -> None:
    aims: dict[Kind, str | None] = {"endpoint": "http://evil.net", "role": None, "backend": "s3://another"}
    found = refusals(RULES, "tradai", aims, account=ACCOUNT, own=OWN)
    assert [text.split()[0] for text in found] == ["aws.endpointUrl", "state.backendUrl", "namespace"]
    assert "ask" not in found[0]
    assert "tradai-system/tradai-allowlist" in explained(found, "tradai-system")
    assert refusals(RULES, "tradai", {"endpoint": None, "role": ROLE}, account=ACCOUNT, own=OWN) == ()


@given(st.text(max_size=30), st.sampled_from(["endpoint", "backend", "webhook"]))
def test_no_text_gets_beyond_the_host_of_a_pattern(tail: str, kind: Any) -> None:
    rules = written({"namespaces": ["*"], f"{kind}s": ["https://*.example.com"]})
    assert not permits(rules, "n", kind, f"https://evil.net{tail}.example.com") or "/" not in tail


@given(st.text(max_size=60), st.sampled_from(["endpoint", "role", "backend", "topic", "webhook"]))
def test_no_value_makes_it_fail(value: str, kind: Any) -> None:
    assert permits(RULES, "tradai", kind, value) in {True, False}
    assert permits(Allowlist.parse(None), "tradai", kind, value) in {True, False}
