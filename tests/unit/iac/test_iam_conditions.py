"""The conditions of policies, by the cases of AWS's documentation (IAM User Guide: condition operators, keys of several
values)."""

from typing import Any

import pytest

from tests.unit.iac.test_iam_evaluation import allow, policy
from tradai_iac.iam.conditions import conditions
from tradai_iac.iam.evaluate import Call, decide

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


def test_an_operator_is_known_by_its_whole_name() -> None:
    (found,) = conditions({"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a"]}})
    assert (found.over, found.operator, found.if_exists) == ("ForAnyValue", "StringLike", True)
