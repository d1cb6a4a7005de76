"""Auto Scaling groups and their lifecycle hooks.

Must never return from a create before the group has the capacity that it was asked for.
"""

import time
from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, forgiving, on
from tradai_sandbox.provider.failures import ProviderError
from tradai_sandbox.provider.props import Prop, Props, agree, local, out
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.translate import coerce, shape_at

_GROUP: Final = "{name}"
_POLLS: Final = 600
_PAUSE_SECONDS: Final = 1.0


def _instances(work: Work) -> list[dict[str, Any]]:
    answer = work.call("DescribeAutoScalingGroups", AutoScalingGroupNames=[work.id])
    return [i for group in answer["AutoScalingGroups"] for i in group["Instances"]]


def _wait_for(work: Work, count: int) -> None:
    """Until that many instances are in service (none at all, for 0); raises ProviderError after ten minutes."""
    for _ in range(_POLLS):
        found = _instances(work)
        ready = [i for i in found if i["LifecycleState"] == "InService"]
        if (count and len(ready) >= count) or (not count and not found):
            return
        time.sleep(_PAUSE_SECONDS)
    raise ProviderError(f"Auto Scaling group {work.id} does not come to {count} instances")


def _capacity(work: Work) -> None:
    if not work.creating or work.inputs.get("waitForCapacityTimeout") == "0":
        return
    _wait_for(work, int(work.inputs.get("desiredCapacity") or work.inputs["minSize"]))


def _drain(work: Work) -> None:
    """As the official provider: instances first, unless the program says `forceDelete`."""
    name, force = work.state["name"], bool(work.inputs.get("forceDelete"))
    if not force and _instances(work):
        work.call("UpdateAutoScalingGroup", AutoScalingGroupName=name, MinSize=0, MaxSize=0, DesiredCapacity=0)
        _wait_for(work, 0)
    forgiving(work, "DeleteAutoScalingGroup", AutoScalingGroupName=name, ForceDelete=force)


def _tag(tag: Props) -> Props:
    return {"Key": tag["key"], "Value": tag["value"], "PropagateAtLaunch": tag["propagateAtLaunch"]}


def _tags_back(tags: list[Props]) -> list[Props]:
    return [{"key": t["Key"], "value": t["Value"], "propagateAtLaunch": t["PropagateAtLaunch"]} for t in tags]


def _owned(work: Work, tags: list[Props]) -> list[Props]:
    return [{**_tag(t), "ResourceId": work.id, "ResourceType": "auto-scaling-group"} for t in tags]


def _tag_group(work: Work) -> None:
    wanted, had = work.inputs.get("tags") or [], work.state.get("tags") or []
    kept = {t["key"] for t in wanted}
    if gone := [t for t in had if t["key"] not in kept]:
        work.call("DeleteTags", Tags=_owned(work, gone))
    if wanted:
        work.call("CreateOrUpdateTags", Tags=_owned(work, wanted))


def _metrics(work: Work) -> None:
    wanted, had = set(work.inputs.get("enabledMetrics") or []), set(work.state.get("enabledMetrics") or [])
    if gone := sorted(had - wanted):
        work.call("DisableMetricsCollection", AutoScalingGroupName=work.id, Metrics=gone)
    if added := sorted(wanted - had):
        granularity = work.inputs.get("metricsGranularity", "1Minute")
        work.call("EnableMetricsCollection", AutoScalingGroupName=work.id, Metrics=added, Granularity=granularity)


def _target_groups(work: Work) -> None:
    wanted, had = set(work.inputs.get("targetGroupArns") or []), set(work.state.get("targetGroupArns") or [])
    if gone := sorted(had - wanted):
        work.call("DetachLoadBalancerTargetGroups", AutoScalingGroupName=work.id, TargetGroupARNs=gone)
    if added := sorted(wanted - had):
        work.call("AttachLoadBalancerTargetGroups", AutoScalingGroupName=work.id, TargetGroupARNs=added)


def _refresh(work: Work) -> None:
    """A new launch template reaches running instances only where the program asks for instance refresh."""
    if work.inputs.get("instanceRefresh"):
        work.call("StartInstanceRefresh", AutoScalingGroupName=work.id, Strategy="Rolling")


def _first_hooks(work: Work) -> Props:
    """Hooks that hold from the very first instance on; later they are `LifecycleHook`s' business."""
    hooks = [{**h, "lifecycleHookName": h["name"]} for h in work.inputs.get("initialLifecycleHooks") or []]
    shape = shape_at(work.cloud.input_shape("autoscaling", "CreateAutoScalingGroup"), "LifecycleHookSpecificationList")
    bare = [{k: v for k, v in hook.items() if k != "name"} for hook in hooks]
    return {"LifecycleHookSpecificationList": coerce(bare, shape, "initialLifecycleHooks")} if hooks else {}


_LAUNCH_TEMPLATE: Final = (
    Prop("id", api="LaunchTemplateId"),
    Prop("name", api="LaunchTemplateName"),
    Prop("version"),
)
_UPDATED: Final = frozenset(
    {
        "minSize",
        "maxSize",
        "desiredCapacity",
        "vpcZoneIdentifiers",
        "launchTemplate",
        "healthCheckType",
        "healthCheckGracePeriod",
        "defaultCooldown",
        "terminationPolicies",
        "protectFromScaleIn",
        "capacityRebalance",
        "maxInstanceLifetime",
    }
)

GROUP: Final = Row(
    "aws:autoscaling/group:Group",
    "autoscaling",
    (
        Prop("name", api="AutoScalingGroupName", replace=True),
        Prop("minSize", int, required=True),
        Prop("maxSize", int, required=True),
        Prop("desiredCapacity", int, computed=True),
        Prop("vpcZoneIdentifiers", list, api="VPCZoneIdentifier", to=",".join, back=lambda v: v.split(",")),
        Prop("launchTemplate", dict, fields=_LAUNCH_TEMPLATE, same=agree),
        Prop("healthCheckType", computed=True),
        Prop("healthCheckGracePeriod", int, default=300),
        Prop("defaultCooldown", int, computed=True),
        Prop("terminationPolicies", list, ordered=True, computed=True),
        Prop("protectFromScaleIn", bool, api="NewInstancesProtectedFromScaleIn"),
        Prop("capacityRebalance", bool),
        Prop("maxInstanceLifetime", int),
        Prop("targetGroupArns", list, api="TargetGroupARNs", computed=True),
        Prop("enabledMetrics", list, back=lambda found: [m["Metric"] for m in found]),
        Prop("tags", list, to=lambda tags: [_tag(t) for t in tags], back=_tags_back),
        local("metricsGranularity", str, "1Minute"),
        local("waitForCapacityTimeout", str, "10m"),
        local("forceDelete"),
        local("instanceRefresh", dict),
        local("initialLifecycleHooks", list),
        out("arn", api="AutoScalingGroupARN"),
        out("availabilityZones", list),
    ),
    create=Create("CreateAutoScalingGroup", build=_first_hooks),
    steps=(
        change(_UPDATED, "UpdateAutoScalingGroup", {"AutoScalingGroupName": "{id}"}, after_create=False),
        on({"minSize"}, _capacity),
        on({"launchTemplate"}, _refresh, after_create=False),
        on({"targetGroupArns"}, _target_groups, after_create=False),
        on({"enabledMetrics"}, _metrics),
        on({"tags"}, _tag_group, after_create=False),
    ),
    read=(Read("DescribeAutoScalingGroups", {"AutoScalingGroupNames": ["{id}"]}, "AutoScalingGroups[0]"),),
    delete=_drain,
    id=_GROUP,
    name="name",
)

_HOOK: Final = {"AutoScalingGroupName": "{autoscalingGroupName}", "LifecycleHookName": "{name}"}
_HOOK_PROPS: Final = (
    Prop("lifecycleTransition", required=True),
    Prop("defaultResult", computed=True),
    Prop("heartbeatTimeout", int),
    Prop("notificationMetadata"),
    Prop("notificationTargetArn"),
    Prop("roleArn"),
)

LIFECYCLE_HOOK: Final = Row(
    "aws:autoscaling/lifecycleHook:LifecycleHook",
    "autoscaling",
    (
        Prop("name", api="LifecycleHookName", replace=True),
        Prop("autoscalingGroupName", required=True, replace=True),
        *_HOOK_PROPS,
    ),
    create=Create("PutLifecycleHook"),
    steps=(change({p.name for p in _HOOK_PROPS}, "PutLifecycleHook", _HOOK, after_create=False),),
    read=(
        Read(
            "DescribeLifecycleHooks",
            {"AutoScalingGroupName": "{autoscalingGroupName}", "LifecycleHookNames": ["{name}"]},
            "LifecycleHooks[0]",
        ),
    ),
    delete=Delete("DeleteLifecycleHook", _HOOK),
    id="{name}",
    import_id="{autoscalingGroupName}/{name}",
    name="name",
    gone=frozenset({"ValidationError"}),
)

ROWS: Final = (GROUP, LIFECYCLE_HOOK)
