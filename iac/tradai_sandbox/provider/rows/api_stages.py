"""Stages of HTTP APIs (API Gateway v2), with their throttling and access log.

Must never leave settings of a route behind that the program gave up.
"""

from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, forgiving, on, retag
from tradai_sandbox.provider.props import Prop, Props, out, tags
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.translate import coerce, plain, shape_at

_STAGE: Final = {"ApiId": "{apiId}", "StageName": "{name}"}
_ARN: Final = "arn:aws:apigateway:{region}::/apis/{apiId}/stages/{name}"
_SET: Final = (
    "accessLogSettings",
    "autoDeploy",
    "clientCertificateId",
    "defaultRouteSettings",
    "deploymentId",
    "description",
    "stageVariables",
)


def _by_route(work: Work) -> Props:
    """Pulumi's list of route settings as the API's map by route key."""
    shape = shape_at(work.cloud.input_shape("apigatewayv2", "CreateStage"), "RouteSettings.any")
    given = work.inputs.get("routeSettings") or []
    bare = {s["routeKey"]: {k: v for k, v in s.items() if k != "routeKey"} for s in given}
    found = {key: coerce(settings, shape, "routeSettings") for key, settings in bare.items()}
    return {"RouteSettings": found} if found else {}


def _as_list(found: dict[str, Any]) -> list[Props]:
    return [{"routeKey": key, **plain(settings, None)} for key, settings in found.items()]


def _update(work: Work) -> None:
    api, stage = work.inputs["apiId"], work.inputs["name"]
    wanted = _by_route(work).get("RouteSettings", {})
    for had in work.state.get("routeSettings") or []:
        if had["routeKey"] not in wanted:
            forgiving(work, "DeleteRouteSettings", ApiId=api, StageName=stage, RouteKey=had["routeKey"])
    if "accessLogSettings" in work.changed - set(work.inputs):
        forgiving(work, "DeleteAccessLogSettings", ApiId=api, StageName=stage)
    params = {**work.params("UpdateStage", frozenset(_SET)), **_by_route(work)}
    work.call("UpdateStage", ApiId=api, StageName=stage, **params)


def _urls(work: Work, found: Props) -> Props:
    api, name = work.values["apiId"], found["name"]
    path = "" if name == "$default" else name
    return {
        "apiId": api,
        "invokeUrl": f"https://{api}.execute-api.{work.region}.amazonaws.com/{path}",
        "executionArn": f"arn:aws:execute-api:{work.region}:{work.cloud.account_id}:{api}/{name}",
    }


STAGE: Final = Row(
    "aws:apigatewayv2/stage:Stage",
    "apigatewayv2",
    (
        Prop("apiId", required=True, replace=True),
        Prop("name", api="StageName", replace=True),
        Prop("accessLogSettings", dict),
        Prop("autoDeploy", bool),
        Prop("clientCertificateId"),
        Prop("defaultRouteSettings", dict, computed=True),
        Prop("deploymentId", computed=True),
        Prop("description"),
        Prop("routeSettings", list, back=_as_list),
        Prop("stageVariables", dict),
        *tags(to=None),
        out("arn", value=_ARN),
        out("executionArn"),
        out("invokeUrl"),
    ),
    create=Create("CreateStage", build=_by_route, leave_out=frozenset({"routeSettings"})),
    steps=(
        on({*_SET, "routeSettings"}, _update, after_create=False),
        retag("TagResource", "UntagResource", {"ResourceArn": _ARN}),
    ),
    read=(Read("GetStage", _STAGE),),
    delete=Delete("DeleteStage", _STAGE),
    finish=_urls,
    id="{name}",
    import_id="{apiId}/{name}",
    name="name",
)

ROWS: Final = (STAGE,)
