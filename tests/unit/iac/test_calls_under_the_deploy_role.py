"""Every call that operator and runner make as the deploy role is one that its policies allow, on what it is made on."""

import json
import re
import string
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import Session

from tests.unit.iac.calls_of_ours import AS_ITSELF, AS_THE_ROLE, ON_THE_STATE, called
from tests.unit.iac.whole_graph import graph
from tradai_iac.accounts import Account, bootstrap_policy
from tradai_iac.arns import arn
from tradai_iac.iam.calls import Request, rights_of
from tradai_iac.iam.evaluate import Call, decide
from tradai_iac.iam.policies import Statement, statements
from tradai_runner.repair.rows import FINDS

ACCOUNT = "123456789012"
REGION = "eu-central-1"
#: What our conditions ask for: whatever is looked up has the tags of the environment.
_APPLICATION = ("aws:ResourceTag/Application", "aws:RequestTag/Application")
_ENVIRONMENT = ("aws:ResourceTag/Environment", "aws:RequestTag/Environment")
#: Calls that a protected environment's role may make only where the account was told so.
DESTROYING = {"delete_objects", "batch_delete_image"}
#: Inputs that name another resource by its name.
_BY_NAME = ("bucket", "role")
#: How a row says that what it finds is known by its ARN.
_KNOWN_BY_ARN = re.compile(r"\bid: *\w*(Arn|ARN)\b")
#: Types whose rows are there for what people configure, or for other systems.
REGISTERED_NOWHERE = {
    "aws:apigatewayv2/apiMapping:ApiMapping",
    "aws:apigatewayv2/domainName:DomainName",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
}


@cache
def model(service: str) -> Any:
    return Session().get_service_model(service)


@cache
def operation(service: str, method: str) -> str:
    """`describe_vpcs` → `DescribeVpcs`."""
    return next(str(name) for name in model(service).operation_names if xform_name(name) == method)


@cache
def policy(environment: str, allow_destroy: bool) -> tuple[Statement, ...]:
    account = Account(account_id=ACCOUNT, region=REGION, environment=environment, allow_destroy=allow_destroy)
    return statements(bootstrap_policy(account))


def against(
    service: str, method: str, params: Mapping[str, Any], environment: str = "dev", *, allow_destroy: bool = False
) -> list[str]:
    """What of the call is not allowed, in words."""
    request = Request(service, operation(service, method), params, ACCOUNT, REGION, *_http(service, method))
    tags = {**{key: ["tradai"] for key in _APPLICATION}, **{key: [environment] for key in _ENVIRONMENT}}
    told = (Call(call.action, call.resource, {**call.context, **tags}) for call in rights_of(request))
    decisions = (decide(policy(environment, allow_destroy), call) for call in told)
    return [str(decision) for decision in decisions if not decision.allowed]


def _http(service: str, method: str) -> tuple[str, str]:
    http = model(service).operation_model(operation(service, method)).http
    return http["method"], http["requestUri"]


def test_every_call_in_the_sources_is_told_with_whose_it_is() -> None:
    assert set(called()) == {method for _, method, _ in (*AS_THE_ROLE, *ON_THE_STATE)} | AS_ITSELF.keys()


@pytest.mark.parametrize(("service", "method", "params"), AS_THE_ROLE, ids=[row[1] for row in AS_THE_ROLE])
def test_the_role_may_make_the_call(service: str, method: str, params: dict[str, Any]) -> None:
    assert against(service, method, params) == []


@pytest.mark.parametrize(
    ("service", "method", "params"), [row for row in AS_THE_ROLE if row[1] in DESTROYING], ids=sorted(DESTROYING)
)
def test_what_a_protected_environment_holds_goes_only_where_the_account_was_told_so(
    service: str, method: str, params: dict[str, Any]
) -> None:
    of_prod = json.loads(json.dumps(params).replace("-x-dev", "-x-prod").replace("/x-dev", "/x-prod"))
    assert against(service, method, of_prod, "prod") != []
    assert against(service, method, of_prod, "prod", allow_destroy=True) == []


@pytest.mark.parametrize("type_", sorted(FINDS))
def test_the_role_may_look_up_what_a_dead_run_made(type_: str) -> None:
    row, seen = FINDS[type_], list(_seen(type_))
    assert bool(seen) is (type_ not in REGISTERED_NOWHERE)
    for environment, inputs, found in seen:
        assert against(row.service, row.call, _filled(row.params, inputs), environment) == []
        if row.tags:
            assert against(row.service, row.tags.call, _filled(row.tags.params, found), environment) == []


def _seen(type_: str) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Environment, inputs and what a look finds of the first resource of the type, in dev and in prod."""
    for environment in ("dev", "prod"):
        placed = next((placed for placed in graph(environment) if placed.resource.type == type_), None)
        if placed:
            given = placed.resource.inputs
            inputs = {
                key: value if isinstance(value, str) else json.dumps(value, default=str) for key, value in given.items()
            }
            # what mocks call another resource's id is its name in AWS, for those that are known by it
            inputs |= {key: f"tradai-x-{environment}" for key in _BY_NAME if key in inputs}
            name = inputs.get("name") or inputs.get("bucket") or placed.resource.name
            spelled = arn(type_, given, name, f"{placed.resource.name}-id", ACCOUNT, REGION)
            id_ = spelled if _KNOWN_BY_ARN.search(FINDS[type_].found) else name
            yield environment, {"tag": "urn", **inputs}, {**inputs, "id": id_, "arn": spelled}


def _filled(params: Any, values: Mapping[str, str]) -> Any:
    if isinstance(params, str):
        return string.Template(params).safe_substitute(values)
    if isinstance(params, Mapping):
        return {key: _filled(value, values) for key, value in params.items()}
    return [_filled(value, values) for value in params] if isinstance(params, list) else params
