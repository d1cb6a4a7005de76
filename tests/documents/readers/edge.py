"""The HTTP API and its routes (002 §5; 001 §3, §7); reads only."""

from __future__ import annotations

import fnmatch
from typing import Any

from tests.documents.live import Facts, Live, of_environment, one
from tests.documents.readers.auth import pool_clients, pool_id
from tests.documents.readers.compute import listeners, paths
from tests.documents.readers.network import in_vpc


def _api(live: Live) -> dict[str, Any]:
    apis = live.pages("apigatewayv2", "get_apis", "Items")
    found: dict[str, Any] = one([api for api in apis if of_environment(api["Name"], live.env)], f"APIs of {live.env}")
    return found


def _of_api(live: Live, operation: str) -> list[Any]:
    return live.pages("apigatewayv2", operation, "Items", ApiId=_api(live)["ApiId"])


def http_api(live: Live, name: str) -> Facts:
    """Protocol, CORS, throttling of the default stage, authorizer and private link of the API."""
    api = _api(live)
    stage = one([item for item in _of_api(live, "get_stages") if item["StageName"] == "$default"], "$default stages")
    limits = stage.get("DefaultRouteSettings", {})
    return {
        "protocol": api["ProtocolType"],
        "cors origins": api.get("CorsConfiguration", {}).get("AllowOrigins", []),
        "rate limit": int(limits.get("ThrottlingRateLimit", 0)),
        "burst limit": int(limits.get("ThrottlingBurstLimit", 0)),
        "link subnets": _link_subnets(live),
        "tags": api.get("Tags", {}),
        **_authorizer(live),
    }


def _authorizer(live: Live) -> dict[str, object]:
    used = {item["AuthorizerId"] for item in _of_api(live, "get_routes") if item.get("AuthorizerId")}
    asked = {"ApiId": _api(live)["ApiId"], "AuthorizerId": one(sorted(used), "authorizers of routes")}
    found = live.clients("apigatewayv2").get_authorizer(**asked)
    pool = pool_id(live, f"tradai-users-{live.env}")
    trusted = found.get("JwtConfiguration", {})
    clients = {client["ClientId"] for client in pool_clients(live, pool)}
    return {
        "authorizer": found["AuthorizerType"],
        "issuer is the user pool": str(trusted.get("Issuer", "")).endswith(f".amazonaws.com/{pool}"),
        "audience is the pool's clients": set(trusted.get("Audience", [])) == clients,
    }


def _link_subnets(live: Live) -> list[str]:
    links = live.pages("apigatewayv2", "get_vpc_links", "Items")
    link = one([item for item in links if of_environment(item["Name"], live.env)], f"VPC links of {live.env}")
    cidrs = {item["SubnetId"]: item["CidrBlock"] for item in in_vpc(live, "describe_subnets", "Subnets")}
    return sorted(cidrs.get(one_id, one_id) for one_id in link["SubnetIds"])


def routes(live: Live) -> list[Any]:
    """The routes of the environment's API."""
    return _of_api(live, "get_routes")


def route(live: Live, name: str) -> Facts:
    """Authorization, integration, where it ends and the rate limit of the route `name` ("ANY /mlflow/*")."""
    key = name.replace("/*", "/{proxy+}")
    found = one([item for item in routes(live) if item["RouteKey"] == key], f"routes {name}")
    target = str(found.get("Target", "")).removeprefix("integrations/")
    integration = one([i for i in _of_api(live, "get_integrations") if i["IntegrationId"] == target], target)
    return {
        "auth": found.get("AuthorizationType", "NONE"),
        "integration": integration.get("IntegrationSubtype") or integration.get("ConnectionType", "INTERNET"),
        "ends at": _end(live, integration, key.partition(" ")[2]),
        "rate limit": _route_limit(live, key),
    }


def _end(live: Live, integration: dict[str, Any], path: str) -> str:
    """The queue, or the service that the load balancer's rules send the path to behind its listener."""
    queue = integration.get("RequestParameters", {}).get("QueueUrl")
    if queue:
        return str(queue).rsplit("/", 1)[1]
    if integration.get("IntegrationUri") not in {listener["ListenerArn"] for listener in listeners(live)}:
        return "another listener"
    return next((service for pattern, service in paths(live) if fnmatch.fnmatchcase(path, pattern)), "nothing")


def _route_limit(live: Live, key: str) -> int:
    stage = one([item for item in _of_api(live, "get_stages") if item["StageName"] == "$default"], "$default stages")
    return int(stage.get("RouteSettings", {}).get(key, {}).get("ThrottlingRateLimit", 0))
