"""Web ACLs, what they protect and where they log (WAF v2).

A statement follows the service model but for `notStatement`, which has a list of one in Pulumi and one in the API.
Must never write with a lock token that was not just read: the one in the state may be of long ago.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import botocore.session
from botocore.model import Shape

from tradai_sandbox.provider.calls import Create, Delete, Read, forgiving, on, retag
from tradai_sandbox.provider.failures import ProviderError
from tradai_sandbox.provider.props import Prop, Props, out, tags
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.translate import TranslationError, coerce, from_api, plain, shape_at

_ACL: Final = {"Name": "{name}", "Scope": "{scope}", "Id": "{id}"}
_BY_ARN: Final = {"ResourceARN": "{arn}"}
_NOT: Final = "notStatement"


@cache
def _statement_shape() -> Shape:
    shape: Shape = botocore.session.Session().get_service_model("wafv2").shape_for("Statement")
    return shape


def _within_not(value: Any, turn: Callable[[Props], Props]) -> Any:
    """A statement with the body of each `notStatement` in it turned; searched bytes become text."""
    if isinstance(value, list):
        return [_within_not(item, turn) for item in value]
    if isinstance(value, dict):
        turned = {k: turn(v) if k == _NOT else v for k, v in value.items()}
        return {k: _within_not(v, turn) for k, v in turned.items()}
    return value.decode() if isinstance(value, bytes) else value


def _the_one(body: Props) -> Props:
    inner = body.get("statements", [])
    if len(inner) != 1:
        raise TranslationError(f"{_NOT!r} has {len(inner)} statements: it takes exactly one")
    return {"statement": inner[0]}


def _as_list(body: Props) -> Props:
    return {"statements": [body["statement"]]}


def _statement(given: Props) -> Any:
    """The SDK leaves plain dictionaries within `notStatement` in Python's spelling, which the API would not take."""
    _refuse_python_names(given)
    return coerce(_within_not(given, _the_one), _statement_shape(), "statement")


def _refuse_python_names(value: Any) -> None:
    for item in value if isinstance(value, list) else []:
        _refuse_python_names(item)
    for name, item in value.items() if isinstance(value, dict) else []:
        if "_" in name:
            raise TranslationError(f"'statement' has an unknown property {name!r}")
        _refuse_python_names(item)


def _statement_back(found: Props) -> Any:
    return _within_not(plain(found, _statement_shape()), _as_list)


_VISIBILITY: Final = (
    Prop("cloudwatchMetricsEnabled", bool),
    Prop("metricName"),
    Prop("sampledRequestsEnabled", bool),
)
_RULE: Final = (
    Prop("name"),
    Prop("priority", int),
    Prop("action", dict),
    Prop("overrideAction", dict),
    Prop("statement", dict, to=_statement, back=_statement_back),
    Prop("visibilityConfig", dict, fields=_VISIBILITY),
    Prop("ruleLabels", list),
)
_ACL_SET: Final = (
    Prop("defaultAction", dict, required=True, telling=True),
    Prop("description"),
    Prop("rules", list, fields=_RULE, telling=True),
    Prop("visibilityConfig", dict, required=True, fields=_VISIBILITY),
)


def _found(work: Work) -> Props:
    return forgiving(work, "GetWebACL", **work.fill(_ACL))


def _read(work: Work) -> Props | None:
    answer = _found(work)
    if "WebACL" not in answer:
        return None
    shape = shape_at(work.cloud.model("wafv2", "GetWebACL").output_shape, "WebACL")
    found = from_api(work.row.props, answer["WebACL"], shape)
    scope = "REGIONAL" if ":regional/" in found["arn"] else "CLOUDFRONT"
    return {**found, "scope": scope, "lockToken": answer["LockToken"]}


def _update(work: Work) -> None:
    """An update takes the place of everything: it is given all that the program wants."""
    token = _found(work).get("LockToken")
    if token is None:
        raise ProviderError(f"web ACL {work.inputs['name']} is no longer there")
    names = frozenset(p.name for p in _ACL_SET)
    work.call("UpdateWebACL", **work.fill(_ACL), **work.params("UpdateWebACL", names), LockToken=token)


def _delete(work: Work) -> None:
    if token := _found(work).get("LockToken"):
        forgiving(work, "DeleteWebACL", **work.fill(_ACL), LockToken=token)


WEB_ACL: Final = Row(
    "aws:wafv2/webAcl:WebAcl",
    "wafv2",
    (
        Prop("name", replace=True),
        Prop("scope", required=True, replace=True),
        *_ACL_SET,
        *tags(api="Tags|TagList"),
        out("arn"),
        out("capacity", int),
        out("lockToken"),
    ),
    create=Create("CreateWebACL", "Summary.Id"),
    steps=(
        on({p.name for p in _ACL_SET}, _update, after_create=False),
        retag("TagResource", "UntagResource", _BY_ARN),
    ),
    read=(_read, Read("ListTagsForResource", _BY_ARN, "TagInfoForResource", only=frozenset({"tags"}))),
    delete=_delete,
    import_id="{id}/{name}/{scope}",
    name="name",
)


def _associated(work: Work) -> Props | None:
    """Whether it is still this web ACL that protects the resource: there is at most one."""
    wanted, resource = work.values["webAclArn"], work.values["resourceArn"]
    found = forgiving(work, "GetWebACLForResource", ResourceArn=resource).get("WebACL", {})
    return {"webAclArn": wanted, "resourceArn": resource} if found.get("ARN") == wanted else None


def _dissociate(work: Work) -> None:
    if _associated(work) is not None:
        forgiving(work, "DisassociateWebACL", ResourceArn=work.values["resourceArn"])


ASSOCIATION: Final = Row(
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    "wafv2",
    (
        Prop("resourceArn", required=True, replace=True),
        Prop("webAclArn", required=True, replace=True),
    ),
    create=Create("AssociateWebACL"),
    read=(_associated,),
    delete=_dissociate,
    id="{webAclArn},{resourceArn}",
    delete_first=True,
)


def _place(name: str, **more: Any) -> Prop:
    member = name[0].upper() + name[1:]
    return Prop(name, api=f"LoggingConfiguration.{member}|{member}", **more)


_LOGGED: Final = {"ResourceArn": "{resourceArn}"}

LOGGING: Final = Row(
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    "wafv2",
    (
        _place("resourceArn", required=True, replace=True),
        _place("logDestinationConfigs", kind=list, required=True, replace=True),
        _place("redactedFields", kind=list, telling=True),
        _place("loggingFilter", kind=dict),
    ),
    create=Create("PutLoggingConfiguration"),
    steps=(
        on(
            {"redactedFields", "loggingFilter"},
            lambda work: work.call("PutLoggingConfiguration", **work.params("PutLoggingConfiguration")),
            after_create=False,
        ),
    ),
    read=(Read("GetLoggingConfiguration", _LOGGED, "LoggingConfiguration"),),
    delete=Delete("DeleteLoggingConfiguration", _LOGGED),
    id="{resourceArn}",
    delete_first=True,
)

ROWS: Final = (WEB_ACL, ASSOCIATION, LOGGING)
