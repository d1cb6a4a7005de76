"""Trails (CloudTrail).

Must never stop a trail that the program wants to log.
"""

from typing import Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, on, retag
from tradai_sandbox.provider.props import Prop, out, tags
from tradai_sandbox.provider.row import Row, Work

_TRAIL: Final = {"Name": "{id}"}
_SETTINGS: Final = (
    Prop("s3BucketName", required=True),
    Prop("s3KeyPrefix"),
    Prop("snsTopicName"),
    Prop("cloudWatchLogsGroupArn", api="CloudWatchLogsLogGroupArn"),
    Prop("cloudWatchLogsRoleArn"),
    Prop("enableLogFileValidation", bool, "EnableLogFileValidation|LogFileValidationEnabled", default=False),
    Prop("includeGlobalServiceEvents", bool, default=True),
    Prop("isMultiRegionTrail", bool, default=False),
    Prop("isOrganizationTrail", bool, default=False),
    Prop("kmsKeyId"),
)


def _logging(work: Work) -> None:
    work.call("StartLogging" if work.inputs.get("enableLogging") else "StopLogging", Name=work.id)


TRAIL: Final = Row(
    "aws:cloudtrail/trail:Trail",
    "cloudtrail",
    (
        Prop("name", replace=True),
        *_SETTINGS,
        Prop("enableLogging", bool, "-|IsLogging", default=True),
        *tags(api="TagsList"),
        out("arn", api="TrailARN"),
        out("homeRegion"),
        out("snsTopicArn"),
    ),
    create=Create("CreateTrail", id="TrailARN"),
    read=(
        Read("DescribeTrails", {"trailNameList": ["{id}"]}, at="trailList[0]"),
        Read("GetTrailStatus", _TRAIL, only=frozenset({"enableLogging"}), gone_is_empty=True),
        Read("ListTags", {"ResourceIdList": ["{id}"]}, at="ResourceTagList[0]", only=frozenset({"tags"})),
    ),
    steps=(
        change({p.name for p in _SETTINGS}, "UpdateTrail", _TRAIL, after_create=False),
        on({"enableLogging"}, _logging),
        retag(
            "AddTags",
            "RemoveTags",
            {"ResourceId": "{id}"},
            tags="TagsList",
            keys="TagsList",
            take_tags=True,
        ),
    ),
    delete=Delete("DeleteTrail", {"Name": "{name}"}),
    name="name",
)

ROWS: Final = (TRAIL,)
