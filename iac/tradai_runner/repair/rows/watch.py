"""What watches, scales and guards: rules, alarms, dashboards, subscriptions, scaling, web ACLs at their places.

Each stands by itself: nothing takes it along when it goes, so that a destroy takes away only what the state has of it.
Of one name there is one, and a second creation changes it; AWS then leaves its tags as they are, so that it may have
none. The calls are those by which the engine's provider reads them: whoever may make one may look for it.
Data. Must never find a resource by anything that another could share.
"""

from typing import Final

from tradai_runner.repair.find import Find, Tags

_BY_ARN: Final = Tags("list_tags_for_resource", {"ResourceARN": "$arn"}, "Tags")
_SCALED: Final = {"ServiceNamespace": "$serviceNamespace", "ScalableDimension": "$scalableDimension"}
_BUS: Final = {"EventBusName": "$eventBusName"}
_RULE: Final = "'$rule'"


def _on_bus(separator: str, *parts: str) -> str:
    """An id whose first part is the bus, unless that is the account's own; JMESPath."""
    own, bus = ", ".join(parts), "'$eventBusName'"
    return f"{bus}=='default' && join('{separator}', [{own}]) || join('{separator}', [{bus}, {own}])"


ROWS: Final = (
    Find(
        "aws:cloudwatch/eventRule:EventRule",
        "events",
        "describe_rule",
        {"Name": "$name", **_BUS},
        f"[@][?Name].{{id: {_on_bus('/', 'Name')}, arn: Arn}}",
        _BY_ARN,
        tagged_later=True,
    ),
    Find(
        "aws:cloudwatch/eventTarget:EventTarget",
        "events",
        "list_targets_by_rule",
        {"Rule": "$rule", **_BUS},
        f"Targets[?Id=='$targetId'].{{id: {_on_bus('-', _RULE, 'Id')}}}",
    ),
    Find(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "cloudwatch",
        "describe_alarms",
        {"AlarmNames": ["$name"], "AlarmTypes": ["MetricAlarm"]},
        "MetricAlarms[].{id: AlarmName, arn: AlarmArn}",
        _BY_ARN,
        tagged_later=True,
    ),
    Find(
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        "cloudwatch",
        "describe_alarms",
        {"AlarmNames": ["$alarmName"], "AlarmTypes": ["CompositeAlarm"]},
        "CompositeAlarms[].{id: AlarmName, arn: AlarmArn}",
        _BY_ARN,
        tagged_later=True,
    ),
    Find(
        "aws:cloudwatch/dashboard:Dashboard",
        "cloudwatch",
        "get_dashboard",
        {"DashboardName": "$dashboardName"},
        "[@][?DashboardName].{id: DashboardName}",
    ),
    Find(
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        "logs",
        "describe_resource_policies",
        {},
        "resourcePolicies[?policyName=='$policyName'].{id: policyName}",
    ),
    Find(
        "aws:appautoscaling/target:Target",
        "application-autoscaling",
        "describe_scalable_targets",
        {**_SCALED, "ResourceIds": ["$resourceId"]},
        "ScalableTargets[].{id: ResourceId, arn: ScalableTargetARN}",
        _BY_ARN,
        tagged_later=True,
    ),
    Find(
        "aws:appautoscaling/policy:Policy",
        "application-autoscaling",
        "describe_scaling_policies",
        {**_SCALED, "ResourceId": "$resourceId", "PolicyNames": ["$name"]},
        "ScalingPolicies[].{id: PolicyName, arn: PolicyARN}",
    ),
    Find(  # until it is confirmed AWS has a word in place of its id, and takes nobody's order to delete it
        "aws:sns/topicSubscription:TopicSubscription",
        "sns",
        "list_subscriptions_by_topic",
        {"TopicArn": "$topic"},
        "Subscriptions[?Protocol=='$protocol' && Endpoint=='$endpoint' && contains(SubscriptionArn, ':')]"
        ".{id: SubscriptionArn, arn: SubscriptionArn}",
        own_ids=True,
    ),
    Find(
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        "wafv2",
        "get_web_acl_for_resource",
        {"ResourceArn": "$resourceArn"},
        "[WebACL][?ARN=='$webAclArn'].{id: join(',', [ARN, '$resourceArn'])}",
    ),
    Find(
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        "wafv2",
        "get_logging_configuration",
        {"ResourceArn": "$resourceArn"},
        "[LoggingConfiguration][?ResourceArn].{id: ResourceArn}",
    ),
)
