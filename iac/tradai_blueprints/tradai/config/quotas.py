"""AWS's default quotas that an environment touches.

Must never name a resource, nor count one: rows say which types count, and how.
"""

from typing import Final

from tradai_iac.quotas import row

_INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
_OF_VPC: Final = {"within": ("vpcId",)}

#: The tight ones and those that grow with rows of the configuration; AWS has hundreds that are far away.
QUOTAS: Final = (
    row("VPC", "VPCs", "L-F678F1CE", 5, "aws:ec2/vpc:Vpc"),
    row("VPC", "Internet gateways", "L-A4707A72", 5, "aws:ec2/internetGateway:InternetGateway"),
    row("EC2", "Elastic IP addresses", "L-0263D0A3", 5, "aws:ec2/eip:Eip"),
    row(
        "EC2", "vCPUs of On-Demand Standard instances", "L-1216C47A", 5,
        "aws:autoscaling/group:Group", measure="instance-vcpus",
    ),
    row(
        "Fargate", "vCPUs of On-Demand tasks", "L-3032A538", 6,
        "aws:ecs/service:Service", measure="task-vcpus", where=(("launchType", "FARGATE"),),
    ),
    row("API Gateway", "VPC links", "L-608BDCD4", 10, "aws:apigatewayv2/vpcLink:VpcLink"),
    row("API Gateway", "Routes of an API", "L-65B5C802", 300, "aws:apigatewayv2/route:Route", within=("apiId",)),
    row("CodeArtifact", "Domains", None, 10, "aws:codeartifact/domain:Domain"),
    row("CloudTrail", "Trails", None, 5, "aws:cloudtrail/trail:Trail"),
    row("Cloud Map", "Namespaces", None, 50, "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace"),
    row("VPC", "Security groups", "L-E79EC296", 2500, "aws:ec2/securityGroup:SecurityGroup"),
    row(
        "VPC", "Rules of a security group, each direction", "L-0EA8095F", 60,
        _INGRESS, _EGRESS, within=("securityGroupId",),
    ),
    row("VPC", "Subnets of a VPC", "L-407747CB", 200, "aws:ec2/subnet:Subnet", **_OF_VPC),
    row("VPC", "Route tables of a VPC", "L-589F43AA", 200, "aws:ec2/routeTable:RouteTable", **_OF_VPC),
    row("VPC", "Network ACLs of a VPC", "L-B4A6D682", 200, "aws:ec2/networkAcl:NetworkAcl", **_OF_VPC),
    row(
        "VPC", "Rules of a network ACL, each direction", "L-2AEEBF1A", 20,
        "aws:ec2/networkAclRule:NetworkAclRule", within=("networkAclId", "egress"),
    ),
    row("VPC", "Gateway endpoints", "L-1B52E74A", 20, _ENDPOINT, where=(("vpcEndpointType", "Gateway"),)),
    row(
        "VPC", "Interface endpoints of a VPC", "L-29B6F2EB", 50, _ENDPOINT,
        where=(("vpcEndpointType", "Interface"),), within=("vpcId",),
    ),
    row("IAM", "Roles", "L-FE177D64", 1000, "aws:iam/role:Role"),
    row("IAM", "Instance profiles", "L-6E65F664", 1000, "aws:iam/instanceProfile:InstanceProfile"),
    row("Lambda", "Concurrent executions", "L-B99A9384", 1000, "aws:lambda/function:Function", measure="executions"),
    row("ECS", "Services of a cluster", "L-9EF96962", 5000, "aws:ecs/service:Service", within=("cluster",)),
    row("ELB", "Application load balancers", "L-53DA6B97", 50, "aws:lb/loadBalancer:LoadBalancer"),
    row("ELB", "Listeners of a balancer", "L-B6DF7632", 50, "aws:lb/listener:Listener", within=("loadBalancerArn",)),
    row("ELB", "Rules of a balancer", None, 100, "aws:lb/listenerRule:ListenerRule", within=("listenerArn",)),
    row("ELB", "Target groups", "L-B22855CB", 3000, "aws:lb/targetGroup:TargetGroup"),
    row("RDS", "DB instances", "L-7B6409FD", 40, "aws:rds/instance:Instance"),
    row("DynamoDB", "Tables", "L-F98FE922", 2500, "aws:dynamodb/table:Table"),
    row("S3", "Buckets", "L-DC2B2D3D", 10000, "aws:s3/bucket:Bucket"),
    row("ECR", "Repositories", "L-CFEB8E8D", 100000, "aws:ecr/repository:Repository"),
    row("EventBridge", "Rules of a bus", "L-244521F2", 300, "aws:cloudwatch/eventRule:EventRule"),
    row("CloudWatch", "Metric alarms", None, 5000, "aws:cloudwatch/metricAlarm:MetricAlarm"),
)  # fmt: skip
