"""The evaluator of policies, by the cases of AWS's documentation (IAM User Guide: policy evaluation logic, condition
operators, keys of several values, policy variables, wildcards)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradai_iac.iam.conditions import conditions
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


#: Operator, values of the policy, values of the call (none: the key is not there), whether the condition holds.
CONDITIONS: list[tuple[str, Any, list[str], bool]] = [
    ("StringEquals", "a", ["a"], True),
    ("StringEquals", "a", ["A"], False),
    ("StringEquals", ["a", "b"], ["b"], True),
    ("StringEquals", "a*", ["ab"], False),
    ("StringEquals", "a", [], False),
    ("StringEqualsIgnoreCase", "a", ["A"], True),
    ("StringNotEquals", "a", ["b"], True),
    ("StringNotEquals", ["a", "b"], ["b"], False),
    ("StringNotEquals", "a", [], True),
    ("StringNotEqualsIgnoreCase", "a", ["A"], False),
    ("StringLike", "team-?/*", ["team-1/x/y"], True),
    ("StringLike", "team-?", ["team-12"], False),
    ("StringNotLike", "team-*", ["team-1"], False),
    ("StringNotLike", "team-*", [], True),
    ("StringEqualsIfExists", "a", [], True),
    ("StringEqualsIfExists", "a", ["b"], False),
    ("StringLikeIfExists", ["t1.*", "t2.*"], ["t2.micro"], True),
    ("NumericLessThanEquals", "10", ["10"], True),
    ("NumericLessThan", "10", ["10"], False),
    ("NumericGreaterThan", 9, ["10"], True),
    ("NumericGreaterThanEquals", 11, ["10"], False),
    ("NumericEquals", "10", ["10.0"], True),
    ("NumericEquals", "10", ["ten"], False),
    ("NumericNotEquals", "10", ["10"], False),
    ("DateGreaterThan", "2020-04-01T00:00:00Z", ["2020-04-02T00:00:00Z"], True),
    ("DateLessThan", "2020-06-30T23:59:59Z", ["1593561600"], False),
    ("DateLessThanEquals", "2020-06-30", ["2020-06-30T00:00:00Z"], True),
    ("DateEquals", "2020-06-30", ["1593475200"], True),
    ("DateGreaterThanEquals", "2020-06-30", ["2020-06-29"], False),
    ("DateNotEquals", "2020-06-30", ["2020-06-29"], True),
    ("Bool", "false", ["false"], True),
    ("Bool", True, ["True"], True),
    ("Bool", "true", [], False),
    ("BoolIfExists", "true", [], True),
    ("BinaryEquals", "QmluYXJ5", ["QmluYXJ5"], True),
    ("IpAddress", "203.0.113.0/24", ["203.0.113.7"], True),
    ("IpAddress", ["2001:DB8::/32", "203.0.113.0/24"], ["203.0.114.7"], False),
    ("NotIpAddress", "203.0.113.0/24", ["203.0.113.7"], False),
    ("ArnEquals", "arn:aws:sns:*:123456789012:t-*", ["arn:aws:sns:eu-central-1:123456789012:t-1"], True),
    ("ArnLike", "arn:aws:sns:*", ["arn:aws:sns:eu-central-1:123456789012:t-1"], False),
    ("ArnNotEquals", "arn:aws:sns:*:*:t", ["arn:aws:sns:eu-central-1:123456789012:t"], False),
    ("ArnNotLike", "arn:aws:sns:*:*:t", ["arn:aws:sns:eu-central-1:123456789012:u"], True),
    ("ArnEqualsIfExists", "arn:aws:sns:*:*:t", [], True),
    ("Null", "true", [], True),
    ("Null", "true", ["a"], False),
    ("Null", "false", ["a"], True),
    ("Null", False, [], False),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
    ("ForAllValues:StringEquals", ["a", "b"], [], True),
    ("ForAllValues:StringLike", ["a*", "b"], ["ab", "b"], True),
    ("ForAllValues:StringNotEquals", ["a", "b"], ["c", "d"], True),
    ("ForAllValues:StringNotEquals", ["a", "b"], ["c", "a"], False),
    ("ForAnyValue:StringEquals", ["a", "b"], ["c", "a"], True),
    ("ForAnyValue:StringEquals", ["a", "b"], ["c"], False),
    ("ForAnyValue:StringEquals", ["a", "b"], [], False),
    ("ForAnyValue:StringEqualsIfExists", "a", [], True),
    ("ForAnyValue:StringNotEquals", ["a", "b"], ["c", "a"], True),
    ("ForAnyValue:StringNotEquals", ["a", "b"], ["a"], False),
    ("ForAnyValue:StringNotEquals", ["a", "b"], [], False),
    ("StringEquals", ["a", "b"], ["a", "b"], False),
]


@pytest.mark.parametrize(("operator", "wanted", "found", "holds"), CONDITIONS)
def test_a_condition_holds_as_aws_says(operator: str, wanted: Any, found: list[str], holds: bool) -> None:
    (statement,) = policy(allow(Condition={operator: {"aws:Key": wanted}}))
    context = {"AWS:key": found}
    assert decide([statement], Call("s3:GetObject", "*", context)).allowed is holds


def test_all_conditions_must_hold() -> None:
    both = allow(Condition={"StringEquals": {"a:k": "1", "a:l": "2"}, "Bool": {"a:m": "true"}})
    assert decide(policy(both), Call("s3:GetObject", "*", {"a:k": ["1"], "a:l": ["2"], "a:m": ["true"]})).allowed
    assert not decide(policy(both), Call("s3:GetObject", "*", {"a:k": ["1"], "a:l": ["2"]})).allowed


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


def test_an_operator_is_known_by_its_whole_name() -> None:
    (found,) = conditions({"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a"]}})
    assert (found.over, found.operator, found.if_exists) == ("ForAnyValue", "StringLike", True)
