"""Load balancers and target groups (Elastic Load Balancing v2). Listeners are `elbv2_listeners`.

Must never answer before a load balancer is active.
"""

from collections.abc import Mapping
from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, forgiving, on
from tradai_sandbox.provider.props import Prop, Props, agree, out, tags
from tradai_sandbox.provider.row import Row, Step, Work
from tradai_sandbox.provider.rows.elbv2_parts import READ_TAGS, TAGS, attributes_reader, flatten
from tradai_sandbox.provider.translate import from_api, shape_at

_ARN: Final = {"LoadBalancerArn": "{id}"}
_GROUP: Final = {"TargetGroupArn": "{id}"}
_LB_ATTRIBUTES: Final = {
    "accessLogs.enabled": "access_logs.s3.enabled",
    "accessLogs.bucket": "access_logs.s3.bucket",
    "accessLogs.prefix": "access_logs.s3.prefix",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableHttp2": "routing.http2.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
}
_TG_ATTRIBUTES: Final = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "slowStart": "slow_start.duration_seconds",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "stickiness.enabled": "stickiness.enabled",
    "stickiness.type": "stickiness.type",
    "stickiness.cookieDuration": "stickiness.lb_cookie.duration_seconds",
    "stickiness.cookieName": "stickiness.app_cookie.cookie_name",
}


def _attributes(names: Mapping[str, str], op: str, arn: str) -> Step:
    def run(work: Work) -> None:
        asked = {path.partition(".")[0] for path in names} & set(work.inputs)
        heads = asked if work.creating else asked & work.changed
        if found := flatten(names, {name: work.inputs[name] for name in heads}):
            work.call(op, **{arn: work.id}, Attributes=found)

    return on({path.partition(".")[0] for path in names}, run)


def _subnet_ids(zones: list[dict[str, Any]]) -> list[str]:
    return [zone["SubnetId"] for zone in zones]


def _shape(work: Work) -> Props:
    """What CreateLoadBalancer spells otherwise than descriptions."""
    scheme = "internal" if work.inputs.get("internal") else "internet-facing"
    return {"Name": work.inputs["name"], "Scheme": scheme, "Subnets": work.inputs.get("subnets") or []}


def _balancer_suffix(_: Work, found: Props) -> Props:
    """The end of the ARN that CloudWatch's dimensions want: `app/name/id`."""
    return {"arnSuffix": found["arn"].partition(":loadbalancer/")[2]}


def _group_suffix(_: Work, found: Props) -> Props:
    """The end of the ARN that CloudWatch's dimensions want: `targetgroup/name/id`."""
    return {"arnSuffix": found["arn"].rpartition(":")[2]}


def _active(balancer: Props) -> bool:
    return bool(balancer["State"]["Code"] != "provisioning")


LOAD_BALANCER: Final = Row(
    "aws:lb/loadBalancer:LoadBalancer",
    "elbv2",
    (
        Prop("name", api="LoadBalancerName", replace=True),
        Prop("internal", bool, api="Scheme", default=False, replace=True, back=lambda s: s == "internal"),
        Prop("loadBalancerType", api="Type", default="application", replace=True),
        Prop("subnets", list, api="AvailabilityZones", computed=True, back=_subnet_ids),
        Prop("securityGroups", list, computed=True),
        Prop("ipAddressType", computed=True),
        Prop("accessLogs", dict),
        Prop("dropInvalidHeaderFields", bool),
        Prop("enableDeletionProtection", bool),
        Prop("enableHttp2", bool, default=True),
        Prop("idleTimeout", int, default=60),
        Prop("preserveHostHeader", bool),
        Prop("xffHeaderProcessingMode", computed=True),
        Prop("desyncMitigationMode", computed=True),
        *tags(),
        out("arn", api="LoadBalancerArn"),
        out("arnSuffix"),
        out("dnsName"),
        out("vpcId"),
        out("zoneId", api="CanonicalHostedZoneId"),
    ),
    create=Create("CreateLoadBalancer", "LoadBalancers[0].LoadBalancerArn", build=_shape),
    steps=(
        _attributes(_LB_ATTRIBUTES, "ModifyLoadBalancerAttributes", "LoadBalancerArn"),
        change(
            {"subnets"},
            "SetSubnets",
            _ARN,
            build=lambda work: {"Subnets": work.inputs["subnets"]},
            after_create=False,
        ),
        change({"securityGroups"}, "SetSecurityGroups", _ARN, after_create=False),
        change({"ipAddressType"}, "SetIpAddressType", _ARN, after_create=False),
        TAGS,
    ),
    read=(
        Read("DescribeLoadBalancers", {"LoadBalancerArns": ["{id}"]}, "LoadBalancers[0]", settled=_active),
        attributes_reader(_LB_ATTRIBUTES, "DescribeLoadBalancerAttributes", "LoadBalancerArn"),
        READ_TAGS,
    ),
    delete=Delete("DeleteLoadBalancer", _ARN),
    finish=_balancer_suffix,
    name="name",
)

#: The health check: Pulumi's name → the API's member.
_HEALTH: Final = {
    "enabled": "HealthCheckEnabled",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "interval": "HealthCheckIntervalSeconds",
    "timeout": "HealthCheckTimeoutSeconds",
    "healthyThreshold": "HealthyThresholdCount",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}


def _health(work: Work) -> Props:
    check = work.inputs.get("healthCheck") or {}
    matcher = {"Matcher": {"HttpCode": check["matcher"]}} if check.get("matcher") else {}
    return {**{api: check[name] for name, api in _HEALTH.items() if check.get(name) is not None}, **matcher}


def _new_group(work: Work) -> Props:
    return {"Name": work.inputs["name"], **_health(work)}


def _health_back(group: Props) -> Props:
    check = {name: group[api] for name, api in _HEALTH.items() if group.get(api) is not None}
    matcher = group.get("Matcher", {}).get("HttpCode")
    return {**check, **({"matcher": matcher} if matcher else {})}


def _read_group(work: Work) -> Props | None:
    """The check is flat in the API and an object in Pulumi."""
    groups = forgiving(work, "DescribeTargetGroups", TargetGroupArns=[work.id]).get("TargetGroups")
    if not groups:
        return None
    shape = shape_at(work.cloud.model("elbv2", "DescribeTargetGroups").output_shape, "TargetGroups[0]")
    return {**from_api(work.row.props, groups[0], shape), "healthCheck": _health_back(groups[0])}


TARGET_GROUP: Final = Row(
    "aws:lb/targetGroup:TargetGroup",
    "elbv2",
    (
        Prop("name", api="TargetGroupName", replace=True),
        Prop("port", int, replace=True),
        Prop("protocol", replace=True),
        Prop("protocolVersion", replace=True, computed=True),
        Prop("targetType", default="instance", replace=True),
        Prop("vpcId", replace=True),
        Prop("ipAddressType", replace=True, computed=True),
        Prop("healthCheck", dict, computed=True, same=agree),
        Prop("deregistrationDelay", int, default=300),
        Prop("slowStart", int, default=0),
        Prop("loadBalancingAlgorithmType", computed=True),
        Prop("stickiness", dict, computed=True),
        *tags(),
        out("arn", api="TargetGroupArn"),
        out("arnSuffix"),
        out("loadBalancerArns", list),
    ),
    create=Create("CreateTargetGroup", "TargetGroups[0].TargetGroupArn", build=_new_group),
    steps=(
        change({"healthCheck"}, "ModifyTargetGroup", _GROUP, build=_health, after_create=False),
        _attributes(_TG_ATTRIBUTES, "ModifyTargetGroupAttributes", "TargetGroupArn"),
        TAGS,
    ),
    read=(
        _read_group,
        attributes_reader(_TG_ATTRIBUTES, "DescribeTargetGroupAttributes", "TargetGroupArn"),
        READ_TAGS,
    ),
    delete=Delete("DeleteTargetGroup", _GROUP),
    finish=_group_suffix,
    name="name",
)

ROWS: Final = (LOAD_BALANCER, TARGET_GROUP)
