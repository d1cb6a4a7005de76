"""API Gateway v2: UpdateStage, DeleteRouteSettings, DeleteAccessLogSettings; tags of stages and domain names.

Route settings need their route. Must never touch what moto does about APIs and integrations; domain names are
`api_domains`.
"""

import json
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import unquote

from moto.apigatewayv2 import models, responses, urls
from moto.apigatewayv2.exceptions import APIGatewayV2Error

from tradai_sandbox.moto_ext.gaps.patching import add, wrap

Reply = tuple[int, dict[str, str], str]
UPDATABLE = {
    "accessLogSettings": "access_log_settings",
    "autoDeploy": "auto_deploy",
    "clientCertificateId": "client_certificate_id",
    "description": "description",
    "stageVariables": "stage_variables",
}


def repair() -> None:
    """Add the operations to moto's response class and the paths to its table."""
    add(responses.ApiGatewayV2Response, update_stage, delete_route_settings, delete_access_log_settings)
    stage = "{0}/v2/apis/(?P<api_id>[^/]+)/stages/(?P<stage_name>[^/]+)"
    tags = "{0}/v2/tags/(?P<arn_pt1>[^/]+)"
    for path in (
        f"{stage}/accesslogsettings$",
        f"{stage}/routesettings/(?P<route_key>.+)$",
        f"{tags}/apis/(?P<arn_pt2>[^/]+)/stages/(?P<stage>[^/]+)$",
        f"{tags}/domainnames/(?P<arn_pt2>[^/]+)$",
    ):
        urls.url_paths[path] = responses.ApiGatewayV2Response.dispatch
    wrap(
        models.ApiGatewayV2Backend,
        create_stage=_checked,
        get_tags=partial(_with_owners, of_owner=_read),
        tag_resource=partial(_with_owners, of_owner=_tag),
        untag_resource=partial(_with_owners, of_owner=_untag),
    )
    wrap(models.Route, update=_without_scopes)


def update_stage(self: Any) -> Reply:
    """UpdateStage: given fields replace, route settings merge key by key, default settings field by field."""
    stage, body = _stage(self, -1), json.loads(self.body)
    _check_routes(self.apigatewayv2_backend.get_api(self.path.split("/")[-3]), body)
    for field, attribute in UPDATABLE.items():
        if field in body:
            setattr(stage, attribute, body[field])
    stage.default_route_settings = {**stage.default_route_settings, **body.get("defaultRouteSettings", {})}
    stage.route_settings = {**stage.route_settings, **body.get("routeSettings", {})}
    stage.updated = datetime.now()
    return 200, {}, json.dumps(stage.to_json())


def delete_route_settings(self: Any) -> Reply:
    """DeleteRouteSettings: the route falls back to the stage's default settings."""
    head, key = self.path.split("/routesettings/")
    backend, parts = self.apigatewayv2_backend, head.split("/")
    backend.get_stage(parts[-3], unquote(parts[-1])).route_settings.pop(unquote(key), None)
    return 204, {}, ""


def delete_access_log_settings(self: Any) -> Reply:
    """DeleteAccessLogSettings: access logging of the stage ends."""
    _stage(self, -2).access_log_settings = None
    return 204, {}, ""


def _stage(response: Any, position: int) -> Any:
    parts = response.path.split("/")
    return response.apigatewayv2_backend.get_stage(parts[position - 2], unquote(parts[position]))


def _check_routes(api: Any, settings: dict[str, Any]) -> None:
    """Refuse settings of a route that the API does not have, as AWS does."""
    keys = {route.route_key for route in api.get_routes()}
    for key in settings.get("routeSettings") or {}:
        if key not in keys:
            raise RouteUnknownError(key)


class RouteUnknownError(APIGatewayV2Error):
    """Settings were given for a route that does not exist."""

    code = 404

    def __init__(self, key: str) -> None:
        super().__init__("NotFoundException", f"Unable to find Route by key {key} within the provided RouteSettings")


def _checked(original: Any) -> Any:
    def create_stage(self: Any, api_id: str, config: dict[str, Any]) -> Any:
        _check_routes(self.get_api(api_id), config)
        return original(self, api_id, config)

    return create_stage


def _without_scopes(original: Any) -> Any:
    """moto takes an empty list of scopes for none given."""

    def update(self: Any, **given: Any) -> None:
        original(self, **given)
        if given["authorization_scopes"] is not None:
            self.authorization_scopes = given["authorization_scopes"]

    return update


def _with_owners(original: Any, of_owner: Any) -> Any:
    def method(self: Any, arn: str, *args: Any) -> Any:
        owner = _owner(self, arn)
        return original(self, arn, *args) if owner is None else of_owner(owner, *args)

    return method


def _owner(backend: Any, arn: str) -> Any:
    """What keeps its tags itself: a stage or a domain name; None for the rest."""
    if "/stages/" in arn:
        api, _, stage = arn.split("/apis/")[1].partition("/stages/")
        return backend.get_stage(api, stage)
    return backend.get_domain_name(arn.rpartition("/")[2]) if "/domainnames/" in arn else None


def _read(owner: Any) -> Any:
    return owner.tags


def _tag(owner: Any, tags: dict[str, str]) -> None:
    owner.tags = {**owner.tags, **tags}


def _untag(owner: Any, keys: list[str]) -> None:
    owner.tags = {k: v for k, v in owner.tags.items() if k not in keys}
