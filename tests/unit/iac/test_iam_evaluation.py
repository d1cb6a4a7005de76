"""The evaluator of policies, by the cases of AWS's documentation (IAM User Guide: policy evaluation logic, policy
variables, wildcards)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradai_iac.iam.evaluate import Call, Decision, Verdict, decide, decide_all, trusts
from tradai_iac.iam.patterns import fits, fits_arn, meet
from tradai_iac.iam.policies import Statement, statements

BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket"


def policy(*parts: dict[str, Any]) -> tuple[Statement, ...]:
    return statements({"Version": "2012-10-17", "Statement": list(parts)}, of="p")


def allow(action: Any = "s3:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def verdict(*parts: dict[str, Any], action: str = "s3:GetObject", resource: str = f"{BUCKET}/k") -> Verdict:
    return decide(policy(*parts), Call(action, resource)).verdict


def test_nothing_is_allowed_by_default() -> None:
    assert verdict() is Verdict.NOT_ALLOWED


def test_a_statement_allows_what_it_names() -> None:
    assert verdict(allow("s3:GetObject", f"{BUCKET}/*")) is Verdict.ALLOWED
    assert verdict(allow("s3:PutObject", f"{BUCKET}/*")) is Verdict.NOT_ALLOWED
    assert verdict(allow("s3:GetObject", BUCKET)) is Verdict.NOT_ALLOWED


def test_a_denial_counts_before_any_permission_wherever_it_stands() -> None:
    assert verdict(allow(), deny("s3:GetObject")) is Verdict.DENIED
    assert verdict(deny("s3:GetObject"), allow()) is Verdict.DENIED


def test_the_statement_that_decided_is_named() -> None:
    decision = decide(policy(allow(), deny("s3:Get*", Sid="NoReads")), Call("s3:GetObject", f"{BUCKET}/k"))
    assert str(decision) == f"s3:GetObject on {BUCKET}/k is explicitly denied (statement NoReads of p)"
    allowed = decide(policy(deny("sns:*"), allow()), Call("s3:GetObject", f"{BUCKET}/k"))
    assert allowed.by and allowed.by.number == 1


def test_actions_are_of_any_case_and_resources_are_not() -> None:
    assert verdict(allow("S3:getobject")) is Verdict.ALLOWED
    assert verdict(allow("s3:GetObject", f"{BUCKET}/K")) is Verdict.NOT_ALLOWED


def test_not_action_and_not_resource_are_about_everything_else() -> None:
    but_iam = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert verdict(but_iam) is Verdict.ALLOWED
    assert verdict(but_iam, action="iam:GetRole", resource="*") is Verdict.NOT_ALLOWED
    but_bucket = {"Effect": "Deny", "Action": "s3:*", "NotResource": [BUCKET, f"{BUCKET}/*"]}
    assert verdict(allow(), but_bucket) is Verdict.ALLOWED
    assert verdict(allow(), but_bucket, resource="arn:aws:s3:::other/k") is Verdict.DENIED


def test_within_a_boundary_both_must_allow_and_neither_deny() -> None:
    call = Call("s3:GetObject", f"{BUCKET}/k")
    assert decide(policy(allow()), call, policy(allow("sns:*"))).verdict is Verdict.OUT_OF_BOUNDS
    assert decide(policy(), call, policy(allow())).verdict is Verdict.NOT_ALLOWED
    assert decide(policy(allow()), call, policy(allow(), deny("s3:Get*"))).verdict is Verdict.DENIED
    assert decide(policy(allow()), call, policy(allow("s3:Get*"))).verdict is Verdict.ALLOWED


def test_of_several_calls_the_first_that_is_not_allowed_decides() -> None:
    calls = [Call("s3:GetObject", f"{BUCKET}/k"), Call("s3:PutObject", f"{BUCKET}/k"), Call("sns:Publish")]
    assert decide_all(policy(allow("s3:*")), calls).call.action == "sns:Publish"
    assert decide_all(policy(allow("*")), calls).allowed
    with pytest.raises(ValueError, match="one right"):
        decide_all(policy(), [])


ROLE = "arn:aws:iam::111122223333:role/operator"
TRUST = {
    "Effect": "Allow",
    "Principal": {"AWS": ROLE},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"sts:ExternalId": "id-1"}},
}


@pytest.mark.parametrize(
    ("kind", "who", "external_id", "trusted"),
    [
        ("AWS", ROLE, "id-1", True),
        ("AWS", ROLE, "id-2", False),
        ("AWS", ROLE, None, False),
        ("AWS", "arn:aws:iam::111122223333:role/other", "id-1", False),
        ("Service", ROLE, "id-1", False),
    ],
)
def test_a_role_is_assumed_by_whom_it_trusts_alone(kind: str, who: str, external_id: str | None, trusted: bool) -> None:
    context = {"sts:ExternalId": [external_id]} if external_id else {}
    assert trusts(policy(TRUST), kind, who, Call("sts:AssumeRole", "*", context)).allowed is trusted


def test_trust_in_an_account_is_trust_in_all_that_it_lets() -> None:
    everybody = {**TRUST, "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Condition": {}}
    assert trusts(policy(everybody), "AWS", ROLE, Call("sts:AssumeRole")).allowed
    assert not trusts(policy(everybody), "AWS", ROLE.replace("1111", "9999"), Call("sts:AssumeRole")).allowed


@pytest.mark.parametrize(
    ("pattern", "resource", "allowed"),
    [
        (f"{BUCKET}/${{aws:username}}/*", f"{BUCKET}/ann/k", True),
        (f"{BUCKET}/${{aws:username}}/*", f"{BUCKET}/bob/k", False),
        (f"{BUCKET}/${{aws:PrincipalTag/team, 'none'}}/*", f"{BUCKET}/none/k", True),
        (f"{BUCKET}/${{aws:PrincipalTag/team}}/*", f"{BUCKET}/none/k", False),
        (f"{BUCKET}/a${{*}}b", f"{BUCKET}/a*b", True),
        (f"{BUCKET}/a${{*}}b", f"{BUCKET}/axb", False),
        (f"{BUCKET}/a${{$}}b", f"{BUCKET}/a$b", True),
    ],
)
def test_variables_stand_for_what_the_call_says(pattern: str, resource: str, allowed: bool) -> None:
    call = Call("s3:GetObject", resource, {"aws:username": ["ann"]})
    assert decide(policy(allow(resource=pattern)), call).allowed is allowed


def test_a_variables_value_brings_no_wildcard_in() -> None:
    mine = policy(allow(resource=f"{BUCKET}/${{aws:username}}/k"))
    assert not decide(mine, Call("s3:GetObject", f"{BUCKET}/ann/k", {"aws:username": ["*"]})).allowed


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"Effect": "Maybe", "Action": "s3:*", "Resource": "*"}, "neither Allow nor Deny"),
        ({"Effect": "Allow", "Resource": "*"}, "either Action or NotAction"),
        ({"Effect": "Allow", "Action": "s3:*"}, "either Resource or NotResource"),
        ({"Effect": "Allow", "Action": "a:b", "NotAction": "a:c", "Resource": "*"}, "either Action or NotAction"),
        (allow(resource="bucket"), "neither an ARN"),
        (allow(Condition={"StringEquels": {"a:k": "b"}}), "StringEquels is no operator"),
        ({**allow(), "NotPrincipal": {"AWS": "*"}}, "NotPrincipal is not judged"),
    ],
)
def test_a_policy_that_cannot_be_judged_is_refused(part: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=rf"statement 0 of p: .*{said}"):
        policy(part)


words = st.text(alphabet="ab*?:/", max_size=6)
plain = st.text(alphabet="ab:/", max_size=6)
effects = st.sampled_from(["Allow", "Deny"])
parts = st.builds(
    lambda effect, action, resource: {"Effect": effect, "Action": action, "Resource": resource},
    effects,
    st.sampled_from(["s3:*", "s3:Get*", "s3:GetObject", "sns:*", "*"]),
    st.sampled_from(["*", BUCKET, f"{BUCKET}/*", "arn:aws:s3:::other/*"]),
)
calls = st.builds(
    Call,
    st.sampled_from(["s3:GetObject", "s3:PutObject", "sns:Publish"]),
    st.sampled_from(["*", BUCKET, f"{BUCKET}/k", "arn:aws:s3:::other/k"]),
)


def judged(found: list[dict[str, Any]], call: Call) -> Decision:
    return decide(policy(*found), call)


@given(st.lists(parts, max_size=5), parts, calls)
def test_one_more_permission_never_takes_one_away(
    found: list[dict[str, Any]], more: dict[str, Any], call: Call
) -> None:
    if judged(found, call).allowed:
        assert judged([*found, {**more, "Effect": "Allow"}], call).allowed


@given(st.lists(parts, max_size=5), parts, calls)
def test_one_more_denial_never_gives_one(found: list[dict[str, Any]], more: dict[str, Any], call: Call) -> None:
    if not judged(found, call).allowed:
        assert not judged([*found, {**more, "Effect": "Deny"}], call).allowed


@given(st.lists(parts, max_size=5).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))), calls)
def test_the_order_of_statements_changes_no_verdict(
    found: tuple[list[dict[str, Any]], list[dict[str, Any]]], call: Call
) -> None:
    assert judged(found[0], call).verdict is judged(found[1], call).verdict


@given(st.lists(parts, max_size=5), calls)
def test_who_is_denied_or_allowed_is_so_by_a_statement_of_that_effect(found: list[dict[str, Any]], call: Call) -> None:
    decision = judged(found, call)
    assert (decision.by is None) is (decision.verdict is Verdict.NOT_ALLOWED)
    assert decision.by is None or decision.by.allows is decision.allowed


@given(words, plain)
def test_what_fits_a_pattern_meets_it(pattern: str, text: str) -> None:
    assert meet(pattern, text) is fits(pattern, text)


@given(words, words, plain)
def test_patterns_of_one_text_meet(one: str, other: str, text: str) -> None:
    assert meet(one, other) is meet(other, one)
    if fits(one, text) and fits(other, text):
        assert meet(one, other)


@given(st.lists(st.text(alphabet="ab/", max_size=3), min_size=6, max_size=6))
def test_an_arn_fits_itself_and_everything_of_six_parts(texts: list[str]) -> None:
    arn = ":".join(texts)
    assert fits_arn(arn, arn)
    assert fits_arn(":".join("******"), arn)
    assert not fits_arn("arn:aws:s3:*", arn)
