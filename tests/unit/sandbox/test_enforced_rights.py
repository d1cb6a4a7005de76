"""Policies before the endpoint: what an assumed role may not do is refused in the words and the form of AWS."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.sandbox.in_process import REGION, client
from tradai_iac.iam.calls import Request
from tradai_iac.iam.policies import Statement, statements
from tradai_sandbox.aws.enforced.callers import Caller
from tradai_sandbox.aws.enforced.door import Enforced
from tradai_sandbox.aws.enforced.words import CONTROL_PATH

ACCOUNT = "123456789012"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/s"
DEPLOY = f"arn:aws:iam::{ACCOUNT}:role/deploy"


@dataclass
class Roles:
    """One role, whose session has the key ASIADEPLOY."""

    policies: tuple[Statement, ...] = ()
    trusting: tuple[Statement, ...] = ()
    account: str = ACCOUNT

    def caller(self, access_key: str) -> Caller | None:
        return Caller(SESSION, self.policies) if access_key == "ASIADEPLOY" else None

    def bound(self, access_key: str) -> bool:
        return False

    def trust(self, role_arn: str) -> tuple[Statement, ...] | None:
        return self.trusting if role_arn == DEPLOY else None


@dataclass
class Tagged:
    """Resources with tags, by their ARNs."""

    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def tags(self, arn: str) -> Mapping[str, str]:
        return self.known.get(arn, {})

    def completed(self, request: Request) -> Request:
        return request


class ReachedError(Exception):
    """The call went through to the endpoint."""


def endpoint(_environ: dict[str, Any], _start: Any, /) -> Iterable[bytes]:
    raise ReachedError


def allow(*actions: str, resource: str = "*", **more: Any) -> tuple[Statement, ...]:
    return statements({"Statement": {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}}, "p")


def door(*policies: Statement, trusting: tuple[Statement, ...] = (), tagged: Any = None, on: bool = True) -> Enforced:
    return Enforced(endpoint, Roles(policies, trusting), Tagged(tagged or {}), on=on)


def refused(service: str, call: str, application: Enforced, **params: Any) -> ClientError:
    with pytest.raises(ClientError) as error:
        getattr(client(service, application), call)(**params)
    return error.value


#: One service for each protocol: service, call, parameters, the error's code, what the message says was denied.
PROTOCOLS: list[tuple[str, str, dict[str, Any], str, str]] = [
    (
        "dynamodb",
        "describe_table",
        {"TableName": "t"},
        "AccessDeniedException",
        f"dynamodb:DescribeTable on resource: arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t",
    ),
    (
        "cloudwatch",
        "delete_alarms",
        {"AlarmNames": ["a"]},
        "AccessDeniedException",
        f"cloudwatch:DeleteAlarms on resource: arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:a",
    ),
    ("iam", "get_role", {"RoleName": "r"}, "AccessDenied", f"iam:GetRole on resource: arn:aws:iam::{ACCOUNT}:role/r"),
    (
        "ec2",
        "delete_vpc",
        {"VpcId": "vpc-01234567"},
        "UnauthorizedOperation",
        f"ec2:DeleteVpc on resource: arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/vpc-01234567",
    ),
    ("s3", "get_object", {"Bucket": "b", "Key": "k/l"}, "AccessDenied", "s3:GetObject on resource: arn:aws:s3:::b/k/l"),
    (
        "s3",
        "delete_objects",
        {"Bucket": "b", "Delete": {"Objects": [{"Key": "k"}]}},
        "AccessDenied",
        "s3:DeleteObject on resource: arn:aws:s3:::b/k",
    ),
    (
        "lambda",
        "get_function",
        {"FunctionName": "f"},
        "AccessDeniedException",
        f"lambda:GetFunction on resource: arn:aws:lambda:{REGION}:{ACCOUNT}:function:f",
    ),
    (
        "codeartifact",
        "describe_repository",
        {"domain": "packages", "repository": "py1"},
        "AccessDeniedException",
        f"codeartifact:DescribeRepository on resource: arn:aws:codeartifact:{REGION}:{ACCOUNT}:repository/packages/py1",
    ),
    (
        "apigatewayv2",
        "get_api",
        {"ApiId": "a"},
        "AccessDeniedException",
        f"apigateway:GET on resource: arn:aws:apigateway:{REGION}::/apis/a",
    ),
    (
        "route53",
        "get_hosted_zone",
        {"Id": "Z1"},
        "AccessDenied",
        "route53:GetHostedZone on resource: arn:aws:route53:::hostedzone/Z1",
    ),
    (
        "sqs",
        "get_queue_attributes",
        {"QueueUrl": f"http://127.0.0.1:1/{ACCOUNT}/q"},
        "AccessDeniedException",
        f"sqs:GetQueueAttributes on resource: arn:aws:sqs:{REGION}:{ACCOUNT}:q",
    ),
]


@pytest.mark.parametrize(
    ("service", "call", "params", "code", "denied"), PROTOCOLS, ids=[f"{row[0]}-{row[1]}" for row in PROTOCOLS]
)
def test_a_call_that_nobody_allows_is_refused_in_the_form_of_its_protocol(
    service: str, call: str, params: dict[str, Any], code: str, denied: str
) -> None:
    error = refused(service, call, door(*allow("sns:Publish")), **params)
    assert error.response["Error"]["Code"] == code
    action = denied.partition(" ")[0]
    assert error.response["Error"]["Message"] == (
        f"User: {SESSION} is not authorized to perform: {denied}"
        f" because no identity-based policy allows the {action} action"
    )


@pytest.mark.parametrize(
    ("service", "call", "params", "denied"),
    [(row[0], row[1], row[2], row[4]) for row in PROTOCOLS],
    ids=[f"{row[0]}-{row[1]}" for row in PROTOCOLS],
)
def test_a_call_that_is_allowed_on_its_resource_goes_through(
    service: str, call: str, params: dict[str, Any], denied: str
) -> None:
    action, _, resource = denied.partition(" on resource: ")
    with pytest.raises(ReachedError):
        getattr(client(service, door(*allow(action, resource=resource))), call)(**params)


def test_a_denial_says_that_it_is_one() -> None:
    never = statements({"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}})
    error = refused("s3", "get_object", door(*allow("s3:*"), *never), Bucket="b", Key="k")
    assert "with an explicit deny in an identity-based policy" in error.response["Error"]["Message"]


def test_a_question_without_a_body_is_refused_by_its_status() -> None:
    assert refused("s3", "head_bucket", door(), Bucket="b").response["Error"]["Code"] == "403"


def test_the_sandboxs_own_credentials_are_free() -> None:
    with pytest.raises(ReachedError):
        client("iam", door(), key="sandbox").list_roles()


def test_nothing_is_refused_where_policies_do_not_count() -> None:
    with pytest.raises(ReachedError):
        client("iam", door(on=False)).list_roles()


OURS = {"StringEquals": {"aws:ResourceTag/Application": "tradai"}}


@pytest.mark.parametrize(("application", "through"), [("tradai", True), ("other", False)])
def test_the_tags_of_a_resource_count(application: str, through: bool) -> None:
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/vpc-01234567"
    asked = door(*allow("ec2:DeleteVpc", Condition=OURS), tagged={arn: {"Application": application}})
    with pytest.raises(ReachedError if through else ClientError):
        client("ec2", asked).delete_vpc(VpcId="vpc-01234567")


def test_the_tags_of_a_request_count() -> None:
    ours = {"StringEquals": {"aws:RequestTag/Application": "tradai"}, "ForAllValues:StringLike": {"aws:TagKeys": "A*"}}
    asked = client("ec2", door(*allow("ec2:CreateVpc", Condition=ours), *allow("ec2:CreateTags")))
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Application", "Value": "tradai"}]}]
    with pytest.raises(ReachedError):
        asked.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)
    with pytest.raises(ClientError):
        asked.create_vpc(CidrBlock="10.0.0.0/16")


TRUST = statements(
    {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/operator"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "id-1"}},
        }
    }
)


@pytest.mark.parametrize(
    ("word", "through"), [({"ExternalId": "id-1"}, True), ({"ExternalId": "another"}, False), ({}, False)]
)
def test_the_word_that_a_role_wants_counts_for_everybody(word: dict[str, str], through: bool) -> None:
    asked = client("sts", door(trusting=TRUST), key="sandbox")
    with pytest.raises(ReachedError if through else ClientError):
        asked.assume_role(RoleArn=DEPLOY, RoleSessionName="session", **word)


def test_a_role_that_is_not_trusted_is_not_let_in() -> None:
    error = refused(
        "sts",
        "assume_role",
        door(*allow("sts:AssumeRole"), trusting=TRUST),
        RoleArn=DEPLOY,
        RoleSessionName="session",
        ExternalId="id-1",
    )
    assert error.response["Error"]["Code"] == "AccessDenied"


def _control(application: Enforced, method: str, body: bytes = b"") -> tuple[bytes, str]:
    status: list[str] = []
    environ = {"PATH_INFO": CONTROL_PATH, "REQUEST_METHOD": method, "wsgi.input": io.BytesIO(body)}
    answer = b"".join(application(environ, lambda said, _headers: status.append(said)))
    return answer, status[0]


def test_it_is_put_there_and_taken_away_while_the_endpoint_runs() -> None:
    application = door(on=False)
    assert _control(application, "PUT", b"on") == (b"on", "200 OK")
    assert _control(application, "GET") == (b"on", "200 OK")
    assert _control(application, "PUT", b"maybe") == (b"on", "400 Bad Request")
    assert refused("iam", "list_roles", application).response["Error"]["Code"] == "AccessDenied"
    assert _control(application, "PUT", b"off") == (b"off", "200 OK")
