"""HTTP APIs with links, integrations, authorizers, routes and stages; needs `ec2_network`, `ec2_guards` and `elbv2`."""

import json
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref
from tradai_blueprints.tradai.config.api import API, Route


def _api(aws: Aws, state: Props) -> Any:
    found = aws("apigatewayv2").get_api(ApiId=state["id"])
    return [found["Description"], found.get("CorsConfiguration", {}).get("AllowOrigins"), found["Tags"]]


def _link(aws: Aws, state: Props) -> Any:
    found = aws("apigatewayv2").get_vpc_link(VpcLinkId=state["id"])
    return [found["Name"], len(found["SubnetIds"]), found["Tags"]]


def _integration(aws: Aws, state: Props) -> Any:
    found = aws("apigatewayv2").get_integration(ApiId=state["apiId"], IntegrationId=state["id"])
    return [found["IntegrationType"], found["TimeoutInMillis"], found.get("RequestParameters")]


def _authorizer(aws: Aws, state: Props) -> Any:
    found = aws("apigatewayv2").get_authorizer(ApiId=state["apiId"], AuthorizerId=state["id"])
    return [found["Name"], found["IdentitySource"], found["JwtConfiguration"]["Audience"]]


def _route(aws: Aws, state: Props) -> Any:
    found = aws("apigatewayv2").get_route(ApiId=state["apiId"], RouteId=state["id"])
    return [found["RouteKey"], found["AuthorizationType"], found.get("AuthorizationScopes", [])]


def _stage(aws: Aws, state: Props) -> Any:
    found = aws("apigatewayv2").get_stage(ApiId=state["apiId"], StageName=state["name"])
    return {
        "rate": found["DefaultRouteSettings"]["ThrottlingRateLimit"],
        "routes": {k: v["ThrottlingRateLimit"] for k, v in found["RouteSettings"].items()},
        "logs": found["AccessLogSettings"]["DestinationArn"],
        "tags": found["Tags"],
    }


def _limits(rate: int, burst: int) -> Props:
    return {"throttling_rate_limit": rate, "throttling_burst_limit": burst, "detailed_metrics_enabled": True}


_CORS: Final = {"allow_origins": ["*"], "allow_methods": ["GET"], "allow_headers": ["authorization"], "max_age": 300}
_SUBJECT: Final = '{"subject": {"DataType": "String", "StringValue": "${context.authorizer.claims.sub}"}}'
_SEND: Final = {
    "QueueUrl": "https://queue",
    "MessageBody": "$request.body",
    "MessageGroupId": "$context.requestId",
    "MessageAttributes": _SUBJECT,
}
_FORWARDED: Final = {"overwrite:header.x-client-address": "$context.identity.sourceIp"}
_WITHOUT_COOKIE: Final = {"remove:header.cookie": "''"}
_LOG: Final = "arn:aws:logs:eu-central-1:123456789012:log-group:/case/api"

#: The route with a limit of its own.
_SLOW: Final = API.throttling.routes[0].route_key


def _each_route(route: Route) -> Case:
    """A route of the API as the programs make it: with a token where one is needed."""
    secured = {"authorization_type": "JWT", "authorizer_id": Ref("api.jwt")}
    return Case(
        f"api.{route.key}",
        "aws:apigatewayv2/route:Route",
        {"api_id": Ref("api.api"), "route_key": route.key, **(secured if route.auth else {})},
        _route,
        [route.key, "JWT" if route.auth else "NONE", []],
        import_id=lambda state: f"{state['apiId']}/{state['id']}",
    )


CASES: Final = (
    Case(
        "api.api",
        "aws:apigatewayv2/api:Api",
        {
            "name": "case-api",
            "description": "one",
            "protocol_type": "HTTP",
            "cors_configuration": _CORS,
            "tags": {"a": "1"},
        },
        _api,
        ["one", ["*"], {"a": "1"}],
        update={
            "description": "two",
            "cors_configuration": {**_CORS, "allow_origins": ["https://tradai"]},
            "tags": {"a": "2"},
        },
        updated=["two", ["https://tradai"], {"a": "2"}],
        meddle=lambda aws, state: aws("apigatewayv2").delete_cors_configuration(ApiId=state["id"]),
        drifted=frozenset({"corsConfiguration"}),
    ),
    Case(
        "api.spare",
        "aws:apigatewayv2/api:Api",
        {"name": "case-spare", "protocol_type": "HTTP"},
        lambda aws, state: aws("apigatewayv2").get_api(ApiId=state["id"])["ProtocolType"],
        "HTTP",
        replace={"protocol_type": "WEBSOCKET", "route_selection_expression": "$request.body.action"},
    ),
    Case(
        "api.link",
        "aws:apigatewayv2/vpcLink:VpcLink",
        {
            "name": "case-link",
            "security_group_ids": [Ref("ec2.group")],
            "subnet_ids": [Ref("ec2.subnet"), Ref("ec2.subnet-b")],
            "tags": {"a": "1"},
        },
        _link,
        ["case-link", 2, {"a": "1"}],
        update={"name": "case-link-b", "tags": {"a": "2"}},
        updated=["case-link-b", 2, {"a": "2"}],
        meddle=lambda aws, state: aws("apigatewayv2").update_vpc_link(VpcLinkId=state["id"], Name="other"),
        drifted=frozenset({"name"}),
        replace={"subnet_ids": [Ref("ec2.subnet")]},
    ),
    Case(
        "api.proxy",
        "aws:apigatewayv2/integration:Integration",
        {
            "api_id": Ref("api.api"),
            "description": "one",
            "integration_type": "HTTP_PROXY",
            "integration_method": "ANY",
            "integration_uri": Ref("lb.listener", "arn"),
            "connection_type": "VPC_LINK",
            "connection_id": Ref("api.link"),
            "payload_format_version": "1.0",
            "timeout_milliseconds": 29000,
            "request_parameters": _FORWARDED,
        },
        _integration,
        ["HTTP_PROXY", 29000, _FORWARDED],
        update={"timeout_milliseconds": 10000, "request_parameters": {**_FORWARDED, **_WITHOUT_COOKIE}},
        updated=["HTTP_PROXY", 10000, {**_FORWARDED, **_WITHOUT_COOKIE}],
        meddle=lambda aws, state: aws("apigatewayv2").update_integration(
            ApiId=state["apiId"], IntegrationId=state["id"], TimeoutInMillis=5000
        ),
        drifted=frozenset({"timeoutMilliseconds"}),
        import_id=lambda state: f"{state['apiId']}/{state['id']}",
    ),
    Case(
        "api.queue",
        "aws:apigatewayv2/integration:Integration",
        {
            "api_id": Ref("api.api"),
            "integration_type": "AWS_PROXY",
            "integration_subtype": "SQS-SendMessage",
            "credentials_arn": Ref("iam.role", "arn"),
            "payload_format_version": "1.0",
            "request_parameters": _SEND,
        },
        _integration,
        ["AWS_PROXY", 30000, _SEND],
        update={"request_parameters": {k: v for k, v in _SEND.items() if k != "MessageGroupId"}},
        updated=["AWS_PROXY", 30000, {k: v for k, v in _SEND.items() if k != "MessageGroupId"}],
        replace={"integration_subtype": "SQS-PurgeQueue"},
        import_id=lambda state: f"{state['apiId']}/{state['id']}",
    ),
    Case(
        "api.authorizer",
        "aws:apigatewayv2/authorizer:Authorizer",
        {
            "api_id": Ref("api.api"),
            "name": "case-jwt",
            "authorizer_type": "JWT",
            "identity_sources": ["$request.header.Authorization"],
            "jwt_configuration": {"issuer": "https://issuer", "audiences": ["web"]},
        },
        _authorizer,
        ["case-jwt", ["$request.header.Authorization"], ["web"]],
        update={"jwt_configuration": {"issuer": "https://issuer", "audiences": ["web", "m2m"]}},
        updated=["case-jwt", ["$request.header.Authorization"], ["web", "m2m"]],
        meddle=lambda aws, state: aws("apigatewayv2").update_authorizer(
            ApiId=state["apiId"],
            AuthorizerId=state["id"],
            JwtConfiguration={"Issuer": "https://other", "Audience": ["web"]},
        ),
        drifted=frozenset({"jwtConfiguration"}),
        replace={"api_id": Ref("api.spare")},
        import_id=lambda state: f"{state['apiId']}/{state['id']}",
    ),
    Case(
        "api.route",
        "aws:apigatewayv2/route:Route",
        {
            "api_id": Ref("api.api"),
            "route_key": "POST /case",
            "authorization_type": "JWT",
            "authorizer_id": Ref("api.authorizer"),
            "authorization_scopes": ["tradai/read", "tradai/write"],
        },
        _route,
        ["POST /case", "JWT", ["tradai/read", "tradai/write"]],
        update={"route_key": "PUT /case", "authorization_scopes": []},
        updated=["PUT /case", "JWT", []],
        meddle=lambda aws, state: aws("apigatewayv2").delete_route(ApiId=state["apiId"], RouteId=state["id"]),
        replace={"api_id": Ref("api.spare"), "authorization_type": "NONE", "authorizer_id": ""},
        import_id=lambda state: f"{state['apiId']}/{state['id']}",
    ),
    Case(
        "api.jwt",
        "aws:apigatewayv2/authorizer:Authorizer",
        {
            "api_id": Ref("api.api"),
            "name": "case-routes",
            "authorizer_type": "JWT",
            "identity_sources": ["$request.header.Authorization"],
            "jwt_configuration": {"issuer": "https://issuer", "audiences": ["web"]},
        },
        _authorizer,
        ["case-routes", ["$request.header.Authorization"], ["web"]],
        import_id=lambda state: f"{state['apiId']}/{state['id']}",
    ),
    *(_each_route(route) for route in API.routes),
    Case(
        "api.stage",
        "aws:apigatewayv2/stage:Stage",
        {
            "api_id": Ref("api.api"),
            "name": "$default",
            "auto_deploy": True,
            "access_log_settings": {"destination_arn": _LOG, "format": json.dumps({"id": "$context.requestId"})},
            "default_route_settings": _limits(100, 200),
            "route_settings": [{"route_key": Ref(f"api.{_SLOW}", "route_key"), **_limits(10, 10)}],
            "tags": {"a": "1"},
        },
        _stage,
        {"rate": 100.0, "routes": {_SLOW: 10.0}, "logs": _LOG, "tags": {"a": "1"}},
        update={
            "default_route_settings": _limits(50, 100),
            "route_settings": [{"route_key": Ref("api.GET /api/v1/health", "route_key"), **_limits(5, 5)}],
            "tags": {"a": "2"},
        },
        updated={"rate": 50.0, "routes": {"GET /api/v1/health": 5.0}, "logs": _LOG, "tags": {"a": "2"}},
        meddle=lambda aws, state: aws("apigatewayv2").update_stage(
            ApiId=state["apiId"], StageName=state["name"], DefaultRouteSettings={"ThrottlingRateLimit": 1.0}
        ),
        drifted=frozenset({"defaultRouteSettings"}),
        replace={"name": "case"},
        import_id=lambda state: f"{state['apiId']}/{state['name']}",
    ),
)
