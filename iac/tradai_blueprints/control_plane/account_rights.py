"""What the role that deploys a control plane may do, a row each.

A row names the modules of pulumi_aws whose resources need it; a topic is a managed policy. Must never grant a wildcard
action on every resource.
"""

from typing import Final

from tradai_iac.rights import ANY, EC2, ELB, KEYS, OURS, RDS, TAGS, right, services

_CREATES: Final = (
    "CreateVpc CreateSubnet CreateRouteTable CreateInternetGateway CreateSecurityGroup AuthorizeSecurityGroupIngress"
    " AuthorizeSecurityGroupEgress"
)

_NETWORK: Final = (
    right(
        "ec2 vpc",
        "ec2",
        "DescribeVpcs DescribeVpcAttribute DescribeSubnets DescribeRouteTables DescribeInternetGateways"
        " DescribeSecurityGroups DescribeSecurityGroupRules DescribeNetworkInterfaces DescribeNetworkAcls"
        " DescribeAvailabilityZones DescribeRegions DescribeAccountAttributes DescribeTags",
        ANY,
    ),
    right("ec2 vpc", "ec2", f"{_CREATES} CreateRoute AttachInternetGateway AssociateRouteTable", EC2),
    right("ec2 vpc", "ec2", "CreateTags", EC2, conditions=(("ec2:CreateAction", tuple(_CREATES.split())),)),
    right(
        "ec2 vpc",
        "ec2",
        "DeleteVpc ModifyVpcAttribute DeleteSubnet ModifySubnetAttribute DeleteRouteTable DeleteRoute ReplaceRoute"
        " ReplaceRouteTableAssociation DisassociateRouteTable DeleteInternetGateway DetachInternetGateway"
        " DeleteSecurityGroup RevokeSecurityGroupIngress RevokeSecurityGroupEgress ModifySecurityGroupRules"
        " CreateTags DeleteTags",
        EC2,
        conditions=OURS,
    ),
    right(
        "lb",
        "elasticloadbalancing",
        "CreateLoadBalancer DeleteLoadBalancer ModifyLoadBalancerAttributes SetSecurityGroups SetSubnets"
        " CreateTargetGroup DeleteTargetGroup ModifyTargetGroup ModifyTargetGroupAttributes CreateListener"
        " DeleteListener ModifyListener ModifyListenerAttributes AddTags RemoveTags",
        *(ELB + kind for kind in ("loadbalancer/net/{name}/*", "targetgroup/{name}/*", "listener/net/{name}/*")),
    ),
    right(
        "lb",
        "elasticloadbalancing",
        "DescribeLoadBalancers DescribeLoadBalancerAttributes DescribeTargetGroups DescribeTags DescribeTargetHealth"
        " DescribeTargetGroupAttributes DescribeListeners DescribeListenerAttributes DescribeCapacityReservation",
        ANY,
    ),
)

_DATA: Final = (
    right(
        "rds",
        "rds",
        "CreateDBInstance DeleteDBInstance ModifyDBInstance RebootDBInstance CreateDBSnapshot CreateDBSubnetGroup"
        " ModifyDBSubnetGroup DeleteDBSubnetGroup CreateDBParameterGroup ModifyDBParameterGroup ResetDBParameterGroup"
        " DeleteDBParameterGroup AddTagsToResource RemoveTagsFromResource ListTagsForResource",
        *(RDS + kind for kind in ("db:{name}", "subgrp:{name}", "pg:{name}", "snapshot:{name}*")),
    ),
    right("rds", "rds", "CreateDBInstance ModifyDBInstance", RDS + "og:default*"),
    right(
        "rds",
        "rds",
        "DescribeDBInstances DescribeDBSubnetGroups DescribeDBParameterGroups DescribeDBParameters",
        RDS + "*",
    ),
    right("rds secretsmanager", "kms", "DescribeKey", KEYS),
    right(
        "secretsmanager",
        "secretsmanager",
        f"CreateSecret DescribeSecret UpdateSecret GetResourcePolicy {TAGS}",
        "arn:aws:secretsmanager:{region}:{account}:secret:{path}-*",
    ),
    # with the authority everybody's way in is gone
    right(
        "secretsmanager",
        "secretsmanager",
        "DeleteSecret",
        "arn:aws:secretsmanager:{region}:{account}:secret:{path}-*",
        unless_protected=True,
    ),
    right(
        "rds secretsmanager",
        "secretsmanager",
        "CreateSecret DescribeSecret RotateSecret CancelRotateSecret TagResource",
        "arn:aws:secretsmanager:{region}:{account}:secret:rds!db-*",
    ),
    right("s3", "s3", "ListBucket GetBucketVersioning", "arn:aws:s3:::{state_bucket}"),
    right("s3", "s3", "GetObject PutObject DeleteObject", "arn:aws:s3:::{state_bucket}/*"),
)

_IDENTITY: Final = (
    right(
        "iam",
        "iam",
        "CreateRole DeleteRole GetRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy TagRole UntagRole"
        " ListRolePolicies ListAttachedRolePolicies ListInstanceProfilesForRole PutRolePolicy GetRolePolicy"
        " DeleteRolePolicy",
        "arn:aws:iam::{account}:role/{name}",
    ),
    right(
        "ecs",
        "iam",
        "PassRole",
        "arn:aws:iam::{account}:role/{name}",
        conditions=services("iam:PassedToService", "ecs-tasks"),
    ),
    right(
        "ecs lb rds",
        "iam",
        "CreateServiceLinkedRole",
        "arn:aws:iam::{account}:role/aws-service-role/*",
        conditions=services("iam:AWSServiceName", "ecs elasticloadbalancing rds"),
    ),
    right("ecs", "servicequotas", "GetServiceQuota", ANY),
)

_WORK: Final = (
    right("ecs", "ecs", "CreateCluster RegisterTaskDefinition DeregisterTaskDefinition DescribeTaskDefinition", ANY),
    right("ecs", "ecs", "ListTaskDefinitions ListTasks", ANY),
    right(
        "ecs",
        "ecs",
        f"DeleteCluster DescribeClusters UpdateCluster PutClusterCapacityProviders ListTagsForResource {TAGS}",
        "arn:aws:ecs:{region}:{account}:cluster/{name}",
    ),
    right(
        "ecs",
        "ecs",
        "CreateService UpdateService DeleteService DescribeServices ListServiceDeployments DescribeServiceDeployments"
        f" ListTagsForResource {TAGS}",
        "arn:aws:ecs:{region}:{account}:service/{name}/{name}",
        "arn:aws:ecs:{region}:{account}:service-deployment/{name}/{name}/*",
        "arn:aws:ecs:{region}:{account}:task-definition/{name}:*",
    ),
    right("ecs", "ecs", "DescribeTasks StopTask", "arn:aws:ecs:{region}:{account}:task/{name}/*"),
    right(
        "cloudwatch",
        "logs",
        f"CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy ListTagsForResource {TAGS}",
        "arn:aws:logs:{region}:{account}:log-group:{name}",
        "arn:aws:logs:{region}:{account}:log-group:{name}:*",
    ),
    right("cloudwatch", "logs", "DescribeLogGroups", ANY),
    right(
        "cloudwatch",
        "cloudwatch",
        f"PutMetricAlarm DeleteAlarms ListTagsForResource {TAGS}",
        "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
    ),
    right("cloudwatch", "cloudwatch", "DescribeAlarms", ANY),
    right(
        "sns",
        "sns",
        "CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes Subscribe ListSubscriptionsByTopic"
        f" ListTagsForResource {TAGS}",
        "arn:aws:sns:{region}:{account}:{name}",
    ),
    right("sns", "sns", "GetSubscriptionAttributes SetSubscriptionAttributes Unsubscribe ListTopics", ANY),
)

#: Topic → its rights.
RIGHTS: Final = {"network": _NETWORK, "data": _DATA, "identity": _IDENTITY, "work": _WORK}
