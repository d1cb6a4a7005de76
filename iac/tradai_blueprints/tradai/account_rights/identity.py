"""Who is who: the user pool, roles, and which services they are handed to.

Must never grant a wildcard action on every resource.
"""

from typing import Final

from tradai_iac.rights import ANY, OURS, TO_BE_OURS, right, services

RIGHTS: Final = (
    right("cognito", "cognito-idp", "CreateUserPool DescribeUserPoolDomain", ANY),
    right(
        "cognito",
        "cognito-idp",
        "DeleteUserPool DescribeUserPool UpdateUserPool GetUserPoolMfaConfig SetUserPoolMfaConfig"
        " CreateUserPoolClient DeleteUserPoolClient DescribeUserPoolClient UpdateUserPoolClient"
        " CreateUserPoolDomain DeleteUserPoolDomain UpdateUserPoolDomain CreateResourceServer"
        " DeleteResourceServer DescribeResourceServer UpdateResourceServer ListTagsForResource UntagResource",
        "arn:aws:cognito-idp:{region}:{account}:userpool/*",
        conditions=OURS,
    ),
    right(
        "cognito",
        "cognito-idp",
        "TagResource",
        "arn:aws:cognito-idp:{region}:{account}:userpool/*",
        conditions=TO_BE_OURS,
    ),
    right(
        "iam",
        "iam",
        "CreateRole DeleteRole GetRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy TagRole UntagRole"
        " ListRolePolicies ListAttachedRolePolicies ListInstanceProfilesForRole PutRolePolicy GetRolePolicy"
        " DeleteRolePolicy",
        "arn:aws:iam::{account}:role/{name}",
    ),
    right(
        "iam",
        "iam",
        "CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile AddRoleToInstanceProfile"
        " RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile",
        "arn:aws:iam::{account}:instance-profile/{name}",
    ),
    right(
        "iam",
        "iam",
        "PassRole",
        "arn:aws:iam::{account}:role/{name}",
        conditions=services("iam:PassedToService", "apigateway cloudtrail ec2 ecs-tasks lambda states vpc-flow-logs"),
    ),
    right(
        "apigatewayv2 appautoscaling autoscaling ecs lb rds wafv2",
        "iam",
        "CreateServiceLinkedRole",
        "arn:aws:iam::{account}:role/aws-service-role/*",
        conditions=services(
            "iam:AWSServiceName",
            "ops.apigateway autoscaling ecs ecs.application-autoscaling elasticloadbalancing rds wafv2",
        ),
    ),
)
