"""The network, and the instances in it.

Must never grant a wildcard action on every resource.
"""

from typing import Final

from tradai_iac.rights import ANY, EC2, OURS, right

_EC2_CREATES: Final = (
    "CreateVpc CreateSubnet CreateRouteTable CreateInternetGateway CreateNetworkAcl CreateSecurityGroup"
    " CreateVpcEndpoint CreateFlowLogs CreateLaunchTemplate AllocateAddress AuthorizeSecurityGroupIngress"
    " AuthorizeSecurityGroupEgress"
)

RIGHTS: Final = (
    right(
        "ec2 vpc autoscaling",
        "ec2",
        "DescribeVpcs DescribeVpcAttribute DescribeSubnets DescribeRouteTables DescribeInternetGateways"
        " DescribeNetworkAcls DescribeSecurityGroups DescribeSecurityGroupRules DescribeVpcEndpoints"
        " DescribePrefixLists DescribeFlowLogs DescribeLaunchTemplates DescribeLaunchTemplateVersions"
        " DescribeAddresses DescribeAddressesAttribute DescribeImages DescribeInstances DescribeInstanceTypes"
        " DescribeNetworkInterfaces DescribeAvailabilityZones DescribeRegions DescribeAccountAttributes DescribeTags",
        ANY,
    ),
    right(
        "ec2 vpc",
        "ec2",
        f"{_EC2_CREATES} CreateRoute AttachInternetGateway CreateNetworkAclEntry AssociateRouteTable"
        " ReplaceRouteTableAssociation ReplaceNetworkAclAssociation DisassociateAddress",
        EC2,
    ),
    right(
        "ec2 vpc",
        "ec2",
        "CreateTags",
        EC2,
        conditions=(("ec2:CreateAction", (*_EC2_CREATES.split(), "RunInstances")),),
    ),
    right(
        "ec2 vpc",
        "ec2",
        "DeleteVpc ModifyVpcAttribute DeleteSubnet ModifySubnetAttribute DeleteRouteTable DeleteRoute"
        " ReplaceRoute DisassociateRouteTable DeleteInternetGateway DetachInternetGateway DeleteNetworkAcl"
        " DeleteNetworkAclEntry ReplaceNetworkAclEntry DeleteSecurityGroup RevokeSecurityGroupIngress"
        " RevokeSecurityGroupEgress ModifySecurityGroupRules DeleteVpcEndpoints ModifyVpcEndpoint"
        " DeleteFlowLogs DeleteLaunchTemplate CreateLaunchTemplateVersion ModifyLaunchTemplate"
        " ReleaseAddress CreateTags DeleteTags",
        EC2,
        conditions=OURS,
    ),
    # Lambda's interfaces, which bear no tag of ours, stay in a group or subnet that goes
    right("ec2", "ec2", "DetachNetworkInterface DeleteNetworkInterface", EC2),
    right(
        "autoscaling",
        "ec2",
        "RunInstances",
        EC2,
        "arn:aws:ec2:{region}::image/*",
        "arn:aws:ec2:{region}::snapshot/*",
    ),
    right(
        "autoscaling",
        "autoscaling",
        "CreateAutoScalingGroup UpdateAutoScalingGroup DeleteAutoScalingGroup PutLifecycleHook"
        " DeleteLifecycleHook StartInstanceRefresh CancelInstanceRefresh CreateOrUpdateTags DeleteTags"
        " AttachLoadBalancerTargetGroups DetachLoadBalancerTargetGroups",
        "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/{name}",
    ),
    right(
        "autoscaling",
        "autoscaling",
        "DescribeAutoScalingGroups DescribeLifecycleHooks DescribeScalingActivities DescribeTags"
        " DescribeInstanceRefreshes DescribeLoadBalancerTargetGroups",
        ANY,
    ),
    # whoever waits for a group's capacity looks at its targets as well
    right("autoscaling", "elasticloadbalancing", "DescribeTargetHealth", ANY),
    right(
        "ec2",
        "ssm",
        "GetParameter GetParameters",
        "arn:aws:ssm:{region}::parameter/aws/service/*",
        "arn:aws:ssm:{region}:{account}:parameter/{application}/*",
    ),
)
