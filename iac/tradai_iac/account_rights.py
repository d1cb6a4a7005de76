"""What the role that deploys an environment may do, a row each (001 §9 prerequisites).

A row names the modules of pulumi_aws whose resources need it. Must never grant a wildcard action on every resource,
nor name an account, a region or an environment: `accounts` fills those in.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Right:
    """Actions of one AWS service on ARN templates; a bare `*` only where the action knows no resource.

    Templates take {account}, {region}, and every name of the environment: {name}, {path}, {fifo}, {target_group}.
    `tagged` asks for the environment's own tags on the resource; `passed_to` and `linked` bound roles to
    services; `unless_protected` drops the row where the environment protects its data (002 §10).
    """

    modules: tuple[str, ...]
    service: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    tagged: bool = False
    unless_protected: bool = False
    passed_to: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()


def _right(modules: str, service: str, actions: str, *resources: str, **more: bool) -> Right:
    return Right(tuple(modules.split()), service, tuple(actions.split()), resources, **more)


_ANY: Final = "*"
_EC2: Final = "arn:aws:ec2:{region}:{account}:*"
_ELB: Final = "arn:aws:elasticloadbalancing:{region}:{account}:"
_RDS: Final = "arn:aws:rds:{region}:{account}:"
_API: Final = "arn:aws:apigateway:{region}::"
_TAGS: Final = "TagResource UntagResource"

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
        tagged=True,
    ),
    _right("cognito", "cognito-idp", "TagResource", "arn:aws:cognito-idp:{region}:{account}:userpool/*"),
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
    Right(
        ("iam",),
        "iam",
        ("PassRole",),
        ("arn:aws:iam::{account}:role/{name}",),
        passed_to=("apigateway", "cloudtrail", "ec2", "ecs-tasks", "lambda", "vpc-flow-logs"),
    ),
    Right(
        ("apigatewayv2", "autoscaling", "ecs", "lb", "rds"),
        "iam",
        ("CreateServiceLinkedRole",),
        ("arn:aws:iam::{account}:role/aws-service-role/*",),
        linked=("ops.apigateway", "autoscaling", "ecs", "elasticloadbalancing", "rds"),
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
        " DescribeNetworkInterfaces DescribeAvailabilityZones DescribeTags",
        _ANY,
    ),
    _right(
        "ec2 vpc",
        "ec2",
        "CreateVpc CreateSubnet CreateRouteTable CreateRoute CreateInternetGateway AttachInternetGateway"
        " CreateNetworkAcl CreateNetworkAclEntry ReplaceNetworkAclAssociation CreateSecurityGroup"
        " AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress CreateVpcEndpoint CreateFlowLogs"
        " CreateLaunchTemplate AllocateAddress AssociateRouteTable CreateTags",
        _EC2,
    ),
    _right(
        "ec2 vpc",
        "ec2",
        "DeleteVpc ModifyVpcAttribute DeleteSubnet ModifySubnetAttribute DeleteRouteTable DeleteRoute"
        " ReplaceRoute DisassociateRouteTable DeleteInternetGateway DetachInternetGateway DeleteNetworkAcl"
        " DeleteNetworkAclEntry ReplaceNetworkAclEntry DeleteSecurityGroup RevokeSecurityGroupIngress"
        " RevokeSecurityGroupEgress ModifySecurityGroupRules DeleteVpcEndpoints ModifyVpcEndpoint"
        " DeleteFlowLogs DeleteLaunchTemplate CreateLaunchTemplateVersion ModifyLaunchTemplate"
        " ReleaseAddress DeleteTags",
        _EC2,
        tagged=True,
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
        " DeleteLifecycleHook CreateOrUpdateTags DeleteTags",
        "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/{name}",
    ),
    _right(
        "autoscaling",
        "autoscaling",
        "DescribeAutoScalingGroups DescribeLifecycleHooks DescribeScalingActivities DescribeTags",
        _ANY,
    ),
    _right("ec2", "ssm", "GetParameter", "arn:aws:ssm:{region}::parameter/aws/service/*"),
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

RIGHTS: Final = _DATA + _IDENTITY + _NETWORK + _WORK + _WATCH

#: What the role may never do, whatever the rows above say: widen itself, or lose the state.
SELF_ACTIONS: Final = (
    "iam:AttachRolePolicy",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
)
STATE_ACTIONS: Final = ("s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObjectVersion", "s3:PutBucketVersioning")

#: What the key of the state's secrets provider is used for.
KEY_ACTIONS: Final = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey")
