"""API Gateway v2: UpdateStage, DeleteRouteSettings, DeleteAccessLogSettings and the tags of stages.

Must never touch what moto does about APIs, routes and integrations.
"""

import json
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import unquote

from moto.apigatewayv2 import models, responses, urls

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
    tags = "{0}/v2/tags/(?P<arn_pt1>[^/]+)/apis/(?P<arn_pt2>[^/]+)/stages/(?P<stage>[^/]+)"
    for path in (f"{stage}/accesslogsettings$", f"{stage}/routesettings/(?P<route_key>.+)$", f"{tags}$"):
        urls.url_paths[path] = responses.ApiGatewayV2Response.dispatch
    wrap(
        models.ApiGatewayV2Backend,
        get_tags=partial(_with_stages, of_stage=_read),
        tag_resource=partial(_with_stages, of_stage=_tag),
        untag_resource=partial(_with_stages, of_stage=_untag),
    )


def update_stage(self: Any) -> Reply:
    """UpdateStage: given fields replace, route settings merge key by key, default settings field by field."""
    stage, body = _stage(self, -1), json.loads(self.body)
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


def _with_stages(original: Any, of_stage: Any) -> Any:
    def method(self: Any, arn: str, *args: Any) -> Any:
        if "/stages/" not in arn:
            return original(self, arn, *args)
        api, _, stage = arn.split("/apis/")[1].partition("/stages/")
        return of_stage(self.get_stage(api, stage), *args)

    return method


def _read(stage: Any) -> Any:
    return stage.tags


def _tag(stage: Any, tags: dict[str, str]) -> None:
    stage.tags = {**stage.tags, **tags}


def _untag(stage: Any, keys: list[str]) -> None:
    stage.tags = {k: v for k, v in stage.tags.items() if k not in keys}
