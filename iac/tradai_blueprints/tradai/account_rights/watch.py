"""What is written down and watched: logs, rules, alarms, dashboards, trails, the web ACL.

Must never grant a wildcard action on every resource.
"""

from typing import Final

from tradai_iac.rights import ANY, ELB, TAGS, right

RIGHTS: Final = (
    right(
        "cloudwatch",
        "logs",
        f"CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy ListTagsForResource {TAGS}",
        "arn:aws:logs:{region}:{account}:log-group:{log_group}",
        "arn:aws:logs:{region}:{account}:log-group:{log_group}:*",
    ),
    right("cloudwatch", "logs", "DescribeLogGroups", ANY),
    right(
        "apigatewayv2 ec2 sfn wafv2",
        "logs",
        "CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries"
        " PutResourcePolicy DescribeResourcePolicies",
        ANY,
    ),
    right(
        "cloudwatch",
        "events",
        f"PutRule DeleteRule DescribeRule PutTargets RemoveTargets ListTargetsByRule ListTagsForResource {TAGS}",
        "arn:aws:events:{region}:{account}:rule/{name}",
    ),
    right(
        "cloudwatch",
        "cloudwatch",
        "PutDashboard GetDashboard DeleteDashboards",
        "arn:aws:cloudwatch::{account}:dashboard/{name}",
    ),
    right(
        "cloudwatch",
        "cloudwatch",
        f"PutMetricAlarm DeleteAlarms ListTagsForResource {TAGS}",
        "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
    ),
    # AWS takes no narrower scope for it, although its reference names one
    right("cloudwatch", "cloudwatch", "DescribeAlarms PutCompositeAlarm", ANY),
    right(
        "wafv2",
        "wafv2",
        "CreateWebACL UpdateWebACL DeleteWebACL GetWebACL PutLoggingConfiguration"
        f" GetLoggingConfiguration DeleteLoggingConfiguration ListTagsForResource {TAGS}",
        "arn:aws:wafv2:{region}:{account}:regional/webacl/{name}/*",
        "arn:aws:wafv2:{region}:{account}:regional/managedruleset/*/*",
    ),
    # an association is of both: the web ACL, and the balancer that it stands before
    right(
        "wafv2",
        "wafv2",
        "AssociateWebACL DisassociateWebACL GetWebACLForResource",
        "arn:aws:wafv2:{region}:{account}:regional/webacl/{name}/*",
        ELB + "loadbalancer/app/{name}/*",
    ),
    right(
        "wafv2",
        "elasticloadbalancing",
        "CreateWebACLAssociation DeleteWebACLAssociation GetLoadBalancerWebACL",
        ELB + "loadbalancer/app/{name}/*",
    ),
    # what it is called depends on the page of AWS's; no page of the reference names a resource for it
    right("wafv2", "elasticloadbalancing", "SetWebACL", ANY),
    right(
        "cloudtrail",
        "cloudtrail",
        "CreateTrail DeleteTrail GetTrail GetTrailStatus GetEventSelectors UpdateTrail StartLogging"
        " StopLogging AddTags RemoveTags ListTags",
        "arn:aws:cloudtrail:{region}:{account}:trail/{name}",
    ),
    right("cloudtrail", "cloudtrail", "DescribeTrails", ANY),
)
