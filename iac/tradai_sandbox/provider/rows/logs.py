"""Log groups (CloudWatch Logs).

Must never delete a log group that the program says to keep (`skipDestroy`).
"""

from typing import Final

from tradai_sandbox.provider.calls import Create, Read, forgiving, on, retag
from tradai_sandbox.provider.props import Prop, Props, local, out, tags
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.translate import from_api, shape_at

_ARN: Final = {"resourceArn": "{arn}"}


def _read(work: Work) -> Props | None:
    """The group of exactly this name; the listing gives all that begin with it."""
    found = work.call("DescribeLogGroups", logGroupNamePrefix=work.id)["logGroups"]
    group = next((g for g in found if g["logGroupName"] == work.id), None)
    if group is None:
        return None
    group["arn"] = group["arn"].removesuffix(":*")
    shape = shape_at(work.cloud.model("logs", "DescribeLogGroups").output_shape, "logGroups[0]")
    return {"retentionInDays": 0, **from_api(work.row.props, group, shape)}


def _retention(work: Work) -> None:
    """Zero days means for ever."""
    if days := work.inputs.get("retentionInDays"):
        work.call("PutRetentionPolicy", logGroupName=work.id, retentionInDays=days)
    else:
        work.call("DeleteRetentionPolicy", logGroupName=work.id)


def _key(work: Work) -> None:
    if key := work.inputs.get("kmsKeyId"):
        work.call("AssociateKmsKey", logGroupName=work.id, kmsKeyId=key)
    else:
        work.call("DisassociateKmsKey", logGroupName=work.id)


def _delete(work: Work) -> None:
    if not work.inputs.get("skipDestroy"):
        forgiving(work, "DeleteLogGroup", logGroupName=work.id)


LOG_GROUP: Final = Row(
    "aws:cloudwatch/logGroup:LogGroup",
    "logs",
    (
        Prop("name", api="logGroupName", replace=True),
        Prop("retentionInDays", int, default=0),
        Prop("kmsKeyId"),
        Prop("logGroupClass", replace=True, computed=True),
        local("skipDestroy", default=False),
        *tags(to=None),
        out("arn"),
    ),
    create=Create("CreateLogGroup"),
    read=(_read, Read("ListTagsForResource", _ARN, only=frozenset({"tags"}))),
    steps=(
        on({"retentionInDays"}, _retention),
        on({"kmsKeyId"}, _key, after_create=False),
        retag("TagResource", "UntagResource", _ARN, tags="tags", keys="tagKeys"),
    ),
    delete=_delete,
    id="{name}",
    name="name",
)

ROWS: Final = (LOG_GROUP,)
