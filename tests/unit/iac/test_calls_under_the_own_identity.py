"""What operator, runner and engine ask of state bucket, key and deploy role as themselves, the account gives them."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import Session

from tests.unit.iac.calls_of_ours import BY_THE_ENGINE, ON_THE_STATE, STATE_KEY
from tradai_iac.accounts import Account, key_policy, own_policy
from tradai_iac.iam.calls import Request, rights_of
from tradai_iac.iam.evaluate import Call, decide, trusts
from tradai_iac.iam.faults import faults
from tradai_iac.iam.policies import Statement, statements
from tradai_iac.own_rights import bucket_statements, foreigners, holders

ACCOUNT = "123456789012"
REGION = "eu-central-1"
OTHER_KEY = "ffffffff-ffff-ffff-ffff-ffffffffffff"
OURS = f"arn:aws:iam::{ACCOUNT}:role/tradai-operator"
FOREIGN = "arn:aws:iam::999999999999:role/platform/tradai-operator"
CALLS = {f"{row[0]}.{row[1]}": row for row in (*ON_THE_STATE, *BY_THE_ENGINE)}
DEV = Account(account_id=ACCOUNT, region=REGION, environment="dev")


@cache
def policy() -> tuple[Statement, ...]:
    return (*statements(own_policy(DEV)), *statements(key_policy(STATE_KEY)))


def rights(service: str, method: str, params: Mapping[str, Any]) -> list[Call]:
    model: Any = Session().get_service_model(service)
    operation = next(name for name in model.operation_names if xform_name(name) == method)
    return rights_of(Request(service, operation, params, ACCOUNT, REGION))


def refused(service: str, method: str, params: Mapping[str, Any]) -> list[str]:
    decisions = (decide(policy(), call) for call in rights(service, method, params))
    return [str(decision) for decision in decisions if not decision.allowed]


def elsewhere(params: Mapping[str, Any]) -> Any:
    """The same on what belongs to another environment."""
    named = {name: value for name, value in params.items() if isinstance(value, str)}
    told = json.dumps(named).replace("-dev", "-prod").replace(STATE_KEY.rpartition("/")[2], OTHER_KEY)
    return {**params, **json.loads(told)}


@pytest.mark.parametrize("call", CALLS)
def test_every_call_on_state_key_and_role_is_permitted(call: str) -> None:
    assert refused(*CALLS[call]) == []


@pytest.mark.parametrize("call", CALLS)
def test_none_is_on_what_another_environment_has(call: str) -> None:
    service, method, params = CALLS[call]
    assert refused(service, method, elsewhere(params)) != []


def test_nothing_is_granted_that_nobody_asks_for() -> None:
    asked = {right.action for row in CALLS.values() for right in rights(*row)}
    assert {action for statement in policy() for action in statement.actions} == asked


def test_every_action_is_one_that_aws_knows_on_what_it_is_granted() -> None:
    assert list(map(str, faults(policy()))) == []


@pytest.mark.parametrize(
    ("arn", "holder"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/tradai-operator", ("role", "tradai-operator")),
        (f"arn:aws:iam::{ACCOUNT}:role/teams/platform/tradai-operator", ("role", "tradai-operator")),
        (f"arn:aws:iam::{ACCOUNT}:user/ci/deployer", ("user", "deployer")),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/tradai-operator/session", ("role", "tradai-operator")),
        (f"arn:aws:iam::{ACCOUNT}:root", None),
        (FOREIGN, None),
    ],
)
def test_rights_are_given_to_whoever_takes_policies_in_the_account(arn: str, holder: tuple[str, str] | None) -> None:
    assert holders([arn, arn], ACCOUNT) == ((holder,) if holder else ())


def test_the_bucket_itself_lets_in_who_is_of_another_account_and_nobody_else() -> None:
    assert foreigners([OURS, FOREIGN, FOREIGN], ACCOUNT) == (FOREIGN,)
    own = statements({"Statement": bucket_statements(DEV.state_bucket, [FOREIGN])})
    calls = [call for row in CALLS.values() if row[0] == "s3" for call in rights(*row)]
    assert calls
    assert all(trusts(own, "AWS", FOREIGN, call).allowed for call in calls)
    assert not any(trusts(own, "AWS", OURS, call).allowed for call in calls)
