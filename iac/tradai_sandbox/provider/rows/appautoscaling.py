"""Scalable targets and their target tracking policies (Application Auto Scaling).

Must never scale anything.
"""

from collections.abc import Collection
from typing import Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, retag
from tradai_sandbox.provider.props import Prop, Props, out, tags
from tradai_sandbox.provider.row import Reader, Row, Work

_PLACE: Final = ("serviceNamespace", "resourceId", "scalableDimension")
_TARGET: Final = {name[0].upper() + name[1:]: f"{{{name}}}" for name in _PLACE}
_POLICY: Final = {**_TARGET, "PolicyName": "{name}"}
_WHERE: Final = tuple(Prop(name, required=True, replace=True) for name in _PLACE)


def _placed(names: Collection[str], read: Read) -> Reader:
    """A reader that knows the parts of an import's id apart: only a resource's own id has slashes in it."""

    def reader(work: Work) -> Props | None:
        whole = "/".join(str(work.values[name]) for name in names)
        namespace, _, rest = whole.partition("/")
        parts = [namespace, *rest.rsplit("/", len(names) - 2)]
        return read(work.with_(state={**work.state, **dict(zip(names, parts, strict=True))}))

    return reader


TARGET: Final = Row(
    "aws:appautoscaling/target:Target",
    "application-autoscaling",
    (
        *_WHERE,
        Prop("minCapacity", int, required=True),
        Prop("maxCapacity", int, required=True),
        Prop("roleArn", replace=True, computed=True),
        Prop("suspendedState", dict, computed=True),
        *tags(to=None),
        out("arn", api="ScalableTargetARN"),
    ),
    create=Create("RegisterScalableTarget"),
    steps=(
        change({"minCapacity", "maxCapacity", "suspendedState"}, "RegisterScalableTarget", _TARGET, after_create=False),
        retag("TagResource", "UntagResource", {"ResourceARN": "{arn}"}),
    ),
    read=(
        _placed(
            _PLACE,
            Read(
                "DescribeScalableTargets",
                {
                    "ServiceNamespace": "{serviceNamespace}",
                    "ResourceIds": ["{resourceId}"],
                    "ScalableDimension": "{scalableDimension}",
                },
                "ScalableTargets[0]",
            ),
        ),
        Read("ListTagsForResource", {"ResourceARN": "{arn}"}, only=frozenset({"tags"}), gone_is_empty=True),
    ),
    delete=Delete("DeregisterScalableTarget", _TARGET),
    id="{resourceId}",
    import_id="{serviceNamespace}/{resourceId}/{scalableDimension}",
)


def _alarms(alarms: list[Props]) -> list[str]:
    return [alarm["AlarmARN"] for alarm in alarms]


_SETTINGS: Final = ("policyType", "targetTrackingScalingPolicyConfiguration")

POLICY: Final = Row(
    "aws:appautoscaling/policy:Policy",
    "application-autoscaling",
    (
        Prop("name", api="PolicyName", replace=True),
        *_WHERE,
        Prop("policyType", default="StepScaling"),
        Prop("targetTrackingScalingPolicyConfiguration", dict),
        out("arn", api="PolicyARN"),
        Prop("alarmArns", list, api="Alarms", output=True, back=_alarms),
    ),
    create=Create("PutScalingPolicy"),
    steps=(change(_SETTINGS, "PutScalingPolicy", _POLICY, after_create=False),),
    read=(
        _placed(
            (*_PLACE, "name"),
            Read(
                "DescribeScalingPolicies",
                {
                    "ServiceNamespace": "{serviceNamespace}",
                    "ResourceId": "{resourceId}",
                    "ScalableDimension": "{scalableDimension}",
                    "PolicyNames": ["{name}"],
                },
                "ScalingPolicies[0]",
            ),
        ),
    ),
    delete=Delete("DeleteScalingPolicy", _POLICY),
    id="{name}",
    import_id="{serviceNamespace}/{resourceId}/{scalableDimension}/{name}",
    name="name",
)

ROWS: Final = (TARGET, POLICY)
