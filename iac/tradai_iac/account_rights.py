"""What the role that deploys an environment may do, a row each (001 §9 prerequisites).

A row names the modules of pulumi_aws whose resources need it. Must never grant a wildcard action on every resource,
nor name an account, a region or an environment: `accounts` fills those in.
"""

from dataclasses import dataclass
from typing import Final

#: Condition key → templates of the values, one of which it must equal.
Conditions = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Right:
    """Actions of one AWS service on ARN templates; a bare `*` only where the action knows no resource.

    Templates, those of the conditions too, take the fields of `accounts.values_of`. `unless_protected` drops the
    row where the environment protects its data (002 §10).
    """

    modules: tuple[str, ...]
    service: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions = ()
    unless_protected: bool = False


def _right(
    modules: str,
    service: str,
    actions: str,
    *resources: str,
    conditions: Conditions = (),
    unless_protected: bool = False,
) -> Right:
    return Right(tuple(modules.split()), service, tuple(actions.split()), resources, conditions, unless_protected)


def _services(key: str, names: str) -> Conditions:
    return ((key, tuple(f"{name}.amazonaws.com" for name in names.split())),)


_ANY: Final = "*"
_EC2: Final = "arn:aws:ec2:{region}:{account}:*"
_ELB: Final = "arn:aws:elasticloadbalancing:{region}:{account}:"
_RDS: Final = "arn:aws:rds:{region}:{account}:"
_API: Final = "arn:aws:apigateway:{region}::"
_TAGS: Final = "TagResource UntagResource"
_OURS: Final = (
    ("aws:ResourceTag/Application", ("{application}",)),
    ("aws:ResourceTag/Environment", ("{environment}",)),
)
_TO_BE_OURS: Final = (
    ("aws:RequestTag/Application", ("{application}",)),
    ("aws:RequestTag/Environment", ("{environment}",)),
)
_EC2_CREATES: Final = (
    "CreateVpc CreateSubnet CreateRouteTable CreateInternetGateway CreateNetworkAcl CreateSecurityGroup"
    " CreateVpcEndpoint CreateFlowLogs CreateLaunchTemplate AllocateAddress AuthorizeSecurityGroupIngress"
    " AuthorizeSecurityGroupEgress"
)

_DATA: Final = (
    _right(
        "s3",
        "s3",
        "CreateBucket DeleteBucket ListBucket ListBucketVersions GetBucket* PutBucket* DeleteBucketPolicy"
        f" Get*Configuration Put*Configuration ListTagsForResource {_TAGS}",
        "arn:aws:s3:::{name}",
    ),
    _right("s3", "s3", "GetObject PutObject DeleteObject", "arn:aws:s3:::{state_bucket}/*"),
    _right("s3", "s3", "DeleteObject DeleteObjectVersion", "arn:aws:s3:::{name}/*", unless_protected=True),
    _right(
        "dynamodb",
        "dynamodb",
        "CreateTable DeleteTable UpdateTable DescribeTable DescribeContinuousBackups DescribeTimeToLive"
        f" UpdateContinuousBackups UpdateTimeToLive ListTagsOfResource {_TAGS}",
        "arn:aws:dynamodb:{region}:{account}:table/{name}",
    ),
    _right(
        "ecr",
        "ecr",
        "CreateRepository DeleteRepository DescribeRepositories DescribeImages PutImageScanningConfiguration"
        " PutImageTagMutability PutLifecyclePolicy GetLifecyclePolicy DeleteLifecyclePolicy"
        f" ListTagsForResource {_TAGS}",
        "arn:aws:ecr:{region}:{account}:repository/{path}",
    ),
    _right(
        "codeartifact",
        "codeartifact",
        "CreateDomain DeleteDomain DescribeDomain CreateRepository DeleteRepository DescribeRepository"
        f" UpdateRepository GetRepositoryEndpoint ListTagsForResource {_TAGS}",
        "arn:aws:codeartifact:{region}:{account}:domain/{name}",
        "arn:aws:codeartifact:{region}:{account}:repository/{name}/{name}",
    ),
    _right(
        "rds",
        "rds",
        "CreateDBInstance DeleteDBInstance ModifyDBInstance RebootDBInstance CreateDBSnapshot"
        " CreateDBSubnetGroup ModifyDBSubnetGroup DeleteDBSubnetGroup CreateDBParameterGroup"
        " ModifyDBParameterGroup ResetDBParameterGroup DeleteDBParameterGroup AddTagsToResource"
        " RemoveTagsFromResource ListTagsForResource",
        *(_RDS + kind for kind in ("db:{name}", "subgrp:{name}", "pg:{name}", "snapshot:{name}*")),
    ),
    _right(
        "rds",
        "rds",
        "DescribeDBInstances DescribeDBSubnetGroups DescribeDBParameterGroups DescribeDBParameters",
        _RDS + "*",
    ),
    _right(
        "secretsmanager",
        "secretsmanager",
        "CreateSecret DeleteSecret DescribeSecret GetSecretValue PutSecretValue UpdateSecret"
        f" UpdateSecretVersionStage GetResourcePolicy {_TAGS}",
        "arn:aws:secretsmanager:{region}:{account}:secret:{path}-*",
    ),
    _right(
        "rds secretsmanager",
        "secretsmanager",
        "CreateSecret DescribeSecret RotateSecret CancelRotateSecret TagResource",
        "arn:aws:secretsmanager:{region}:{account}:secret:rds!db-*",
    ),
)

_IDENTITY: Final = (
    _right("cognito", "cognito-idp", "CreateUserPool DescribeUserPoolDomain", _ANY),
    _right(
        "cognito",
        "cognito-idp",
        "DeleteUserPool DescribeUserPool UpdateUserPool GetUserPoolMfaConfig SetUserPoolMfaConfig"
        " CreateUserPoolClient DeleteUserPoolClient DescribeUserPoolClient UpdateUserPoolClient"
        " CreateUserPoolDomain DeleteUserPoolDomain UpdateUserPoolDomain CreateResourceServer"
        " DeleteResourceServer DescribeResourceServer UpdateResourceServer ListTagsForResource UntagResource",
        "arn:aws:cognito-idp:{region}:{account}:userpool/*",
        conditions=_OURS,
    ),
    _right(
        "cognito",
        "cognito-idp",
        "TagResource",
        "arn:aws:cognito-idp:{region}:{account}:userpool/*",
        conditions=_TO_BE_OURS,
    ),
    _right(
        "iam",
        "iam",
        "CreateRole DeleteRole GetRole UpdateRole UpdateAssumeRolePolicy TagRole UntagRole ListRolePolicies"
        " ListAttachedRolePolicies ListInstanceProfilesForRole PutRolePolicy GetRolePolicy DeleteRolePolicy",
        "arn:aws:iam::{account}:role/{name}",
    ),
    _right(
        "iam",
        "iam",
        "CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile AddRoleToInstanceProfile"
        " RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile",
        "arn:aws:iam::{account}:instance-profile/{name}",
    ),
    _right(
        "iam",
        "iam",
        "PassRole",
        "arn:aws:iam::{account}:role/{name}",
        conditions=_services("iam:PassedToService", "apigateway cloudtrail ec2 ecs-tasks lambda vpc-flow-logs"),
    ),
    _right(
        "apigatewayv2 autoscaling ecs lb rds",
        "iam",
        "CreateServiceLinkedRole",
        "arn:aws:iam::{account}:role/aws-service-role/*",
        conditions=_services("iam:AWSServiceName", "ops.apigateway autoscaling ecs elasticloadbalancing rds"),
    ),
)

_NETWORK: Final = (
    _right(
        "ec2 vpc autoscaling",
        "ec2",
        "DescribeVpcs DescribeVpcAttribute DescribeSubnets DescribeRouteTables DescribeInternetGateways"
        " DescribeNetworkAcls DescribeSecurityGroups DescribeSecurityGroupRules DescribeVpcEndpoints"
        " DescribePrefixLists DescribeFlowLogs DescribeLaunchTemplates DescribeLaunchTemplateVersions"
        " DescribeAddresses DescribeAddressesAttribute DescribeImages DescribeInstances DescribeInstanceTypes"
        " DescribeNetworkInterfaces DescribeAvailabilityZones DescribeAccountAttributes DescribeTags",
        _ANY,
    ),
    _right(
        "ec2 vpc",
        "ec2",
        f"{_EC2_CREATES} CreateRoute AttachInternetGateway CreateNetworkAclEntry AssociateRouteTable"
        " ReplaceNetworkAclAssociation DisassociateAddress",
        _EC2,
    ),
    _right(
        "ec2 vpc",
        "ec2",
        "CreateTags",
        _EC2,
        conditions=(("ec2:CreateAction", (*_EC2_CREATES.split(), "RunInstances")),),
    ),
    _right(
        "ec2 vpc",
        "ec2",
        "DeleteVpc ModifyVpcAttribute DeleteSubnet ModifySubnetAttribute DeleteRouteTable DeleteRoute"
        " ReplaceRoute DisassociateRouteTable DeleteInternetGateway DetachInternetGateway DeleteNetworkAcl"
        " DeleteNetworkAclEntry ReplaceNetworkAclEntry DeleteSecurityGroup RevokeSecurityGroupIngress"
        " RevokeSecurityGroupEgress ModifySecurityGroupRules DeleteVpcEndpoints ModifyVpcEndpoint"
        " DeleteFlowLogs DeleteLaunchTemplate CreateLaunchTemplateVersion ModifyLaunchTemplate"
        " ReleaseAddress CreateTags DeleteTags",
        _EC2,
        conditions=_OURS,
    ),
    _right(
        "autoscaling",
        "ec2",
        "RunInstances",
        _EC2,
        "arn:aws:ec2:{region}::image/*",
        "arn:aws:ec2:{region}::snapshot/*",
    ),
    _right(
        "autoscaling",
        "autoscaling",
        "CreateAutoScalingGroup UpdateAutoScalingGroup DeleteAutoScalingGroup PutLifecycleHook"
        " DeleteLifecycleHook StartInstanceRefresh CancelInstanceRefresh CreateOrUpdateTags DeleteTags",
        "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/{name}",
    ),
    _right(
        "autoscaling",
        "autoscaling",
        "DescribeAutoScalingGroups DescribeLifecycleHooks DescribeScalingActivities DescribeTags"
        " DescribeInstanceRefreshes",
        _ANY,
    ),
    _right("ec2", "ssm", "GetParameter GetParameters", "arn:aws:ssm:{region}::parameter/aws/service/*"),
)

_WORK: Final = (
    _right("ecs", "ecs", "CreateCluster", _ANY),
    _right(
        "ecs",
        "ecs",
        f"DeleteCluster DescribeClusters PutClusterCapacityProviders UpdateCluster ListTagsForResource {_TAGS}",
        "arn:aws:ecs:{region}:{account}:cluster/{name}",
    ),
    _right(
        "lambda",
        "lambda",
        "CreateFunction DeleteFunction GetFunction* ListVersionsByFunction UpdateFunctionCode"
        f" UpdateFunctionConfiguration AddPermission RemovePermission GetPolicy ListTags {_TAGS}",
        "arn:aws:lambda:{region}:{account}:function:{name}",
    ),
    _right(
        "lb",
        "elasticloadbalancing",
        "CreateLoadBalancer DeleteLoadBalancer ModifyLoadBalancerAttributes SetSecurityGroups SetSubnets"
        " CreateTargetGroup DeleteTargetGroup ModifyTargetGroup ModifyTargetGroupAttributes CreateListener"
        " DeleteListener ModifyListener ModifyListenerAttributes CreateRule DeleteRule ModifyRule"
        " SetRulePriorities AddTags RemoveTags",
        *(_ELB + kind for kind in ("loadbalancer/app/{name}/*", "targetgroup/{target_group}/*")),
        *(_ELB + kind for kind in ("listener/app/{name}/*", "listener-rule/app/{name}/*")),
    ),
    _right(
        "lb",
        "elasticloadbalancing",
        "DescribeLoadBalancers DescribeLoadBalancerAttributes DescribeTargetGroups DescribeTags"
        " DescribeTargetGroupAttributes DescribeListeners DescribeListenerAttributes DescribeRules"
        " DescribeCapacityReservation",
        _ANY,
    ),
    _right(
        "sqs",
        "sqs",
        "CreateQueue DeleteQueue GetQueueAttributes GetQueueUrl SetQueueAttributes ListQueueTags TagQueue UntagQueue",
        "arn:aws:sqs:{region}:{account}:{fifo}",
    ),
    _right(
        "sns",
        "sns",
        "CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes Subscribe ListSubscriptionsByTopic"
        f" ListTagsForResource {_TAGS}",
        "arn:aws:sns:{region}:{account}:{name}",
    ),
    _right("sns", "sns", "GetSubscriptionAttributes SetSubscriptionAttributes Unsubscribe", _ANY),
    _right(
        "apigatewayv2",
        "apigateway",
        "GET POST PUT PATCH DELETE TagResource UntagResource",
        *(_API + path for path in ("/apis", "/apis/*", "/vpclinks", "/vpclinks/*", "/tags/*")),
    ),
)

_WATCH: Final = (
    _right(
        "cloudwatch",
        "logs",
        f"CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy ListTagsForResource {_TAGS}",
        "arn:aws:logs:{region}:{account}:log-group:{name}",
        "arn:aws:logs:{region}:{account}:log-group:{name}:*",
    ),
    _right("cloudwatch", "logs", "DescribeLogGroups", "arn:aws:logs:{region}:{account}:log-group:*"),
    _right(
        "apigatewayv2 ec2",
        "logs",
        "CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries"
        " PutResourcePolicy DescribeResourcePolicies",
        _ANY,
    ),
    _right(
        "cloudwatch",
        "events",
        f"PutRule DeleteRule DescribeRule PutTargets RemoveTargets ListTargetsByRule ListTagsForResource {_TAGS}",
        "arn:aws:events:{region}:{account}:rule/{name}",
    ),
    _right(
        "cloudwatch",
        "cloudwatch",
        "PutDashboard GetDashboard DeleteDashboards",
        "arn:aws:cloudwatch::{account}:dashboard/{name}",
    ),
    _right(
        "cloudtrail",
        "cloudtrail",
        "CreateTrail DeleteTrail GetTrail GetTrailStatus GetEventSelectors UpdateTrail StartLogging"
        " StopLogging AddTags RemoveTags ListTags",
        "arn:aws:cloudtrail:{region}:{account}:trail/{name}",
    ),
    _right("cloudtrail", "cloudtrail", "DescribeTrails", _ANY),
)

#: Topic → its rights: a managed policy each, because one takes 6144 characters and all of them have more.
RIGHTS: Final = {"data": _DATA, "identity": _IDENTITY, "network": _NETWORK, "work": _WORK, "watch": _WATCH}
