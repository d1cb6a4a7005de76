"""What the roles of the control plane may, and whoever builds it; held against AWS's reference and schemas."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import Session

from tests.facts import handlers
from tests.unit.iac.calls_of_ours import BY_THE_ENGINE, ON_THE_STATE
from tests.unit.iac.control_plane_graph import ACCOUNT, DIGEST, ECR, TASK, standing
from tests.unit.iac.handlers_rights import UNWANTED
from tests.unit.iac.pulumi_mocks import REGION
from tradai_blueprints.control_plane.declaration import CONTROL_PLANE
from tradai_blueprints.control_plane.layers.service.roles import repository_arn
from tradai_iac.account_script import bootstrap_text
from tradai_iac.accounts import Account, bootstrap_policy, managed_policies
from tradai_iac.iam.calls import Request, rights_of
from tradai_iac.iam.evaluate import Call, decide
from tradai_iac.iam.faults import faults
from tradai_iac.iam.patterns import fits
from tradai_iac.iam.policies import Statement, statements


def policy_of(role: str) -> tuple[Statement, ...]:
    text = standing()["service"].of("aws:iam/rolePolicy:RolePolicy")[role]["policy"]
    return statements(json.loads(text))


@cache
def model(service: str) -> Any:
    return Session().get_service_model(service)


def asked(service: str, method: str, params: Mapping[str, Any]) -> list[Call]:
    operation = next(name for name in model(service).operation_names if xform_name(name) == method)
    return rights_of(Request(service, operation, params, ACCOUNT, REGION))


CLUSTER = {"ecs:cluster": [f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/tradaihome-cluster-prod"]}
PASSED = {"iam:PassedToService": ["ecs-tasks.amazonaws.com"]}
HANDED = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:tradai-run-0123456789abcdef01234567-AbCdEf"
AUTHORITY = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:tradaihome/authority-prod-AbCdEf"
RUNNER = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/tradaihome-runner-prod:1"
ROLES = f"arn:aws:iam::{ACCOUNT}:role/tradaihome-"

#: What the operator asks by itself (its host of tasks, its init step), call by call.
OPERATOR = (
    Call("secretsmanager:CreateSecret", HANDED),
    Call("secretsmanager:TagResource", HANDED),
    Call("secretsmanager:DeleteSecret", HANDED),
    Call("secretsmanager:ListSecrets"),
    Call("ecs:RunTask", RUNNER, CLUSTER),
    Call("ecs:TagResource", TASK),
    Call("ecs:ListTasks", context=CLUSTER),
    Call("ecs:DescribeTasks", TASK),
    Call("ecs:StopTask", TASK),
    Call("iam:PassRole", f"{ROLES}runner-prod", PASSED),
    Call("iam:PassRole", f"{ROLES}execution-prod", PASSED),
    Call("secretsmanager:GetSecretValue", AUTHORITY),
    Call("secretsmanager:DescribeSecret", AUTHORITY),
    Call("secretsmanager:PutSecretValue", AUTHORITY),
    Call("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!database"),
    Call("ssmmessages:CreateControlChannel"),
)
REFUSED = (
    Call("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:tradai/jwt-secret-prod-x"),
    Call("secretsmanager:DeleteSecret", AUTHORITY),
    Call("ecs:RunTask", f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/other:1", CLUSTER),
    Call("ecs:StopTask", f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/another/0123"),
    Call("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin", PASSED),
    Call("iam:PassRole", f"{ROLES}runner-prod", {"iam:PassedToService": ["lambda.amazonaws.com"]}),
    Call("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/admin"),
    Call("s3:GetObject", "arn:aws:s3:::somebody-elses/state.json"),
)


@pytest.mark.parametrize("call", OPERATOR, ids=str)
def test_the_operator_may_what_it_asks(call: Call) -> None:
    assert decide(policy_of("operator"), call).allowed


@pytest.mark.parametrize("call", REFUSED, ids=str)
@pytest.mark.parametrize("role", ["operator", "runner"])
def test_neither_operator_nor_run_may_more(role: str, call: Call) -> None:
    assert not decide(policy_of(role), call).allowed


@pytest.mark.parametrize("role", ["operator", "runner"])
@pytest.mark.parametrize("row", [*ON_THE_STATE, *BY_THE_ENGINE], ids=lambda row: f"{row[0]}.{row[1]}")
def test_both_reach_the_states_and_the_role_of_an_environment(role: str, row: tuple[str, str, dict[str, Any]]) -> None:
    assert all(decide(policy_of(role), call).allowed for call in asked(*row))


def test_a_run_reads_what_it_is_handed_and_starts_nothing() -> None:
    policy = policy_of("runner")
    assert decide(policy, Call("secretsmanager:GetSecretValue", HANDED)).allowed
    assert decide(policy, Call("secretsmanager:DeleteSecret", HANDED)).allowed
    assert not any(decide(policy, call).allowed for call in OPERATOR if call.action.startswith(("ecs:", "iam:")))
    assert not decide(policy, Call("secretsmanager:GetSecretValue", AUTHORITY)).allowed


def test_whoever_starts_the_tasks_may_pull_their_images_and_no_other() -> None:
    policy = policy_of("execution")
    ours = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/home/"
    assert all(decide(policy, Call("ecr:BatchGetImage", ours + name)).allowed for name in ("operator", "control-plane"))
    assert not decide(policy, Call("ecr:BatchGetImage", ours + "other")).allowed


@pytest.mark.parametrize("role", ["execution", "operator", "runner"])
def test_every_right_is_one_that_aws_knows_on_what_it_is_granted(role: str) -> None:
    assert [str(fault) for fault in faults(policy_of(role))] == []


@pytest.mark.parametrize(
    ("image", "arn"),
    [
        (f"{ECR}/a/b{DIGEST}", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/a/b"),
        (f"{ECR}/a:1.0{DIGEST}", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/a"),
        (f"registry.example.com/a/b{DIGEST}", None),
    ],
)
def test_an_image_in_ecr_tells_its_repository(image: str, arn: str | None) -> None:
    assert repository_arn(image) == arn


def account(environment: str) -> Account:
    return Account(account_id=ACCOUNT, region=REGION, environment=environment, blueprint=CONTROL_PLANE.name)


def test_the_deploying_role_has_rights_that_aws_knows_in_pieces_that_iam_takes() -> None:
    for environment in ("dev", "prod"):
        assert [str(fault) for fault in faults(statements(bootstrap_policy(account(environment))))] == []
        pieces = managed_policies(account(environment)).values()
        assert all(len(json.dumps(piece, separators=(",", ":"))) <= 6144 for piece in pieces)


def test_where_data_is_kept_the_authority_cannot_be_deleted() -> None:
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:tradaihome/authority-{{}}-AbCdEf"
    for environment, may in (("dev", True), ("prod", False)):
        policy = statements(bootstrap_policy(account(environment)))
        assert decide(policy, Call("secretsmanager:DeleteSecret", secret.format(environment))).allowed is may


#: What AWS's handlers ask beside that, and why it is not given here.
NOT_HERE = {
    "cognito-idp:DescribeUserPoolClient": "no listener here asks anybody to log in",
    "ec2:DescribeInstances": "no instance is in a group here",
    "logs:CreateLogDelivery": "tasks write their logs by themselves",
    "logs:DescribeResourcePolicies": "tasks write their logs by themselves",
    "logs:PutResourcePolicy": "tasks write their logs by themselves",
    "secretsmanager:GetSecretValue": "what is in the authority's secret is the init step's alone",
}


def lacking(types: set[str]) -> set[str]:
    """What AWS's own handlers of these types ask, and the role does not give."""
    policy = statements(bootstrap_policy(account("dev")))
    granted = [action.lower() for statement in policy if statement.allows for action in statement.actions]
    needed = {right for type_ in types for right in handlers()[type_].all_rights}
    return {right for right in needed if not any(fits(pattern, right.lower()) for pattern in granted)}


def test_the_deploying_role_has_every_right_that_the_handlers_need() -> None:
    types = {each.type for run in standing().values() for each in run.resources if each.type.startswith("aws:")}
    assert lacking(types) - UNWANTED.keys() == NOT_HERE.keys()


def test_an_account_is_prepared_for_it_by_the_same_script() -> None:
    text = bootstrap_text(account("prod"), "home/prod")
    assert "tradaihome-pulumi-state-prod" in text and "tradaihome-deploy-prod" in text
