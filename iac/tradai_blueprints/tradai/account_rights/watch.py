"""What is written down and watched: logs, rules, alarms, dashboards, trails, the web ACL.

Must never grant a wildcard action on every resource.
"""

from typing import Final

from tradai_iac.rights import ANY, TAGS, right

RIGHTS: Final = (
    right(
        "cloudwatch",
        "logs",
        f"CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy ListTagsForResource {TAGS}",
        "arn:aws:logs:{region}:{account}:log-group:{log_group}",
        "arn:aws:logs:{region}:{account}:log-group:{log_group}:*",
    ),
    right("cloudwatch", "logs", "DescribeLogGroups", "arn:aws:logs:{region}:{account}:log-group:*"),
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
        f"PutMetricAlarm PutCompositeAlarm DeleteAlarms ListTagsForResource {TAGS}",
        "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
    ),
    right("cloudwatch", "cloudwatch", "DescribeAlarms", ANY),
    right(
        "wafv2",
        "wafv2",
        "CreateWebACL UpdateWebACL DeleteWebACL GetWebACL AssociateWebACL DisassociateWebACL PutLoggingConfiguration"
        f" GetLoggingConfiguration DeleteLoggingConfiguration ListTagsForResource {TAGS}",
        "arn:aws:wafv2:{region}:{account}:regional/webacl/{name}/*",
        "arn:aws:wafv2:{region}:{account}:regional/managedruleset/*/*",
    ),
    right(
        "wafv2",
        "elasticloadbalancing",
        "SetWebACL",
        "arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/*",
    ),
    right("wafv2", "wafv2", "GetWebACLForResource", "arn:aws:wafv2:{region}:{account}:regional/webacl/{name}/*"),
    right(
        "cloudtrail",
        "cloudtrail",
        "CreateTrail DeleteTrail GetTrail GetTrailStatus GetEventSelectors UpdateTrail StartLogging"
        " StopLogging AddTags RemoveTags ListTags",
        "arn:aws:cloudtrail:{region}:{account}:trail/{name}",
    ),
    right("cloudtrail", "cloudtrail", "DescribeTrails", ANY),
)
