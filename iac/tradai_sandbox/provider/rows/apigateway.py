"""HTTP APIs (API Gateway v2): the API, its VPC links, integrations, authorizers and routes.

Stages are `api_stages`, domain names `api_domains`.

Must never deploy: stages deploy by themselves.
"""

import time
from typing import Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, forgiving, on, retag
from tradai_sandbox.provider.failures import ProviderError
from tradai_sandbox.provider.props import Prop, Props, out, tags
from tradai_sandbox.provider.row import Row, Work

_API: Final = {"ApiId": "{id}"}
_API_SET: Final = (
    "name",
    "description",
    "corsConfiguration",
    "disableExecuteApiEndpoint",
    "routeSelectionExpression",
    "version",
)


def _update_api(work: Work) -> None:
    if "corsConfiguration" in work.changed:
        forgiving(work, "DeleteCorsConfiguration", ApiId=work.id)
    names = frozenset(_API_SET) & work.changed
    gone = {"Description": ""} if "description" in names - set(work.inputs) else {}
    work.call("UpdateApi", ApiId=work.id, **work.params("UpdateApi", names), **gone)


API: Final = Row(
    "aws:apigatewayv2/api:Api",
    "apigatewayv2",
    (
        Prop("name"),
        Prop("protocolType", required=True, replace=True),
        Prop("description"),
        Prop("corsConfiguration", dict),
        Prop("disableExecuteApiEndpoint", bool),
        Prop("routeSelectionExpression", computed=True),
        Prop("version"),
        *tags(to=None),
        out("apiEndpoint"),
        out("arn", value="arn:aws:apigateway:{region}::/apis/{id}"),
        out("executionArn", value="arn:aws:execute-api:{region}:{account}:{id}"),
    ),
    create=Create("CreateApi", "ApiId"),
    steps=(
        on(_API_SET, _update_api, after_create=False),
        retag("TagResource", "UntagResource", {"ResourceArn": "arn:aws:apigateway:{region}::/apis/{id}"}),
    ),
    read=(Read("GetApi", _API),),
    delete=Delete("DeleteApi", _API),
    name="name",
)

_LINK: Final = {"VpcLinkId": "{id}"}
_POLLS: Final = 600
_PAUSE_SECONDS: Final = 1.0


def _wait_link(work: Work, done: str) -> None:
    """Until a link is there or gone: both take AWS minutes. Raises ProviderError where it fails."""
    for _ in range(_POLLS):
        status = forgiving(work, "GetVpcLink", VpcLinkId=work.id).get("VpcLinkStatus", "GONE")
        if status == done:
            return
        if status == "FAILED":
            raise ProviderError(f"VPC link {work.id} failed")
        time.sleep(_PAUSE_SECONDS)
    raise ProviderError(f"VPC link {work.id} does not become {done}")


def _rename_link(work: Work) -> None:
    if not work.creating:
        work.call("UpdateVpcLink", VpcLinkId=work.id, Name=work.inputs["name"])
    _wait_link(work, "AVAILABLE")


def _delete_link(work: Work) -> None:
    forgiving(work, "DeleteVpcLink", VpcLinkId=work.id)
    _wait_link(work, "GONE")


_LINK_ARN: Final = "arn:aws:apigateway:{region}::/vpclinks/{id}"

VPC_LINK: Final = Row(
    "aws:apigatewayv2/vpcLink:VpcLink",
    "apigatewayv2",
    (
        Prop("name"),
        Prop("securityGroupIds", list, required=True, replace=True),
        Prop("subnetIds", list, required=True, replace=True),
        *tags(to=None),
        out("arn", value=_LINK_ARN),
    ),
    create=Create("CreateVpcLink", "VpcLinkId"),
    steps=(on({"name"}, _rename_link), retag("TagResource", "UntagResource", {"ResourceArn": _LINK_ARN})),
    read=(Read("GetVpcLink", _LINK),),
    delete=_delete_link,
    name="name",
)


def _of_api(work: Work, _: Props) -> Props:
    """No answer names the API that it was asked of."""
    return {"apiId": work.values["apiId"]}


_INTEGRATION: Final = {"ApiId": "{apiId}", "IntegrationId": "{id}"}
_INTEGRATION_SET: Final = (
    Prop("connectionId"),
    Prop("connectionType", default="INTERNET"),
    Prop("credentialsArn"),
    Prop("description"),
    Prop("integrationMethod"),
    Prop("integrationUri"),
    Prop("payloadFormatVersion", default="1.0"),
    Prop("requestParameters", dict),
    Prop("timeoutMilliseconds", int, api="TimeoutInMillis", computed=True),
    Prop("tlsConfig", dict),
)


def _removed_parameters(work: Work) -> Props:
    """AWS merges request parameters: one is taken out by setting it to nothing."""
    if "requestParameters" not in work.changed:
        return {}
    wanted, had = work.inputs.get("requestParameters") or {}, work.state.get("requestParameters") or {}
    return {"RequestParameters": {**wanted, **{key: "" for key in had if key not in wanted}}}


def _update_integration(work: Work) -> None:
    names = frozenset(p.name for p in _INTEGRATION_SET) & work.changed
    params = {**work.params("UpdateIntegration", names), **_removed_parameters(work)}
    work.call("UpdateIntegration", ApiId=work.inputs["apiId"], IntegrationId=work.id, **params)


INTEGRATION: Final = Row(
    "aws:apigatewayv2/integration:Integration",
    "apigatewayv2",
    (
        Prop("apiId", required=True, replace=True),
        Prop("integrationType", required=True, replace=True),
        Prop("integrationSubtype", replace=True),
        *_INTEGRATION_SET,
    ),
    create=Create("CreateIntegration", "IntegrationId"),
    steps=(on({p.name for p in _INTEGRATION_SET}, _update_integration, after_create=False),),
    read=(Read("GetIntegration", _INTEGRATION),),
    delete=Delete("DeleteIntegration", _INTEGRATION),
    finish=_of_api,
    import_id="{apiId}/{id}",
)

_AUTHORIZER: Final = {"ApiId": "{apiId}", "AuthorizerId": "{id}"}
_AUTHORIZER_SET: Final = (
    Prop("name"),
    Prop("authorizerType", required=True),
    Prop("authorizerCredentialsArn"),
    Prop("authorizerPayloadFormatVersion"),
    Prop("authorizerResultTtlInSeconds", int, computed=True),
    Prop("authorizerUri"),
    Prop("enableSimpleResponses", bool),
    Prop("identitySources", list, api="IdentitySource"),
    Prop("jwtConfiguration", dict, fields=(Prop("audiences", list, api="Audience"), Prop("issuer"))),
)

AUTHORIZER: Final = Row(
    "aws:apigatewayv2/authorizer:Authorizer",
    "apigatewayv2",
    (
        Prop("apiId", required=True, replace=True),
        *_AUTHORIZER_SET,
    ),
    create=Create("CreateAuthorizer", "AuthorizerId"),
    steps=(change({p.name for p in _AUTHORIZER_SET}, "UpdateAuthorizer", _AUTHORIZER, after_create=False),),
    read=(Read("GetAuthorizer", _AUTHORIZER),),
    delete=Delete("DeleteAuthorizer", _AUTHORIZER),
    finish=_of_api,
    import_id="{apiId}/{id}",
    name="name",
)

_ROUTE: Final = {"ApiId": "{apiId}", "RouteId": "{id}"}
_ROUTE_SET: Final = (
    Prop("routeKey", required=True),
    Prop("target"),
    Prop("authorizationType", default="NONE"),
    Prop("authorizerId"),
    Prop("authorizationScopes", list),
    Prop("operationName"),
    Prop("apiKeyRequired", bool),
)

#: What a route without one of these is set to.
_NONE_OF: Final[Props] = {"authorizationScopes": [], "authorizerId": "", "operationName": ""}


def _given_up(work: Work) -> Props:
    """AWS keeps what an update does not mention: what the program gave up is set to nothing."""
    gone = [name for name in _NONE_OF if name in work.changed and name not in work.inputs]
    return {name[0].upper() + name[1:]: _NONE_OF[name] for name in gone}


ROUTE: Final = Row(
    "aws:apigatewayv2/route:Route",
    "apigatewayv2",
    (Prop("apiId", required=True, replace=True), *_ROUTE_SET),
    create=Create("CreateRoute", "RouteId"),
    steps=(change({p.name for p in _ROUTE_SET}, "UpdateRoute", _ROUTE, build=_given_up, after_create=False),),
    read=(Read("GetRoute", _ROUTE),),
    delete=Delete("DeleteRoute", _ROUTE),
    finish=_of_api,
    import_id="{apiId}/{id}",
    # two routes of one API cannot have the same key
    delete_first=True,
)

ROWS: Final = (API, VPC_LINK, INTEGRATION, AUTHORIZER, ROUTE)
